"""The mount through the kernel: ordinary programs on a real workspace of files."""

from __future__ import annotations

from notionfs.simulator import Simulator
from tests.fuse.mounting import mounted


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
