"""A page that is opened again is read from the store only when somebody reads it.

Whatever happens to it meanwhile, an open file keeps the bytes it had when it was opened.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import pytest
from trio.testing import MockClock

from tests.desk import Desk

ROADMAP = "acme/wiki/roadmap.md"


async def open_untouched(desk: Desk, path: str = ROADMAP) -> tuple[int, str]:
    """Open a page to read, as the second time, and return the handle and what it held then."""
    text = await desk.read(path)
    await desk.read(path)
    opened = desk.tree.open_again(desk.ino(path), os.O_RDONLY)
    assert opened is not None and opened.keep_cache
    assert desk.tree.only_reads(opened.fh)
    return opened.fh, text


def read_and_close(desk: Desk, fh: int) -> str:
    try:
        return desk.tree.read(fh, 0, 1 << 20).decode()
    finally:
        desk.tree.release(fh)


async def replaced(desk: Desk) -> None:
    """As an editor that writes a new file and renames it over the old one."""
    await desk.write("acme/wiki/.new", (await desk.read(ROADMAP)).replace("Later.", "Sooner."))
    desk.mv("acme/wiki/.new", ROADMAP)
    await desk.sent()


async def backed_up(desk: Desk) -> None:
    """As vim: the page's name goes to a backup, and the text is written anew."""
    text = await desk.read(ROADMAP)
    desk.mv(ROADMAP, "acme/wiki/roadmap.md~")
    await desk.write(ROADMAP, text.replace("Later.", "Sooner."))
    desk.rm("acme/wiki/roadmap.md~")
    await desk.sent()


async def removed(desk: Desk) -> None:
    """Here, and then in Notion."""
    desk.rm(ROADMAP)
    await desk.sent()


async def removed_there(desk: Desk) -> None:
    """In Notion, and noticed here."""
    desk.sim.trash(str(desk.page_id(ROADMAP)))
    await desk.ask("sync", path="acme")


async def edited_there(desk: Desk) -> None:
    """In Notion, and noticed here."""
    desk.sim.clock.advance(180)
    desk.sim.replace_text(str(desk.page_id(ROADMAP)), "Later.", "Sooner.")
    await desk.engine.refresher.poll()


@pytest.mark.parametrize("happens", [replaced, backed_up, removed, removed_there, edited_there])
async def test_an_open_file_keeps_its_bytes(
    desk: Desk, autojump_clock: MockClock, happens: Callable[[Desk], Awaitable[None]]
) -> None:
    """Though nobody had read them before, and the next who opens the page sees the new ones."""
    fh, text = await open_untouched(desk)
    assert "Later." in text
    await happens(desk)
    assert read_and_close(desk, fh) == text


async def test_a_writer_beside_it_shares_its_bytes(desk: Desk) -> None:
    """As two descriptors of one file do anywhere, also before the writer closes."""
    fh, text = await open_untouched(desk)
    writer = await desk.tree.open(desk.ino(ROADMAP), os.O_WRONLY)
    desk.tree.write(writer.fh, len(text.encode()), b"\nA line.\n")
    assert desk.stat(ROADMAP).size == len(text.encode()) + 9
    assert read_and_close(desk, fh) == text + "\nA line.\n"
    await desk.tree.close(writer.fh)
    desk.tree.release(writer.fh)
    assert (await desk.read(ROADMAP)).endswith("\nA line.\n")


async def test_nothing_is_read_from_the_store_while_the_kernel_has_it(desk: Desk) -> None:
    """A hundred times opened and closed: no statement at all, and nothing stays open."""
    fh, _ = await open_untouched(desk)
    desk.tree.release(fh)
    ino, statements = desk.ino(ROADMAP), list[str]()
    db = desk.tree.store.docs._db
    db.set_trace_callback(statements.append)
    for _ in range(100):
        opened = desk.tree.open_again(ino, os.O_RDONLY)
        assert opened is not None
        desk.tree.release(opened.fh)
    db.set_trace_callback(None)
    assert statements == []


async def test_a_page_somebody_writes_to_or_that_changed_is_opened_the_long_way(
    desk: Desk,
) -> None:
    """Opening again is only for readers, and only while nothing at all was written."""
    fh, text = await open_untouched(desk)
    ino = desk.ino(ROADMAP)
    assert desk.tree.open_again(ino, os.O_WRONLY) is None
    desk.tree.release(fh)
    await desk.write("acme/wiki/.other", text)
    assert desk.tree.open_again(ino, os.O_RDONLY) is None
