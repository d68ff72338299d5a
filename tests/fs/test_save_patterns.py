"""What programs did through the kernel that went wrong once, shown without one."""

from __future__ import annotations

import os

from notionfs.fs.tree import Change
from tests.desk import Desk

NEW = "acme/wiki/new.md"


async def test_a_temporary_name_that_looks_like_a_page_is_never_created(desk: Desk) -> None:
    """Not even by an unmount right after the save, which sends whatever is queued."""
    path = "acme/wiki/roadmap.md"
    page_id, text = desk.page_id(path), await desk.read(path)
    desk.sim.reset_counts()
    await desk.write("acme/wiki/tmpq7w8.md", text.replace("Later.", "Sooner."))
    desk.mv("acme/wiki/tmpq7w8.md", path)
    await desk.engine.uploader.drain(10)
    assert desk.page_id(path) == page_id
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 1
    assert "Sooner." in desk.sim.markdown(page_id)


async def test_a_new_page_that_is_removed_and_comes_back_is_created_once(desk: Desk) -> None:
    """Also with the very same text, as a second `install` of a file writes it."""
    await desk.write(NEW, "# New\n\nText.\n")
    desk.rm(NEW)
    await desk.engine.uploader.drain(10)
    assert desk.sim.count("create_page") == 0
    await desk.write(NEW, "# New\n\nText.\n")
    await desk.engine.uploader.drain(10)
    assert desk.sim.count("create_page") == 1
    assert desk.sim.markdown(desk.sim.find("New")).strip() == "Text."


async def test_one_drain_creates_a_whole_new_tree(desk: Desk) -> None:
    """A page waits for the one above it, not for a clock: an unmount leaves nothing queued."""
    desk.mkdir("acme/wiki/a")
    desk.mkdir("acme/wiki/a/b")
    await desk.write("acme/wiki/a/b/c.md", "Text.\n")
    desk.sim.reset_counts()
    assert await desk.engine.uploader.drain(10) == 0
    assert desk.sim.count() == desk.sim.count("create_page") == 3
    below = desk.sim.page(desk.sim.find("c"))["parent"]["page_id"]
    assert below == desk.sim.find("b")


async def test_the_time_of_unfinished_bytes_is_not_kept_by_the_kernel(desk: Desk) -> None:
    """As Python's `r+` saves: write, cut, close; `stat` afterwards shows the time of the save."""
    path = "acme/wiki/roadmap.md"
    text = (await desk.read(path)).encode()
    before = desk.stat(path).mtime_ns
    opened = await desk.tree.open(desk.ino(path), os.O_RDWR)
    desk.tree.write(opened.fh, 0, text.replace(b"Later.", b"Now."))
    cut = await desk.tree.setattr(desk.ino(path), Change(size=len(text) - 2), opened.fh)
    assert cut.attr_timeout == 0
    await desk.tree.close(opened.fh)
    desk.tree.release(opened.fh)
    saved = desk.stat(path)
    assert saved.attr_timeout > 0
    assert saved.mtime_ns > before
