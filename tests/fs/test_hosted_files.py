"""Saves of pages with files that Notion hosts: their addresses differ at every read."""

from __future__ import annotations

from trio.testing import MockClock

from tests.desk import Desk

ROADMAP = "acme/wiki/roadmap.md"


async def _with_pictures(desk: Desk, *names: str) -> tuple[str, str]:
    """Return the page's id and its file, once pictures of those names stand at the end of it."""
    page = str(desk.page_id(ROADMAP))
    for name in names:
        file = {"url": f"https://prod-files-secure.s3.us-west-2.amazonaws.com/a/{name}.png"}
        caption = [{"type": "text", "text": {"content": name}}]
        image = {"type": "file", "file": file, "caption": caption}
        desk.sim.append_blocks(page, [{"type": "image", "image": image}])
    await desk.engine.refresher.poll()
    text = await desk.read(ROADMAP)
    desk.sim.reset_counts()
    return page, text


def _pictures(desk: Desk, page: str) -> dict[str, str]:
    """Return the ids of the page's pictures, and whether Notion hosts them."""
    found = [block for block in desk.sim.children(page) if block["type"] == "image"]
    return {block["id"]: block["image"]["type"] for block in found}


async def test_text_between_two_hosted_pictures_is_one_call(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """What stands beside an address in its line is named, and never the address."""
    page, text = await _with_pictures(desk, "one", "two")
    before = _pictures(desk, page)
    between = text.index("![two]")
    changed = text.replace("# Roadmap\n", "# Roadmap\n\nFirst.\n", 1)
    assert changed != text
    between += len(changed) - len(text)
    await desk.write(ROADMAP, changed[:between] + "Between.\n\n" + changed[between:])
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 1
    assert _pictures(desk, page) == before == dict.fromkeys(before, "file")
    kinds = [block["type"] for block in desk.sim.children(page)]
    assert kinds[0] == "paragraph"
    assert kinds[-3:] == ["image", "paragraph", "image"]


async def test_a_change_and_an_addition_behind_the_last_picture_are_two_calls(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Behind the address is a bracket, which cannot be told from others."""
    page, text = await _with_pictures(desk, "one")
    before = _pictures(desk, page)
    changed = text.replace("# Roadmap\n", "# Roadmap\n\nFirst.\n", 1)
    await desk.write(ROADMAP, f"{changed.rstrip()}\n\nLast.\n")
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 2
    assert _pictures(desk, page) == before == dict.fromkeys(before, "file")
    kinds = [block["type"] for block in desk.sim.children(page)]
    assert kinds[0] == kinds[-1] == "paragraph"


async def test_a_hosted_picture_can_be_taken_away_and_the_others_stay_hosted(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Its address cannot be named in an edit, so the page is sent whole, with fresh addresses.

    They are those of the one reading that goes before.
    """
    page, text = await _with_pictures(desk, "one", "two")
    await desk.write(ROADMAP, "".join(line for line in text.splitlines(True) if "one" not in line))
    await desk.sent()
    assert desk.sim.count("get_markdown") == desk.sim.count("patch_markdown") == 1
    assert desk.sim.count() == 2
    images = [b["image"] for b in desk.sim.children(page) if b["type"] == "image"]
    assert [image["type"] for image in images] == ["file"]
    assert "two.png" in images[0]["file"]["url"]
