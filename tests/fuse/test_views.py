"""What stands beside the pages, and mounts with other options: ids, status, xattrs, read-only."""

from __future__ import annotations

import errno
import json
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.errors import READ_ONLY_MOUNT
from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

HOSTILE = (
    "../../etc/passwd",
    "/",
    "..",
    ".",
    "",
    "line one\nline two",
    "\x1b[31mred\x1b[0m\x07",
    "right\u202eto\u2066left",
    "zero\u200bwidth\ufeff",
    "x" * 300,
    "日" * 300,
    "-rf *",
    "--help",
    "~",
    "#hash#",
    ".hidden",
    "$(reboot) `reboot`",
    "a\tb\\c\"d'e",
    "con.md",
    "x.remote",
    "e\u0301 and é",
    "Same",
    "same",
    "SAME!",
    "🦀",
)


def workspace() -> Simulator:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.")
    sim.add_page("Notes", parent=wiki, markdown="Some notes.")
    _, [source] = sim.add_database(
        "Tasks", parent="workspace", sources={"Tasks": {"Name": "title"}}
    )
    sim.add_page("Row", parent=source, markdown="A row.")
    hostile = sim.add_page("Hostile", parent="workspace")
    for title in HOSTILE:
        sim.add_page(title, parent=hostile, markdown="Harmless.")
    return sim


# --- as mounted by default ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with opened(workspace(), "--poll", "off", "--prefetch", "off") as bench:
        yield bench
        assert "Traceback" not in bench.mount.log


def test_every_title_is_one_harmless_file(bench: Bench) -> None:
    """No title leaves its directory, hides, or reaches a terminal with more than text."""
    folder = bench.path / "acme" / "hostile"
    names = [entry.name for entry in folder.iterdir()]
    assert len(names) == len(HOSTILE)
    for name in names:
        assert len(name.encode()) <= 255
        assert not name.startswith((".", "-", "~", "#"))
        assert name == unicodedata.normalize("NFC", name)
        assert not any(unicodedata.category(c)[0] in "CZ" for c in name)
    assert len({name.casefold() for name in names}) == len(names)
    assert bench.sh("cat -- * | grep -c Harmless", cwd=folder).strip() == str(len(HOSTILE))
    assert bench.sh("ls | wc -l", cwd=folder).strip() == str(len(HOSTILE))


def test_hostile_titles_stay_inside_their_page_files(bench: Bench) -> None:
    """Read and saved again, each keeps its title and sends only what was added."""
    folder = bench.path / "acme" / "hostile"
    titles = bench.look(bench.sim.titles)
    bench.sh("for f in *; do echo 'One more.' >>./$f; done", cwd=folder)
    bench.forget_calls()
    bench.drain()
    assert bench.calls() == {"patch_markdown": len(HOSTILE)}
    assert bench.look(bench.sim.titles) == titles


def test_by_id_leads_to_every_page(bench: Bench) -> None:
    """As a link relative to the mount, so that it holds wherever that is."""
    folder = bench.path / ".notionfs" / "by-id"
    page = bench.sim.find("Notes")
    assert (folder / page).readlink() == Path("../../acme/wiki/notes.md")
    assert "Some notes." in (folder / page).read_text()
    assert len(list(folder.iterdir())) == len(bench.look(bench.sim.titles))
    with pytest.raises(FileNotFoundError):
        (folder / "00000000-0000-0000-0000-000000000000").readlink()


def test_the_status_file_is_json_however_it_is_read(bench: Bench) -> None:
    """It changes between stat and read, and is never cut."""
    for program in ("cat", "tail -c +1", "head -c 1000000", "dd status=none bs=10 if="):
        joint = "" if program.endswith("=") else " "
        shown = bench.sh(f"{program}{joint}.notionfs/status.json")
        assert json.loads(shown)["pages"] == len(bench.look(bench.sim.titles))
    assert json.loads((bench.path / ".notionfs" / "status.json").read_text())["online"] is True


def test_the_guide_and_the_schema_are_files_like_others(bench: Bench) -> None:
    bench.sh(
        "cp .notionfs/README.md $OUT && cmp .notionfs/README.md $OUT", OUT=bench.home / "guide"
    )
    schema = bench.sh("cat acme/tasks/.schema.yaml")
    assert "Tasks" in schema
    assert bench.sh("wc -c <acme/tasks/.schema.yaml").strip() == str(len(schema.encode()))


def test_df_tells_the_disk_of_the_store(bench: Bench) -> None:
    assert "notionfs" in bench.sh("df -h . | tail -1")
    assert os.statvfs(bench.path).f_bavail > 0
    assert os.statvfs(bench.path).f_namemax == 255


def test_the_mount_is_its_owners_alone(bench: Bench) -> None:
    """0700 and 0600, and no programs, devices or set-uid files from a workspace."""
    assert (bench.path / "acme").stat().st_mode & 0o777 == 0o700
    assert (bench.path / "acme" / "wiki.md").stat().st_mode & 0o777 == 0o600
    options = bench.sh("findmnt -n -o OPTIONS --target .").split(",")
    assert {"nosuid", "nodev", "noexec"} <= {option.strip() for option in options}
    (bench.path / "script.sh").write_text("#!/bin/sh\n")
    with pytest.raises(PermissionError):
        os.execv(bench.path / "script.sh", ["script.sh"])


def test_extended_attributes_are_off(bench: Bench) -> None:
    """ENOSYS, which the kernel remembers and programs see as ENOTSUP: `ls -l` stays fast."""
    with pytest.raises(OSError) as caught:
        os.getxattr(bench.path / "acme" / "wiki.md", "user.notion.id")
    assert caught.value.errno in (errno.ENOTSUP, errno.ENOSYS)
    bench.sh("ls -l acme; cp -a acme/wiki.md $OUT", OUT=bench.home / "copy")


def test_times_are_those_of_notion(bench: Bench) -> None:
    """The minute of the last edit; a directory has the newest of its children."""
    page = bench.look(bench.sim.page, bench.sim.find("Notes"))
    shown = bench.sh("date -u -r acme/wiki/notes.md +%Y-%m-%dT%H:%M:00.000Z").strip()
    assert shown == page["last_edited_time"]


# --- mounted otherwise ----------------------------------------------------------------------------

WRITES = {
    "saving": "echo x >>acme/wiki.md",
    "truncating": "truncate -s 0 acme/wiki.md",
    "a new page": "echo x >acme/wiki/new.md",
    "a side file": "echo x >acme/notes.txt",
    "a folder": "mkdir acme/wiki/new",
    "removing": "rm -f acme/wiki/notes.md",
    "moving": "mv acme/wiki/notes.md acme/wiki/other.md",
    "a link": "ln -s a acme/b",
    "touching": "touch acme/wiki.md",
    "a mode": "chmod 644 acme/wiki.md",
    "opening to write": "exec 3<>acme/wiki.md",
    "removing a folder": "rmdir acme/wiki",
    "another name": "ln acme/wiki.md acme/other.md",
    "an attribute": "setfattr -n user.a -v b acme/wiki.md",
    "an answer to a comment": "echo x >acme/wiki.comments.md",
}

DECISIONS = ("resolve --mine", "retry", "discard", "undo", "restore", "mv")
"""Commands that change a page."""


def test_a_read_only_mount_refuses_every_change() -> None:
    """EROFS, for root too, and nothing is sent."""
    with opened(workspace(), "--poll", "off", "--read-only") as bench:
        assert "Welcome." in (bench.path / "acme" / "wiki.md").read_text()
        for what, script in WRITES.items():
            done = bench.run("bash", "-ec", script)
            assert done.code != 0, what
            assert os.strerror(errno.EROFS) in done.err, what
        for words in DECISIONS:
            paths = ["acme/wiki.md", "acme/wiki/other.md"][: 2 if words == "mv" else 1]
            done = bench.notionfs(*words.split(), *(str(bench.path / path) for path in paths))
            assert (done.code != 0, done.err) == (True, f"notionfs: {READ_ONLY_MOUNT}\n"), words
        status = bench.status()
        assert (status["read_only"], status["queue"]) == (True, [])
        assert "(read-only)" in bench.notionfs("status").out
        bench.drain()
        assert set(bench.calls()) <= {"users_me", "search", "get_database", "get_markdown"}


def test_extended_attributes_tell_what_the_frontmatter_tells() -> None:
    with opened(workspace(), "--poll", "off", "--xattrs") as bench:
        file = bench.path / "acme" / "wiki" / "notes.md"
        page = bench.sim.find("Notes")
        assert os.getxattr(file, "user.notion.id").decode() == page
        assert os.getxattr(file, "user.notion.parent").decode() == bench.sim.find("Wiki")
        assert "user.notion.url" in os.listxattr(file)
        assert "user.notion.data_source" in os.listxattr(bench.path / "acme" / "tasks" / "row.md")
        assert page in bench.sh("getfattr -d --absolute-names -m user.notion acme/wiki/notes.md")
        with pytest.raises(OSError) as missing:
            os.getxattr(file, "user.other")
        assert missing.value.errno == errno.ENODATA
        with pytest.raises(OSError) as refused:
            os.setxattr(file, "user.notion.id", b"another")
        assert refused.value.errno == errno.ENOTSUP


def test_names_can_be_the_titles_themselves() -> None:
    """Also then no title can do harm."""
    with opened(workspace(), "--poll", "off", "--names", "title") as bench:
        assert (bench.path / "acme" / "Wiki" / "Notes.md").exists()
        names = [entry.name for entry in (bench.path / "acme" / "Hostile").iterdir()]
        assert len(names) == len(HOSTILE)
        assert not any(unicodedata.category(c) in ("Cc", "Cf") for name in names for c in name)
        assert not any(name.startswith(".") for name in names)


def test_with_sync_a_refusal_is_heard_by_close() -> None:
    """Also by the editor; without it close only promises that the text is safe."""
    with opened(workspace(), "--poll", "off", "--sync") as bench:
        file = bench.path / "acme" / "wiki.md"
        text = file.read_text()
        file.write_text(text.replace("Welcome.", "Good morning."))
        assert "Good morning." in bench.look(bench.sim.markdown, bench.sim.find("Wiki"))
        bench.look(lambda: bench.sim.fail_next(operation="patch_markdown", status=400, times=9))
        with pytest.raises(OSError) as caught:
            file.write_text(text.replace("Welcome.", "Good evening."))
        assert caught.value.errno == errno.EINVAL
        assert "Good evening." in file.read_text()
        assert (bench.path / "acme" / "wiki.md.error").exists()
