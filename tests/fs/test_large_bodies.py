"""Bodies that are too large for one request: sent in pieces, each once, also across crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import TooLarge
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
NEW = "acme/wiki/huge.md"


def words(count: int, size: int = 1000) -> list[str]:
    """That many paragraphs of that many characters, no two of them equal."""
    return [f"Paragraph {n}: {'words ' * (size // 6)}end." for n in range(count)]


def paragraphs(text: str) -> list[str]:
    """The paragraphs that a body of ours has, in order."""
    return [line for line in text.split("\n") if line.startswith("Paragraph")]


async def test_a_large_new_page_arrives_complete_and_in_order(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """1.1 MB: one request creates the page, the others append; then nothing is left to send."""
    wanted = words(1100)
    await desk.write(NEW, "\n\n".join(wanted) + "\n")
    await desk.sent()
    page_id = str(desk.page_id(NEW))
    assert paragraphs(desk.sim.markdown(page_id)) == wanted
    assert desk.sim.count("create_page") == 1
    assert desk.sim.count("patch_markdown") == 2
    await desk.append(NEW, "\nOne more line.\n")
    await desk.sent()
    assert desk.sim.count("patch_markdown") == 3


async def test_many_small_blocks_are_sent_in_pieces_too(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """2,500 blocks behind a short page: three requests."""
    wanted = words(2500, 12)
    await desk.append(WIKI, "\n" + "\n\n".join(wanted) + "\n")
    await desk.sent()
    assert paragraphs(desk.sim.markdown(str(desk.page_id(WIKI)))) == wanted
    assert desk.sim.count("patch_markdown") == 3


async def test_a_large_rewrite_is_sent_in_pieces(desk: Desk, autojump_clock: MockClock) -> None:
    """What goes counts as much as what comes, since Notion wants to see both."""
    page_id = desk.sim.add_page(
        "Long", parent=desk.page_id(WIKI), markdown="\n\n".join(words(600)) + "\n"
    )
    await desk.engine.refresher.poll()
    head, _, _ = (await desk.read("acme/wiki/long.md")).partition("Paragraph 0")
    wanted = [f"Paragraph {n} is another: {'text ' * 180}." for n in range(500)]
    await desk.write("acme/wiki/long.md", head + "\n\n".join(wanted) + "\n")
    await desk.sent()
    assert paragraphs(desk.sim.markdown(page_id)) == wanted


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize(
    ("operation", "skip"), [("create_page", 0), ("patch_markdown", 0), ("patch_markdown", 1)]
)
async def test_a_crash_between_two_pieces_repeats_and_loses_nothing(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    operation: str,
    skip: int,
    applied: bool,
) -> None:
    """The program dies with a piece on the wire: the next start sends exactly what is missing."""
    wanted = words(1100)
    async with open_desk(sim, tmp_path) as desk:
        sim.fail_next(operation=operation, skip=skip, hang=True, after_applying=applied)
        await desk.write(NEW, "\n\n".join(wanted) + "\n")
        await trio.sleep(20)
    sim.heal()
    async with open_desk(sim, tmp_path) as desk:
        await desk.sent()
        pages = [p for p in sim.workspace.pages if sim.title(p) == "huge"]
        assert pages == [desk.page_id(NEW)]
        assert paragraphs(sim.markdown(pages[0])) == wanted
        assert desk.engine.store.docs.list_explained() == []


async def test_a_save_between_two_pieces_is_sent_with_the_rest(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Lines of a part that is there already, and of one that is not: both end as saved."""
    wanted = words(1100)
    desk.sim.fail_next(operation="patch_markdown", skip=1, status=503)
    await desk.write(NEW, "\n\n".join(wanted) + "\n")
    with trio.move_on_after(6):
        await desk.sent()
    wanted[3], wanted[1090] = "Paragraph three.", "Paragraph near the end."
    await desk.write(NEW, "\n\n".join(wanted) + "\n")
    await desk.sent()
    assert paragraphs(desk.sim.markdown(str(desk.page_id(NEW)))) == wanted


async def test_others_may_write_between_two_pieces(desk: Desk, autojump_clock: MockClock) -> None:
    """What somebody adds in Notion meanwhile stays."""
    wanted = words(1100)
    desk.sim.fail_next(operation="patch_markdown", skip=1, status=503)
    await desk.write(NEW, "\n\n".join(wanted) + "\n")
    with trio.move_on_after(6):
        await desk.sent()
    page_id = str(desk.page_id(NEW))
    desk.sim.replace_text(page_id, "Paragraph 0:", "Somebody wrote this.\n\nParagraph 0:")
    await desk.sent()
    body = desk.sim.markdown(page_id)
    assert paragraphs(body) == wanted
    assert body.count("Somebody wrote this.") == 1


async def test_a_block_too_large_for_any_request_is_refused(desk: Desk) -> None:
    """A block cannot be cut: EFBIG at once, and the text is kept."""
    text = (await desk.read(WIKI)) + "x" * 600_000 + "\n"
    with pytest.raises(TooLarge, match="490,000"):
        await desk.write(WIKI, text)
    assert await desk.read(WIKI) == text
