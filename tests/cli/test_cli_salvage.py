"""A damaged store gives back what can be read, and is never written."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from click.testing import CliRunner, Result
from trio.testing import MockClock

from notionfs.cli.doctor import command
from notionfs.cli.exits import Exit
from notionfs.errors import UsageError
from notionfs.simulator import Simulator
from notionfs.store.connection import STORE_NAME
from notionfs.store.salvage import salvage
from tests.desk import open_desk, wall

MANY = 60


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory whose only store holds unsent texts, a sent one, and side files."""
    trio.run(_work, tmp_path / "state", clock=MockClock(autojump_threshold=0))
    return tmp_path / "state"


async def _work(state: Path) -> None:
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.")
    sim.add_page("Roadmap", parent=wiki, markdown="Later.")
    async with open_desk(sim, state) as desk:
        await desk.edit("acme/wiki/roadmap.md", "Later.", "Sooner.")
        await desk.sent()
        await desk.edit("acme/wiki.md", "Welcome.", "Unsent.")
        for n in range(MANY):
            await desk.write(f"acme/wiki/new-{n}.md", f"Text {n}.\n" + "More. " * 500)
        await desk.write("acme/wiki/notes.txt", "Mine.\n")


def run(state: Path, target: Path) -> Result:
    words = ["--salvage", str(target), "--state-dir", str(state)]
    return CliRunner().invoke(command, words, standalone_mode=False)


def test_unsent_texts_and_side_files_are_saved(state: Path, tmp_path: Path) -> None:
    """Each under its path; what Notion has for sure is not among them; the store stays as it is."""
    before = (state / "store" / STORE_NAME).read_bytes()
    done = run(state, tmp_path / "saved")
    assert done.return_value == Exit.OK, done.output
    assert f"store: {MANY + 1} unsent texts, 1 side file." in done.output
    unsent = tmp_path / "saved" / "store" / "unsent" / "acme"
    assert "Unsent." in (unsent / "wiki.md").read_text()
    assert (unsent / "wiki" / "new-7.md").read_text().startswith("Text 7.\n")
    assert not (unsent / "wiki" / "roadmap.md").exists()
    notes = tmp_path / "saved" / "store" / "side-files" / "acme" / "wiki" / "notes.txt"
    assert notes.read_text() == "Mine.\n"
    assert notes.stat().st_mode & 0o777 == 0o600
    assert (state / "store" / STORE_NAME).read_bytes() == before


def test_damaged_pages_cost_only_the_texts_in_them(state: Path, tmp_path: Path) -> None:
    """Wherever 4 KiB are lost, nearly everything else is found, and what is lost is said."""
    path = state / "store" / STORE_NAME
    whole = path.read_bytes()
    pages = len(whole) // 4096
    for page in [0, 1, *range(2, pages, 4)]:
        path.write_bytes(whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :])
        try:
            saved = salvage(path)
        except Exception as exc:
            pytest.fail(f"page {page} of {pages} is damaged: {exc!r}")
        texts = [found for found in saved.found if found.is_unsent]
        assert len(texts) >= MANY * 0.5, f"page {page} of {pages}: {len(texts)}"


def test_a_file_that_is_no_store_any_more_is_said_and_kept(state: Path, tmp_path: Path) -> None:
    path = state / "store" / STORE_NAME
    path.write_bytes(b"")
    done = run(state, tmp_path / "saved")
    assert done.return_value == Exit.STORE
    assert "cannot be read at all" in done.output
    assert path.read_bytes() == b""


def test_a_directory_with_something_in_it_is_refused(state: Path, tmp_path: Path) -> None:
    """Nothing is written over."""
    assert isinstance(run(state, tmp_path).exception, UsageError)


def test_a_path_out_of_the_directory_stays_inside(tmp_path: Path) -> None:
    """A damaged name cannot lead anywhere else."""
    from notionfs.cli.checkup.salvaging import write
    from notionfs.store.salvage import Found

    write(tmp_path / "in", Found("../../x.md", b"text", is_unsent=True))
    write(tmp_path / "in", Found("x.md", b"other", is_unsent=True))
    assert (tmp_path / "in" / "unsent" / "x.md").read_bytes() == b"text"
    assert (tmp_path / "in" / "unsent" / "x.md.2").read_bytes() == b"other"
