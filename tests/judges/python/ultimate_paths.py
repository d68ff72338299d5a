"""ultimate-notion against a simulator: its own objects for pages, schemas, queries and blocks."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys

import notion_client
import ultimate_notion as uno

STEPS: list[str] = []


def done(step: str) -> None:
    STEPS.append(step)


class Task(uno.Schema, db_title="Tasks of ultimate-notion"):
    """A table with a property of each common type."""

    name = uno.PropType.Title("Name")
    state = uno.PropType.Select("State", options=[uno.Option("open"), uno.Option("done")])
    points = uno.PropType.Number("Points")
    due = uno.PropType.Date("Due")
    notes = uno.PropType.Text("Notes")
    flag = uno.PropType.Checkbox("Flag")


def people(session: uno.Session) -> None:
    me = session.whoami()
    assert me.is_bot
    assert any(user.name == "Ada Lovelace" for user in session.all_users())
    done("users")


def search(session: uno.Session) -> uno.Page:
    home = session.search_page("Company Home").item()
    assert home.title == "Company Home"
    assert "Active Projects" in [ds.title for ds in session.search_ds()]
    done("search")
    return home


def demo(session: uno.Session) -> None:
    """Every page and row of the demo becomes ultimate-notion's objects, and Markdown."""
    pages = session.search_page()
    beyond = []  # it reads no page with a database of several data sources
    for page in pages:
        assert page.created_by is not None
        try:
            assert isinstance(page.to_markdown(), str)
        except uno.errors.MultipleItemsError:
            beyond.append(page.title)
    assert beyond == ["Engineering"], beyond
    done(f"{len(pages)} pages")
    sources = list(session.search_ds())
    rows = 0
    for source in sources:
        for row in source.get_all_pages():
            rows += 1
            for name in source.schema.to_dict():
                row.props[name]
    done(f"{len(sources)} data sources, {rows} rows")


def table(session: uno.Session, home: uno.Page) -> None:
    tasks = session.create_ds(parent=home, schema=Task)
    for index, state in enumerate(("open", "done", "open")):
        tasks.create_page(
            name=f"Task {index}",
            state=state,
            points=index,
            due=dt.date(2026, 6, index + 1),
            notes="some *text*",
            flag=index == 1,
        )
    done("create")
    wanted = {
        "select": (uno.prop("State") == "open", {0, 2}),
        "number": (uno.prop("Points") >= 1, {1, 2}),
        "date": (uno.prop("Due") < "2026-06-02", {0}),
        "title": (uno.prop("Name").ends_with("2"), {2}),
        "both": ((uno.prop("State") == "open") & (uno.prop("Points") > 0), {2}),
        "either": ((uno.prop("Flag") == True) | (uno.prop("Points") == 0), {0, 1}),  # noqa: E712
    }
    for kind, (condition, numbers) in wanted.items():
        found = {int(page.props["Points"]) for page in tasks.query.filter(condition).execute()}
        assert found == numbers, (kind, found)
    last = tasks.query.sort(uno.prop("Points").desc()).execute()[0]
    assert last.title == "Task 2"
    done("query")
    last.props["State"] = "done"
    last.title = "Task two"
    last.reload()
    assert (last.title, last.props["State"].name) == ("Task two", "done")
    done("update")
    last.delete()
    assert last.is_deleted
    last.restore()
    assert not last.is_deleted
    done("trash")


def page(session: uno.Session, home: uno.Page) -> None:
    made = session.create_page(parent=home, title="A page of ultimate-notion")
    made.append(
        [
            uno.Heading1("Head"),
            uno.Paragraph(uno.text("plain ") + uno.text("bold", bold=True)),
            uno.ToDoItem("to do", checked=True),
            uno.Code("print(1)", language=uno.CodeLang.PYTHON),
            uno.Callout("look", icon=uno.Emoji("💡")),
            uno.Divider(),
        ]
    )
    table = uno.Table(2, 2, header_row=True)
    table[0, 0] = "a"
    table[1, 1] = "d"
    made.append(table)
    columns = uno.Columns(2)
    made.append(columns)
    columns[0].append(uno.Paragraph("left"))
    made.append(uno.ToggleItem("closed"))
    made.children[-1].append(uno.BulletedItem("inside"))
    made.reload()
    kinds = [type(block).__name__ for block in made.children]
    assert kinds == [
        "Heading1", "Paragraph", "ToDoItem", "Code", "Callout", "Divider", "Table", "Columns",
        "ToggleItem",
    ], kinds  # fmt: skip
    text = made.to_markdown()
    for words in ("# Head", "**bold**", "[x] to do", "print(1)", "left"):
        assert words in text, words
    assert "inside" in made.children[-1].children[0].to_markdown()
    done("append")
    made.children[1].delete()
    made.children[1].replace(uno.Paragraph("instead"))
    made.reload()
    assert "instead" in made.to_markdown()
    made.icon = uno.Emoji("🐘")
    done("edit blocks")
    sub = session.create_page(parent=made, title="Below")
    made.reload()
    assert [one.title for one in made.subpages] == ["Below"]
    sub.delete()
    made.delete()
    done("sub-pages")


def main() -> None:
    """Walk the main paths; print the steps."""
    options = {"auth": os.environ["NOTION_TOKEN"], "base_url": os.environ["NOTION_URL"]}
    client = notion_client.Client(notion_version="2026-03-11", **options)
    with uno.Session(client=client) as session:
        people(session)
        home = search(session)
        demo(session)
        table(session, home)
        page(session, home)
    sys.stdout.write(json.dumps(STEPS))


main()
