"""Links between page files: they follow names, and are mentions in Notion whatever they say."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from tests.desk import Desk

WIKI = "acme/wiki.md"
NOTES = "acme/wiki/design-notes.md"
ROADMAP = "acme/wiki/roadmap.md"


def mention(page_id: str | None, label: str) -> str:
    """As Notion writes it."""
    url = f"https://app.notion.com/p/{str(page_id).replace('-', '')}"
    return f'<mention url="{url}">{label}</mention>'


async def linked(desk: Desk) -> None:
    """The wiki and the notes mention the roadmap."""
    roadmap = desk.page_id(ROADMAP)
    for path in (WIKI, NOTES):
        page_id = str(desk.page_id(path))
        desk.sim.append_markdown(page_id, f"See {mention(roadmap, 'Roadmap')}.\n\nMore.")
    await desk.engine.refresher.poll()


async def test_links_follow_a_rename_in_notion(desk: Desk, autojump_clock: MockClock) -> None:
    """Every file that links to the page shows its new name, without a call for the file."""
    await linked(desk)
    await trio.sleep(300)
    await desk.engine.refresher.poll()
    assert "[Roadmap](wiki/roadmap.md)" in await desk.read(WIKI)
    assert "[Roadmap](roadmap.md)" in await desk.read(NOTES)
    desk.sim.edit_title(str(desk.page_id(ROADMAP)), "Grand Plan")
    await desk.engine.refresher.poll()
    await trio.sleep(2)
    calls = desk.sim.count()
    assert "](wiki/grand-plan.md)" in await desk.read(WIKI)
    assert "](grand-plan.md)" in await desk.read(NOTES)
    assert desk.sim.count() == calls


async def test_links_follow_a_rename_and_a_move_here(desk: Desk, autojump_clock: MockClock) -> None:
    """Also the links inside of a file that moves, which lead from another place now."""
    await linked(desk)
    await desk.read(WIKI)
    await desk.read(NOTES)
    desk.mv(ROADMAP, "acme/wiki/plans.md")
    await trio.sleep(2)
    assert "](wiki/plans.md)" in await desk.read(WIKI)
    assert "](plans.md)" in await desk.read(NOTES)
    desk.mkdir("acme/wiki/plans")
    desk.mv(NOTES, "acme/wiki/plans/design-notes.md")
    await trio.sleep(2)
    assert "](../plans.md)" in await desk.read("acme/wiki/plans/design-notes.md")
    await desk.sent()
    assert desk.sim.count("patch_markdown") == 0


async def test_a_file_that_is_open_follows_when_it_is_closed(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Nobody's bytes change while they are looked at."""
    await linked(desk)
    await desk.read(WIKI)
    opened = await desk.tree.open(desk.ino(WIKI), 0)
    desk.mv(ROADMAP, "acme/wiki/plans.md")
    await trio.sleep(2)
    assert b"roadmap.md" in desk.tree.read(opened.fh, 0, 1 << 20)
    desk.tree.release(opened.fh)
    assert "](wiki/plans.md)" in await desk.read(WIKI)


async def test_the_users_bytes_stay_and_old_names_are_still_understood(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A text of the user's own keeps its links, and saving it does not break the mention."""
    await linked(desk)
    await desk.edit(WIKI, "More.", "More and more.")
    await desk.sent()
    desk.mv(ROADMAP, "acme/wiki/plans.md")
    await trio.sleep(2)
    assert "[Roadmap](wiki/roadmap.md)" in await desk.read(WIKI)
    text = (await desk.read(WIKI)).replace("More and more.", "Enough.")
    text = text.replace("See [Roadmap]", "Look at [Roadmap]")
    await desk.write(WIKI, text)
    await desk.sent()
    assert await desk.read(WIKI) == text
    body = desk.sim.markdown(str(desk.page_id(WIKI)))
    assert f"Look at {mention(desk.page_id('acme/wiki/plans.md'), 'plans')}." in body
    assert "Enough." in body
    assert (await desk.ask("status"))["notes"] == []


async def test_relations_follow_names(desk: Desk, autojump_clock: MockClock) -> None:
    """Paths in frontmatter are links as well."""
    alpha = str(desk.page_id("acme/projects/project-alpha.md"))
    source = desk.sim.page(alpha)["parent"]["data_source_id"]
    columns = {"Name": "title", "Plan": {"relation": {"data_source_id": source}}}
    _, [tasks] = desk.sim.add_database("Tasks", parent="workspace", sources={"Tasks": columns})
    desk.sim.add_page("Do it", parent=tasks, markdown="Now.", properties={"Plan": [alpha]})
    await desk.engine.refresher.reconcile()
    assert "Plan: [../projects/project-alpha.md]" in await desk.read("acme/tasks/do-it.md")
    desk.mv("acme/projects/project-alpha.md", "acme/projects/project-omega.md")
    await trio.sleep(2)
    assert "Plan: [../projects/project-omega.md]" in await desk.read("acme/tasks/do-it.md")


async def test_a_link_to_a_database_is_a_path_and_stays_a_link(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Its words are its own: neither a mention nor a warning comes of it."""
    database_id = (await desk.ask("info", path="acme/projects"))["record"]["id"]
    url = f"https://www.notion.so/{database_id.replace('-', '')}?v=1"
    page = str(desk.page_id(ROADMAP))
    desk.sim.append_markdown(page, f"See [what we do]({url}).")
    await desk.engine.refresher.poll()
    assert "See [what we do](../projects/)." in await desk.read(ROADMAP)
    await desk.edit(ROADMAP, "](../projects/).", "](../projects/) all day.")
    await desk.sent()
    assert f"See [what we do]({url}) all day." in desk.sim.markdown(page)
    assert (await desk.ask("status"))["notes"] == []


async def test_every_way_to_name_a_page_is_a_mention(desk: Desk) -> None:
    """A link with a title, a path in angle brackets, and a name without `.md` as in notes."""
    roadmap = desk.page_id(ROADMAP)
    desk.mv(NOTES, "acme/wiki/My Notes.md")
    notes = desk.page_id("acme/wiki/My Notes.md")
    text = '[Roadmap](roadmap.md "Ours"), [My Notes](<My Notes.md>), [[roadmap|Roadmap]]\n'
    await desk.write("acme/wiki/all.md", text)
    await desk.sent()
    expected = (
        mention(roadmap, "Roadmap"),
        mention(notes, "My Notes"),
        mention(roadmap, "Roadmap"),
    )
    assert desk.sim.markdown(str(desk.page_id("acme/wiki/all.md"))).strip() == ", ".join(expected)


async def test_pages_that_link_to_each_other_arrive_in_any_order(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A folder of notes is copied in: what links to a page to come is sent after that one."""
    desk.sim.reset_counts()
    await desk.write("acme/wiki/one.md", "See [two](two.md) and [[three]].\n")
    await desk.write("acme/wiki/two.md", "Back to [one](one.md).\n")
    await desk.write("acme/wiki/three.md", "Alone, as `[one](two.md)` is code.\n")
    await desk.sent()

    one, two, three = (desk.page_id(f"acme/wiki/{name}.md") for name in ("one", "two", "three"))
    said = [desk.sim.markdown(str(page)).strip() for page in (one, two)]
    assert said == [
        f"See {mention(two, 'two')} and {mention(three, 'three')}.",
        f"Back to {mention(one, 'one')}.",
    ]
    assert desk.sim.count("create_page") == 3
    assert (await desk.ask("status"))["notes"] == []


async def test_a_page_that_cannot_be_created_keeps_no_other_waiting(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Its text is refused here; who links to it is sent all the same, and told."""
    with pytest.raises(InvalidPageFile):
        await desk.write("acme/wiki/two.md", "---\nColour: red\n---\n")
    await desk.write("acme/wiki/one.md", "See [two](two.md).\n")
    await desk.sent()
    assert "two.md" in desk.sim.markdown(str(desk.page_id("acme/wiki/one.md")))
    [note] = (await desk.ask("status"))["notes"]
    assert note["path"] == "acme/wiki/one.md"
