"""Pages and rows: created, read, changed, trashed, moved."""

from __future__ import annotations

import pytest

from notionfs.simulator import Simulator

from .conftest import Api


def title(text: str) -> dict[str, object]:
    return {"title": {"title": [{"text": {"content": text}}]}}


async def test_a_page_needs_no_title_and_has_the_documented_keys(sim: Simulator, api: Api) -> None:
    """A page object has exactly the keys real ones have."""
    root = sim.add_page("Root")
    page = await api.ok("POST", "pages", {"parent": {"page_id": root}})
    assert page["properties"] == {"title": {"id": "title", "type": "title", "title": []}}
    assert set(page) == {
        "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by", "cover",
        "icon", "parent", "in_trash", "is_archived", "is_locked", "properties", "url", "public_url",
        "request_id",
    }  # fmt: skip
    assert page["created_time"] == "2026-06-09T10:13:00.000Z"


async def test_a_first_heading_becomes_the_title_of_a_page_without_one(
    sim: Simulator, api: Api
) -> None:
    """The heading leaves the body; a title that was sent stays."""
    root = sim.add_page("Root")
    body = {"parent": {"page_id": root}, "markdown": "# Plan\n\nText", "markdown_version": "v2"}
    page = await api.ok("POST", "pages", body)
    assert sim.title(page["id"]) == "Plan"
    assert sim.markdown(page["id"]) == "Text"
    titled = await api.ok("POST", "pages", {**body, "properties": title("Mine")})
    assert sim.title(titled["id"]) == "Mine"
    assert sim.markdown(titled["id"]) == "# Plan\n\nText"


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ({"markdown": "x", "children": []}, "only one of"),
        ({"markdown_version": "v2"}, "requires body.markdown"),
        ({"markdown": "x", "markdown_version": "v3"}, "markdown_version"),
        ({"surprise": 1}, "body.surprise should be not present"),
        ({"properties": {"Nope": {"number": 1}}}, "Nope is not a property that exists."),
        ({"properties": {"title": {"number": 1}}}, "title is expected to be title."),
        ({"icon": {"type": "emoji", "emoji": "x"}}, "emoji"),
        ({"parent": {"page_id": "nonsense"}}, "valid uuid"),
        ({"parent": {"block_id": "nonsense"}}, "Fix one"),
        ({"children": [{"nonsense": {}}]}, "body.children[0]"),
        ({"position": {"type": "sideways"}}, "position"),
    ],
)
async def test_a_bad_creation_is_refused_and_creates_nothing(
    sim: Simulator, api: Api, extra: dict[str, object], complaint: str
) -> None:
    """A validation error names the place, and the workspace is as it was."""
    root = sim.add_page("Root")
    body = {"parent": {"page_id": root}, **extra}
    assert complaint in await api.refused("POST", "pages", body)
    assert sim.titles() == ["Root"]
    assert sim.markdown(root) == ""


async def test_a_page_under_an_unknown_parent_is_not_found(api: Api) -> None:
    """The message names the id and the connection, as the real one does."""
    body = {"parent": {"page_id": "00000000-0000-4000-8000-0000000000aa"}}
    message = await api.refused("POST", "pages", body, status=404)
    assert "Could not find page with ID: 00000000-0000-4000-8000-0000000000aa" in message


async def test_ids_are_taken_with_and_without_dashes_and_in_capitals(
    sim: Simulator, api: Api
) -> None:
    """Every spelling of an id names the same page."""
    page_id = sim.add_page("Page")
    for spelling in (page_id, page_id.replace("-", ""), page_id.upper()):
        assert (await api.ok("GET", f"pages/{spelling}"))["id"] == page_id


async def test_a_sub_page_stands_where_it_was_asked_to(sim: Simulator, api: Api) -> None:
    """Positions: at the start, behind a block, at the end."""
    root = sim.add_page("Root", markdown="one\n\ntwo")
    first = sim.children(root)[0]["id"]
    after = {"type": "after_block", "after_block": {"id": first}}
    for name, position in (("A", {"type": "page_start"}), ("B", after), ("C", None)):
        body = {"parent": {"page_id": root}, "properties": title(name)}
        await api.ok("POST", "pages", body | ({"position": position} if position else {}))
    kinds = [block["type"] for block in sim.children(root)]
    assert kinds == ["child_page", "paragraph", "child_page", "paragraph", "child_page"]


async def test_trash_takes_the_block_away_and_restore_puts_it_back(
    sim: Simulator, api: Api
) -> None:
    """A trashed page still answers, its block is gone; restored it stands where it stood."""
    root = sim.add_page("Root", markdown="before")
    child = sim.add_page("Child", parent=root)
    sim.append_markdown(root, "after")
    whole = sim.markdown(root)

    await api.ok("PATCH", f"pages/{child}", {"in_trash": True})
    assert "Child" not in sim.markdown(root)
    assert (await api.ok("GET", f"pages/{child}"))["in_trash"] is True
    assert "unarchive" in await api.refused("PATCH", f"pages/{child}", {"properties": title("X")})

    await api.ok("PATCH", f"pages/{child}", {"in_trash": False})
    assert sim.markdown(root) == whole


async def test_a_page_below_a_trashed_page_is_in_the_trash(sim: Simulator, api: Api) -> None:
    """Trash reaches down, and the search leaves all of it out."""
    root = sim.add_page("Root")
    child = sim.add_page("Child", parent=root)
    grandchild = sim.add_page("Grandchild", parent=child)
    await api.ok("DELETE", f"blocks/{child}")
    assert (await api.ok("GET", f"pages/{grandchild}"))["in_trash"] is True
    found = await api.ok("POST", "search", {})
    assert [page["id"] for page in found["results"]] == [root]
    trashed = await api.ok("POST", "search", {"filter": {"in_trash": True}})
    assert {page["id"] for page in trashed["results"]} == {child, grandchild}


async def test_top_level_pages_cannot_be_trashed_by_the_api(sim: Simulator, api: Api) -> None:
    """Only people can."""
    root = sim.add_page("Root")
    message = await api.refused("PATCH", f"pages/{root}", {"in_trash": True})
    assert "workspace level pages" in message
    sim.trash(root)
    assert sim.titles() == []


async def test_moving_a_page_takes_its_block_along(sim: Simulator, api: Api) -> None:
    """The id stays, the parent changes, no page stands in two places."""
    left, right = sim.add_page("Left"), sim.add_page("Right")
    page = sim.add_page("Page", parent=left, markdown="text")
    await api.ok("POST", f"pages/{page}/move", {"parent": {"page_id": right}})
    assert sim.page(page)["parent"] == {"type": "page_id", "page_id": right}
    assert sim.markdown(left) == ""
    assert page.replace("-", "") in sim.markdown(right)
    assert sim.markdown(page) == "text"


async def test_a_page_cannot_be_moved_into_itself(sim: Simulator, api: Api) -> None:
    """Nor below itself, nor to the top of the workspace."""
    page = sim.add_page("Page")
    child = sim.add_page("Child", parent=page)
    for parent in ({"page_id": page}, {"page_id": child}, {"workspace": True}):
        await api.refused("POST", f"pages/{page}/move", {"parent": parent})


async def test_moving_into_a_table_keeps_values_that_fit(sim: Simulator, api: Api) -> None:
    """Same name and type stay; options belong to their table and do not."""
    schema = {"Count": "number", "Kind": {"select": ["a"]}, "Only": "rich_text"}
    _, (one,) = sim.add_database("One", sources={"One": schema})
    _, (two,) = sim.add_database(
        "Two", sources={"Two": {"Count": "number", "Kind": {"select": ["a"]}}}
    )
    row = sim.add_page("Row", parent=one, properties={"Count": 3, "Kind": "a", "Only": "x"})
    moved = await api.ok("POST", f"pages/{row}/move", {"parent": {"data_source_id": two}})
    assert moved["properties"]["Count"]["number"] == 3
    assert moved["properties"]["Kind"]["select"] is None
    assert sim.title(row) == "Row"
    assert [
        r["id"] for r in (await api.ok("POST", f"data_sources/{one}/query", {}))["results"]
    ] == []


async def test_filter_properties_shortens_a_page(sim: Simulator, api: Api) -> None:
    """By id or by name, repeated or with brackets; an unknown one is refused."""
    _, (source,) = sim.add_database("T", sources={"T": {"A": "number", "B": "number"}})
    row = sim.add_page("Row", parent=source)
    a_id = sim.data_source(source)["properties"]["A"]["id"]
    for query in (f"filter_properties={a_id}", "filter_properties[]=A", "filter_properties=A"):
        page = await api.ok("GET", f"pages/{row}?{query}")
        assert list(page["properties"]) == ["A"]
    await api.refused("GET", f"pages/{row}?filter_properties=Nope")


async def test_erasing_content_empties_a_page(sim: Simulator, api: Api) -> None:
    """The page stays, its blocks go."""
    page = sim.add_page("Page", markdown="text")
    await api.ok("PATCH", f"pages/{page}", {"erase_content": True})
    assert sim.markdown(page) == ""


async def test_icons_come_in_all_forms(sim: Simulator, api: Api) -> None:
    """Emoji, native (also by its address), custom emoji, external file, upload, and none."""
    page = sim.add_page("Page")
    emoji = sim.add_emoji("acme", "https://example.com/acme.png")
    native = {"type": "icon", "icon": {"name": "pizza", "color": "red"}}
    address = "https://www.notion.so/icons/pizza_red.svg"
    wanted = [
        ({"emoji": "🚀"}, {"type": "emoji", "emoji": "🚀"}),
        (native, native),
        ({"external": {"url": address}}, native),
        ({"type": "custom_emoji", "custom_emoji": {"id": emoji}}, None),
        (None, None),
    ]
    for icon, shown in wanted:
        page_object = await api.ok("PATCH", f"pages/{page}", {"icon": icon})
        if icon is None or shown is not None:
            assert page_object["icon"] == shown
        else:
            assert page_object["icon"]["custom_emoji"]["name"] == "acme"


async def test_a_template_fills_the_page_after_the_answer(sim: Simulator, api: Api) -> None:
    """The page comes back blank; its content arrives later and nothing tells when."""
    _, (source,) = sim.add_database("Bugs", sources={"Bugs": {}})
    sim.add_template(source, "Bug", "## Steps\n\n1. one", default=True)
    listed = await api.ok("GET", f"data_sources/{source}/templates")
    assert [(one["name"], one["is_default"]) for one in listed["templates"]] == [("Bug", True)]
    body = {"parent": {"data_source_id": source}, "template": {"type": "default"}}
    row = await api.ok("POST", "pages", body)
    assert sim.markdown(row["id"]) == ""
    sim.advance(10)
    await api.ok("GET", f"pages/{row['id']}")
    assert sim.markdown(row["id"]) == "## Steps\n\n1. one"
