"""Local files that a page refers to reach Notion, each once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from notionfs.sync import uploads
from tests.desk import Desk, open_desk, wall

PICTURE = b"\x89PNG not really a picture"
WIKI = "acme/wiki.md"
PHOTO = "acme/wiki/.assets/photo.png"


@pytest.fixture
def sim() -> Simulator:
    """A page, and a row with a files property."""
    sim = Simulator(clock=wall)
    sim.add_page("Wiki", parent="workspace", markdown="First.\n\nLast.\n")
    columns = {"Name": "title", "Docs": "files"}
    _, [source] = sim.add_database("Tasks", parent="workspace", sources={"Tasks": columns})
    sim.add_page("Task", parent=source, markdown="Do it.\n")
    sim.reset_counts()
    return sim


@pytest.fixture
async def desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as desk:
        yield desk


async def put_photo(desk: Desk, data: bytes = PICTURE) -> None:
    desk.mkdir("acme/wiki")
    desk.mkdir("acme/wiki/.assets")
    await desk.write(PHOTO, data)


def kinds(sim: Simulator, title: str = "Wiki") -> list[str]:
    return [block["type"] for block in sim.children(sim.find(title))]


async def test_a_picture_that_the_text_refers_to_is_uploaded_and_attached(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """At its place, once; the file keeps the user's bytes and nothing is left to send."""
    await desk.read(WIKI)
    await put_photo(desk)
    await desk.sent()
    assert sim.count("create_upload") == 0  # nobody refers to it yet
    await desk.edit(WIKI, "First.\n", "First.\n\n![A *photo*](wiki/.assets/photo.png)\n")
    saved = await desk.read(WIKI)
    sim.reset_counts()
    await desk.sent()

    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    image = sim.children(sim.find("Wiki"))[1]["image"]
    assert image["type"] == "file"
    assert [run["plain_text"] for run in image["caption"]] == ["A ", "photo"]
    assert list(sim.workspace.records.files.values()) == [PICTURE]
    assert (sim.count("create_upload"), sim.count("send_upload")) == (1, 1)
    assert (sim.count("patch_markdown"), sim.count("get_children")) == (1, 1)
    assert (sim.count("update_block"), sim.count()) == (1, 5)
    assert await desk.read(WIKI) == saved

    await desk.edit(WIKI, "Last.", "The end.")
    sim.reset_counts()
    await desk.sent()
    assert sim.count() == sim.count("patch_markdown") == 1
    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    names = await desk.ls("acme/wiki/.assets")
    assert "photo.png" in names
    assert len(names) == 2


async def test_a_picture_with_a_title_is_uploaded_too(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """Notion keeps no titles; the picture all the same."""
    await desk.read(WIKI)
    await put_photo(desk)
    await desk.edit(WIKI, "First.\n", 'First.\n\n![A photo](wiki/.assets/photo.png "Mine")\n')
    await desk.sent()
    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    assert sim.children(sim.find("Wiki"))[1]["image"]["type"] == "file"


async def test_a_new_page_brings_its_files_along(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """Documents and films become the blocks that show such things; a file may stand anywhere."""
    desk.mkdir("acme/wiki")
    await desk.write("acme/wiki/paper.pdf", b"%PDF")
    await desk.write("acme/wiki/talk.mp4", b"film")
    text = "# Report\n\n![Paper](paper.pdf)\n\nWords.\n\n![](talk.mp4)\n"
    await desk.write("acme/wiki/report.md", text)
    await desk.sent()
    assert desk.reason("acme/wiki/report.md") is None
    assert kinds(sim, "Report") == ["pdf", "paragraph", "video"]
    for block in sim.children(sim.find("Report")):
        assert block["type"] == "paragraph" or block[block["type"]]["type"] == "file"
    assert sim.count("create_page") == 1
    assert await desk.read("acme/wiki/report.md") == text


async def test_a_files_property_takes_local_files(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """They are sent with the property; afterwards the same list is no change."""
    await desk.read("acme/tasks/task.md")
    desk.mkdir("acme/tasks/task")
    await desk.write("acme/tasks/task/spec.pdf", b"%PDF")
    await desk.edit("acme/tasks/task.md", "Docs: []", "Docs: [task/spec.pdf, https://a.example/b]")
    await desk.sent()
    docs = sim.page(sim.find("Task"))["properties"]["Docs"]["files"]
    assert [(entry["name"], entry["type"]) for entry in docs] == [
        ("spec.pdf", "file"),
        ("b", "external"),
    ]
    sim.reset_counts()
    await desk.edit("acme/tasks/task.md", "Do it.", "Done.")
    await desk.sent()
    assert sim.count() == sim.count("patch_markdown") == 1


async def test_a_large_file_goes_up_in_parts(
    sim: Simulator, desk: Desk, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part whose answer was lost does not make the others go again."""
    monkeypatch.setattr(uploads, "SINGLE_PART_BYTES", 1000)
    monkeypatch.setattr(uploads, "PART_BYTES", 1000)
    sim.limits.part_bytes_min = 500
    data = bytes(range(250)) * 10
    await desk.read(WIKI)
    await put_photo(desk, data)
    await desk.append(WIKI, "\n![](wiki/.assets/photo.png)\n")
    sim.fail_next(operation="send_upload", status=500, after_applying=True)
    await desk.sent()
    assert list(sim.workspace.records.files.values()) == [data]
    assert kinds(sim)[-1] == "image"
    assert (sim.count("create_upload"), sim.count("send_upload")) == (1, 4)
    assert sim.count("complete_upload") == 1


@pytest.mark.parametrize(
    "operation",
    ["create_upload", "send_upload", "patch_markdown", "get_children", "update_block"],
)
@pytest.mark.parametrize("after_applying", [True, False])
async def test_a_lost_answer_attaches_nothing_twice(
    sim: Simulator,
    desk: Desk,
    autojump_clock: MockClock,
    operation: str,
    after_applying: bool,
) -> None:
    """Whatever step it was about."""
    await desk.read(WIKI)
    await put_photo(desk)
    await desk.edit(WIKI, "First.\n", "First.\n\n![](wiki/.assets/photo.png)\n")
    sim.fail_next(operation=operation, drop=True, after_applying=after_applying)
    await desk.sent()
    assert desk.reason(WIKI) is None
    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    assert sim.children(sim.find("Wiki"))[1]["image"]["type"] == "file"
    assert "notionfs.invalid" not in sim.markdown(sim.find("Wiki"))
    sim.reset_counts()
    await desk.edit(WIKI, "Last.", "The end.")
    await desk.sent()
    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    assert sim.count() == sim.count("patch_markdown") == 1


@pytest.mark.parametrize("operation", ["send_upload", "patch_markdown", "update_block"])
async def test_a_crash_in_between_is_caught_up_with(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock, operation: str
) -> None:
    """The next mount goes on where the last one stopped."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        await put_photo(desk)
        await desk.edit(WIKI, "First.\n", "First.\n\n![](wiki/.assets/photo.png)\n")
        sim.fail_next(operation=operation, hang=True, after_applying=True)
        await desk.engine.uploader.drain(20.0)
    sim.heal()
    async with open_desk(sim, tmp_path) as desk:
        await desk.sent()
        assert desk.reason(WIKI) is None
    assert kinds(sim) == ["paragraph", "image", "paragraph"]
    assert sim.children(sim.find("Wiki"))[1]["image"]["type"] == "file"
    assert sim.count("create_upload") == 1


async def test_a_file_over_the_workspaces_limit_is_refused_with_the_limit(
    sim: Simulator, desk: Desk, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the page is sent; a smaller file ends the matter."""
    monkeypatch.setattr(uploads, "_FREE_BYTES", 1000)
    monkeypatch.setattr("notionfs.simulator.shown.MAX_UPLOAD", 1500)
    await desk.read(WIKI)
    await put_photo(desk, bytes(3 * 1024 * 1024))
    await desk.append(WIKI, "\n![](wiki/.assets/photo.png)\n")
    await desk.sent()
    reason = desk.reason(WIKI) or ""
    assert "photo.png has 3.0 MB" in reason
    assert sim.count("patch_markdown") == sim.count("create_upload") == 0
    await desk.write(PHOTO, PICTURE)
    await desk.append(WIKI, "\nSmaller now.\n")
    await desk.sent()
    assert desk.reason(WIKI) is None
    assert kinds(sim)[-2:] == ["image", "paragraph"]


async def test_a_reference_to_nothing_and_a_picture_inside_a_line_are_refused(
    sim: Simulator, desk: Desk
) -> None:
    """With the reason; the text is kept."""
    await desk.read(WIKI)
    await put_photo(desk)
    with pytest.raises(InvalidPageFile, match=r"none\.png is no file"):
        await desk.edit(WIKI, "First.\n", "First.\n\n![](wiki/.assets/none.png)\n")
    with pytest.raises(InvalidPageFile, match="line of its own"):
        await desk.edit(WIKI, "![](wiki/.assets/none.png)", "See ![](wiki/.assets/photo.png) here")
    await desk.sent()
    assert sim.count("create_upload") == sim.count("patch_markdown") == 0


async def test_a_picture_with_neighbours_is_named_by_its_line(desk: Desk) -> None:
    """Files are blocks of their own; what only begins like the address of one is text."""
    await put_photo(desk)
    photo = "![x](../wiki/.assets/photo.png)"
    text = f"One `{photo}`.\n\n{photo}\n\n- with {photo}\n\nhttps://notionfs.invalid/ too.\n"
    with pytest.raises(InvalidPageFile, match="Line 5: a picture or file of yours"):
        await desk.write("acme/wiki/new.md", text)
    await desk.write("acme/wiki/new.md", text.replace("- with ", ""))


async def test_an_upload_that_nobody_refers_to_any_more_is_never_attached(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """The reference was taken back while the file was on its way."""
    await desk.read(WIKI)
    await put_photo(desk)
    await desk.append(WIKI, "\n![](wiki/.assets/photo.png)\n")
    sim.fail_next(operation="send_upload", status=503)
    await desk.engine.uploader.drain(1.0)
    await desk.edit(WIKI, "\n![](wiki/.assets/photo.png)\n", "")
    await desk.sent()
    assert kinds(sim) == ["paragraph", "paragraph"]
    assert sim.count("update_block") == 0
