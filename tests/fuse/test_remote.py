"""Changes made in Notion reach programs, also what the kernel has cached: names, bytes, times."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

MINUTES = 120.0


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.")
    for n in range(12):
        sim.add_page(f"Page {n}", parent=wiki, markdown=f"Text {n}.\n\nMore of it.")
    folder = sim.add_page("Folder", parent=wiki)
    sim.add_page("Below", parent=folder, markdown="Deep.")
    _, [source] = sim.add_database(
        "Tasks", parent="workspace", sources={"Tasks": {"Name": "title", "Points": "number"}}
    )
    sim.add_page("Row", parent=source, markdown="A row.", properties={"Points": 3})
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        yield bench
        assert "Traceback" not in bench.mount.log


@pytest.fixture
def wiki(bench: Bench) -> Path:
    bench.look(bench.sim.advance, MINUTES)  # times are rounded to minutes
    return bench.path / "acme" / "wiki"


def sync(bench: Bench) -> None:
    done = bench.notionfs("sync", str(bench.path))
    assert done.code == 0, done.err


def test_a_new_text_is_seen_by_stat_and_by_cat(bench: Bench, wiki: Path) -> None:
    """Also after the kernel kept the old bytes and attributes; one call reads it again."""
    file, page = wiki / "page-0.md", bench.sim.find("Page 0")
    file.read_bytes()
    file.read_bytes()  # from the kernel's pages
    before = file.stat()
    bench.look(bench.sim.edit_markdown, page, "Something quite different, and longer.")
    sync(bench)
    bench.forget_calls()
    assert "quite different" in bench.sh("cat page-0.md", cwd=wiki)
    assert bench.calls() == {"get_markdown": 1}
    after = file.stat()
    assert after.st_mtime_ns > before.st_mtime_ns
    assert after.st_size == len(file.read_bytes())
    assert bench.calls() == {"get_markdown": 1}


def test_a_text_of_the_same_length_is_seen(bench: Bench, wiki: Path) -> None:
    """Same name, same size: only the time tells the kernel."""
    file, page = wiki / "page-1.md", bench.sim.find("Page 1")
    size = len(file.read_bytes())
    for word in ("Next", "Then", "Last"):
        bench.look(bench.sim.advance, MINUTES)
        bench.look(bench.sim.edit_markdown, page, f"{word} 1.\n\nMore of it.")
        sync(bench)
        assert f"{word} 1." in bench.sh("cat page-1.md", cwd=wiki)
        assert file.stat().st_size == size


def test_a_new_title_is_a_new_name_and_the_old_one_still_leads_there(
    bench: Bench, wiki: Path
) -> None:
    """Unlisted, until the mount ends."""
    page = bench.sim.find("Page 2")
    (wiki / "page-2.md").read_text()
    assert not (wiki / "new-name.md").exists()
    bench.look(bench.sim.edit_title, page, "New Name")
    sync(bench)
    names = [entry.name for entry in wiki.iterdir()]
    assert "new-name.md" in names
    assert "page-2.md" not in names
    assert "# New Name" in (wiki / "new-name.md").read_text()
    assert (wiki / "page-2.md").read_text() == (wiki / "new-name.md").read_text()
    bench.sh("echo 'By the old name.' >>page-2.md", cwd=wiki)
    bench.drain()
    assert "By the old name." in bench.look(bench.sim.markdown, page)


def test_a_property_changes_in_the_frontmatter(bench: Bench, wiki: Path) -> None:
    file = bench.path / "acme" / "tasks" / "row.md"
    assert "Points: 3\n" in file.read_text()
    bench.look(bench.sim.edit_property, bench.sim.find("Row"), "Points", 8)
    sync(bench)
    assert "Points: 8\n" in file.read_text()


def test_a_new_column_is_in_the_schema_file(bench: Bench, wiki: Path) -> None:
    file = bench.path / "acme" / "tasks" / ".schema.yaml"
    assert "Estimate" not in file.read_text()
    source = next(iter(bench.sim.workspace.data_sources))
    bench.look(bench.sim.change_schema, source, {"Estimate": {"type": "number", "number": {}}})
    sync(bench)
    assert "Estimate" in file.read_text()


def test_a_moved_page_moves(bench: Bench, wiki: Path) -> None:
    """Its old path still leads there."""
    page = bench.sim.find("Page 3")
    text = (wiki / "page-3.md").read_text()
    bench.look(bench.sim.move, page, bench.sim.find("Folder"))
    sync(bench)
    assert "page-3.md" not in [entry.name for entry in wiki.iterdir()]
    assert (wiki / "folder" / "page-3.md").read_text().splitlines()[-1] == text.splitlines()[-1]


def test_a_trashed_page_is_gone_and_a_restored_one_is_back(bench: Bench, wiki: Path) -> None:
    file, page = wiki / "page-4.md", bench.sim.find("Page 4")
    text = file.read_text()
    bench.look(bench.sim.trash, page)
    sync(bench)
    assert not file.exists()
    with pytest.raises(FileNotFoundError):
        file.read_text()
    bench.look(bench.sim.advance, MINUTES)
    bench.look(bench.sim.restore, page)
    sync(bench)
    assert file.read_text().splitlines()[-1] == text.splitlines()[-1]


def test_a_name_that_was_looked_for_in_vain_appears(bench: Bench, wiki: Path) -> None:
    for _ in range(3):
        assert not (wiki / "expected.md").exists()
    page = bench.look(
        lambda: bench.sim.add_page("Expected", parent=bench.sim.find("Wiki"), markdown="Here.")
    )
    sync(bench)
    assert "Here." in (wiki / "expected.md").read_text()
    assert page in (wiki / "expected.md").read_text()


def test_a_page_that_gets_its_first_child_gets_a_folder(bench: Bench, wiki: Path) -> None:
    assert not (wiki / "page-5").exists()
    bench.look(lambda: bench.sim.add_page("Child", parent=bench.sim.find("Page 5"), markdown="C."))
    sync(bench)
    assert [entry.name for entry in (wiki / "page-5").iterdir()] == ["child.md"]


def test_an_open_file_keeps_its_bytes(bench: Bench, wiki: Path) -> None:
    """Whoever reads in pieces gets one version; the next open gets the new one."""
    file, page = wiki / "page-6.md", bench.sim.find("Page 6")
    whole = file.read_bytes()
    fd = os.open(file, os.O_RDONLY)
    try:
        head = os.read(fd, 100)
        bench.look(bench.sim.edit_markdown, page, "Brand new.")
        sync(bench)
        assert os.fstat(fd).st_size == len(whole)
        assert head + os.read(fd, 100_000) == whole
    finally:
        os.close(fd)
    assert "Brand new." in file.read_text()


def test_an_editor_that_waits_loses_nothing(bench: Bench, wiki: Path) -> None:
    """Open for writing while another paragraph changes in Notion: both are there afterwards."""
    file, page = wiki / "page-7.md", bench.sim.find("Page 7")
    text = file.read_text()
    with file.open("r+") as stream:
        bench.look(bench.sim.replace_text, page, "More of it.", "More from Notion.")
        sync(bench)
        stream.write(text.replace("Text 7.", "Text from here."))
        stream.truncate()
    bench.drain()
    bench.look(bench.sim.advance, MINUTES)
    sync(bench)
    body = bench.look(bench.sim.markdown, page)
    assert "Text from here." in body
    assert "More from Notion." in body
    assert "More from Notion." in file.read_text()


def test_a_renamed_page_can_be_saved_by_an_editor_that_has_it_open(
    bench: Bench, wiki: Path
) -> None:
    """The name waits for the last close, so that the save meets its page."""
    file, page = wiki / "page-8.md", bench.sim.find("Page 8")
    text = file.read_text()
    with file.open() as reader:
        bench.look(bench.sim.edit_title, page, "Page Eight")
        sync(bench)
        reader.read()
        (bench.home / "eight.txt").write_text(text.replace("Text 8.", "Edited 8."))
        bench.sh("cp $T $F", cwd=wiki, T=bench.home / "eight.txt", F=file)
    bench.drain()
    assert "Edited 8." in bench.look(bench.sim.markdown, page)


def test_a_working_directory_that_moves_stays_usable(bench: Bench, wiki: Path) -> None:
    """A shell stands in a folder whose page is renamed in Notion."""
    fd = os.open(wiki / "folder", os.O_RDONLY | os.O_DIRECTORY)
    try:
        bench.look(bench.sim.edit_title, bench.sim.find("Folder"), "Drawer")
        sync(bench)
        assert "below.md" in os.listdir(fd)  # noqa: PTH208  # a descriptor
        with os.fdopen(os.open("below.md", os.O_RDONLY, dir_fd=fd)) as stream:
            assert "Deep." in stream.read()
    finally:
        os.close(fd)
    assert (wiki / "drawer" / "below.md").exists()
    assert (wiki / "folder" / "below.md").exists()  # by its old name
