"""The mount through the kernel: ordinary programs on a real workspace of files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.fuse.mounting import mounted

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "recordings"


def small() -> Simulator:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="First paragraph.\n\nLast one.\n")
    sim.add_page("Notes", parent=wiki, markdown="Some notes.\n")
    return sim


async def test_ls_cat_and_save() -> None:
    """The first walk through the whole house."""
    sim = small()
    async with mounted(sim, "--poll", "off") as mount:
        assert (await mount.sh("ls acme")).split() == ["wiki", "wiki.md"]
        assert "First paragraph." in await mount.sh("cat acme/wiki.md")
        await mount.sh("sed -i 's/Last one/Last words/' acme/wiki.md")
        await mount.sent()
        assert "Last words" in sim.markdown(sim.find("Wiki"))


async def test_a_file_that_gains_its_frontmatter_at_open_is_read_whole() -> None:
    """The kernel's size is the shorter one of before; a trusted old size would cut the text."""
    sim = small()
    home = Path(tempfile.mkdtemp(prefix="notionfs-test-", dir="/var/tmp"))
    try:
        async with mounted(sim, "--poll", "off", home=home) as mount:
            await mount.write("acme/wiki/new.md", "A thought.\n")
            await mount.sent()
        async with mounted(sim, "--poll", "off", home=home) as mount:
            await mount.sh("ls -l acme/wiki")
            text = await mount.read("acme/wiki/new.md")
            assert text.startswith("---\nnotion_id: ")
            assert text.endswith("\n# new\n\nA thought.\n")
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
async def test_a_mount_of_a_recorded_workspace_lists_and_reads_everything() -> None:
    """Programs of others see a file with its own id for every page that was recorded."""
    sim = Simulator()
    sim.load_recordings(RECORDINGS)
    live = {page.id for page in sim.workspace.records.pages.values() if not page.in_trash}
    async with mounted(sim, "--poll", "off") as mount:
        found = await mount.sh("grep -rh --include='*.md' --exclude-dir=.notionfs '^notion_id: ' .")
        shown = {line.removeprefix("notion_id: ") for line in found.splitlines()}
        assert shown == live
        assert len(live) > 100
