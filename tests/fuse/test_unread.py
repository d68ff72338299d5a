"""Pages nobody has read are overwritten, moved and removed: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

NEW = "New text.\n\n- and\n- more\n"
OVERWRITES = {
    "redirection": "cat $T >$F",
    "cp": "cp $T $F",
    "append": "cat $T >>$F",
    # unlike cat, a shell that has printed before does not ask for the size of what it appends to
    "append at once": 'text=$(cat $T); echo; echo "$text" >>$F',
    "mv from beside": "cp $T $F.new; mv $F.new $F",
    "mv from elsewhere": "cp $T $T.x; mv -f $T.x $F",
    "install": "install -m 600 $T $F",
    "cp remove destination": "cp --remove-destination $T $F",
    "rsync": "rsync -a $T $F",
    "backup and new": "mv $F $F~ && cp $T $F && rm $F~ || cp $T $F",
    "truncate": "truncate -s 0 $F; cat $T >$F",
    "git": "git init -q .; cp $T $F.x; git update-index --add --cacheinfo"
    " 100644,$(git hash-object -w $F.x),$F; rm $F.x; git checkout -q -f -- $F",
}
OTHERS = {
    "rm": "rm $F",
    "mv in place": "mv $F Renamed.md",
    "mv away": "mv $F ../elsewhere/",
    "touch": "touch $F",
    "chmod": "chmod 640 $F",
    "stat": "stat $F",
}
LONG = {
    size: "\n\n".join(f"Paragraph {n} of the old text." for n in range(size // 30))
    for size in (60, 60_000)
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace")
    sim.add_page("Elsewhere", parent=wiki)
    for name in [*OVERWRITES, *OTHERS]:
        folder = sim.add_page(f"In {name}", parent=wiki)
        sim.add_page(name, parent=folder, markdown="Old text.\n\n- one\n\nThe end.")
    for size, text in LONG.items():
        sim.add_page(f"Added to {size}", parent=wiki, markdown=text)
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        bench.sh("mkdir acme/wiki/elsewhere")
        yield bench
        assert "Traceback" not in bench.mount.log


@pytest.mark.parametrize("name", OVERWRITES)
def test_an_unread_page_receives_the_new_text(bench: Bench, name: str) -> None:
    """Not beside the old one: what Notion has is read before anything is sent."""
    slug = name.replace(" ", "-")
    folder, page = bench.path / "acme" / "wiki" / f"in-{slug}", bench.sim.find(name)
    text = bench.home / "new.txt"
    text.write_text(NEW)
    bench.forget_calls()
    bench.sh(OVERWRITES[name], cwd=folder, F=f"{slug}.md", T=text)
    bench.drain()
    calls = bench.calls()
    assert "create_page" not in calls
    assert calls["get_markdown"] == 1
    assert calls["patch_markdown"] == 1
    assert not bench.look(bench.sim.page, page)["in_trash"]
    body = bench.look(bench.sim.markdown, page)
    assert ("Old text." in body) == name.startswith("append")
    assert body.split()[-len(NEW.split()) :] == NEW.split()
    assert (folder / f"{slug}.md").read_text().endswith(NEW)


@pytest.mark.parametrize("size", LONG)
def test_a_line_is_added_to_an_unread_page_by_a_program_that_does_not_look_at_it(
    bench: Bench, size: int
) -> None:
    """A second `echo` of a shell asks for no size, and the kernel has only the nominal one: the
    line stood behind a gap of zeros, or in the middle of a long page.
    """
    before, page = LONG[size], bench.sim.find(f"Added to {size}")
    file = bench.path / "acme" / "wiki" / f"added-to-{size}.md"
    bench.sh("echo begun; find . >/dev/null; echo one >>$F; { echo two; echo three; } >>$F", F=file)
    assert file.read_text().endswith("of the old text.\none\ntwo\nthree\n")
    bench.drain()
    body = bench.look(bench.sim.markdown, page)
    assert body.split()[: len(before.split())] == before.split()
    assert body.split()[len(before.split()) :] == ["one", "two", "three"]


@pytest.mark.parametrize("name", OTHERS)
def test_an_unread_page_keeps_its_text(bench: Bench, name: str) -> None:
    """Whatever is done to its name."""
    slug = name.replace(" ", "-")
    folder, page = bench.path / "acme" / "wiki" / f"in-{slug}", bench.sim.find(name)
    before = bench.look(bench.sim.markdown, page)
    bench.forget_calls()
    bench.sh(OTHERS[name], cwd=folder, F=f"{slug}.md")
    bench.drain()
    assert "patch_markdown" not in bench.calls()
    assert "create_page" not in bench.calls()
    assert bench.look(bench.sim.markdown, page) == before
    assert bench.look(bench.sim.page, page)["in_trash"] == (name == "rm")
