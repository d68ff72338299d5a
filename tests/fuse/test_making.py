"""Making, removing, moving, and what cannot be: through the kernel, with the errno people see."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

COLUMNS = {
    "Name": "title",
    "Status": {"status": {}},
    "Tags": {"multi_select": {"options": [{"name": "backend"}, {"name": "docs"}]}},
    "Points": "number",
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A wiki to make things in, and a database with two data sources."""
    sim = Simulator()
    sim.add_page("Wiki", parent="workspace", markdown="Welcome.")
    sim.add_page("Other", parent="workspace", markdown="Elsewhere.")
    _, [active, _] = sim.add_database(
        "Projects", parent="workspace", sources={"Active": COLUMNS, "Archived": COLUMNS}
    )
    sim.add_page("Alpha", parent=active, markdown="Content.", properties={"Points": 3})
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        bench.sh("mkdir wiki other", cwd=bench.path / "acme")
        yield bench
        assert "Traceback" not in bench.mount.log


@pytest.fixture
def wiki(bench: Bench) -> Path:
    bench.drain()
    bench.forget_calls()
    return bench.path / "acme" / "wiki"


@pytest.fixture
def projects(bench: Bench) -> Path:
    bench.drain()
    bench.forget_calls()
    return bench.path / "acme" / "projects"


def parent_of(bench: Bench, title: str) -> str:
    parent = bench.look(bench.sim.page, bench.sim.find(title))["parent"]
    return str(parent[parent["type"]])


# --- making ---------------------------------------------------------------------------------------

_INSERT = """-c "call setline(1, readfile('$T'))\""""
MAKERS = {
    "redirection": "cat $T >$F",
    "cp": "cp $T $F",
    "mv": "cp $T $T.x; mv $T.x $F",
    "mv from beside": "cp $T $F.x; mv $F.x $F",
    "install": "install -m 600 $T $F",
    "rsync": "rsync -a $T $F",
    "vim": f"vim -es -u DEFAULTS {_INSERT} -c wq $F </dev/null",
    "vim twice": f"vim -es -u DEFAULTS {_INSERT} -c w -c w -c wq $F </dev/null",
    "neovim": f"nvim --headless -u NONE -es {_INSERT} -c wq $F </dev/null",
    "emacs": """emacs --batch -Q --eval '(progn (find-file (getenv "F"))"""
    """ (insert-file-contents (getenv "T")) (save-buffer))'""",
    "touch, then write": "touch $F; cat $T >>$F",
    "line by line": "while read -r line; do echo $line >>$F; done <$T",
    "tar": "tar c -C $(dirname $T) $(basename $T) --transform s/.*/$F/ | tar x",
}


@pytest.mark.parametrize("how", MAKERS)
def test_a_new_file_in_a_folder_is_one_sub_page(bench: Bench, wiki: Path, how: str) -> None:
    """One create, whatever the program does; the bytes stay, the title is the name."""
    title = how.replace(",", "")
    name = title.replace(" ", "-")
    text = "First.\n\nSecond.\n" if how != "line by line" else "First.\nSecond.\n"
    (bench.home / "new.txt").write_text(text)
    bench.sh(MAKERS[how], cwd=wiki, F=f"{name}.md", T=bench.home / "new.txt")
    bench.drain()
    assert bench.calls() == {"create_page": 1}
    page = bench.look(bench.sim.find, name)
    assert bench.look(bench.sim.markdown, page).split() == ["First.", "Second."]
    assert (wiki / f"{name}.md").read_text() == text


def test_a_new_file_in_a_database_is_a_row_with_its_properties(
    bench: Bench, projects: Path
) -> None:
    """Of the default data source, or of the one that the frontmatter names."""
    (projects / "beta.md").write_text("---\nPoints: 5\nTags: [docs]\n---\n\n# Beta Row\n\nText.\n")
    (projects / "gamma.md").write_text(
        "---\nnotion_data_source_name: Archived\nPoints: 7\n---\n\n# Gamma Row\n"
    )
    bench.drain()
    assert bench.calls() == {"create_page": 2}
    row = bench.look(bench.sim.page, bench.sim.find("Beta Row"))
    assert row["properties"]["Points"]["number"] == 5
    assert parent_of(bench, "Beta Row") != parent_of(bench, "Gamma Row")


def test_mkdir_is_a_page_and_its_children_follow(bench: Bench, wiki: Path) -> None:
    (wiki / "team" / "minutes").mkdir(parents=True)
    (wiki / "team" / "minutes" / "monday.md").write_text("We met.\n")
    bench.drain()
    assert bench.calls() == {"create_page": 3}
    assert parent_of(bench, "monday") == bench.sim.find("minutes")
    assert parent_of(bench, "minutes") == bench.sim.find("team")
    assert (wiki / "team.md").read_text().strip().endswith("# team")


def test_a_tree_copied_in_and_out_is_the_same(bench: Bench, wiki: Path) -> None:
    """cp -r makes a page of each file and folder."""
    source, back = bench.home / "docs", bench.home / "docs-back"
    (source / "deep").mkdir(parents=True)
    for name in ("docs-one.md", "docs-two.md", "deep/docs-three.md"):
        (source / name).write_text(f"Text of {name}.\n")
    bench.sh(f"cp -r {source} handbook", cwd=wiki)
    bench.drain()
    assert bench.calls() == {"create_page": 5}
    shutil.copytree(wiki / "handbook", back)
    for name in ("docs-one.md", "docs-two.md", "deep/docs-three.md"):
        assert (back / name).read_text() == f"Text of {name}.\n"


def test_side_files_stay_here(bench: Bench, wiki: Path) -> None:
    """No call for what is not a page, and a restart keeps it: see the tests of crashes."""
    bench.sh("echo a >notes.txt; mkdir .git .obsidian; echo b >.git/x.md; echo c >.hidden.md", wiki)
    bench.sh("ln -s notes.txt .#lock; mv notes.txt notes.text; rm -r .obsidian", wiki)
    bench.drain()
    assert bench.calls() == {}
    assert (wiki / ".#lock").readlink() == Path("notes.txt")


# --- removing and moving --------------------------------------------------------------------------


def test_rm_moves_to_the_trash(bench: Bench, wiki: Path) -> None:
    (wiki / "doomed.md").write_text("Text.\n")
    bench.drain()
    page = bench.sim.find("doomed")
    (wiki / "doomed.md").unlink()
    assert not (wiki / "doomed.md").exists()
    bench.drain()
    assert bench.look(bench.sim.page, page)["in_trash"]


def test_rm_r_takes_a_page_with_its_children(bench: Bench, wiki: Path) -> None:
    """Children first; the page alone is refused while it has some."""
    (wiki / "parent" / "child").mkdir(parents=True)
    (wiki / "parent" / "child" / "leaf.md").write_text("Text.\n")
    bench.drain()
    pages = [bench.sim.find(title) for title in ("parent", "child", "leaf")]
    with pytest.raises(OSError) as caught:
        (wiki / "parent.md").unlink()
    assert caught.value.errno == errno.ENOTEMPTY
    bench.sh("rm -r parent.md parent || rm -rf parent parent.md", wiki)
    bench.drain()
    assert all(bench.look(bench.sim.page, page)["in_trash"] for page in pages)
    assert not list(wiki.glob("parent*"))


def test_mv_in_place_is_a_new_title(bench: Bench, wiki: Path) -> None:
    (wiki / "draft.md").write_text("Text.\n")
    bench.drain()
    page = bench.sim.find("draft")
    bench.forget_calls()
    bench.sh("mv draft.md 'Final Version.md'", wiki)
    bench.drain()
    assert bench.look(bench.sim.title, page) == "Final Version"
    assert bench.calls()["update_page"] == 1
    assert "create_page" not in bench.calls()
    assert not (wiki / "draft.md").exists()


def test_mv_to_another_folder_is_a_move(bench: Bench, wiki: Path) -> None:
    """With its children, which stay below it."""
    (wiki / "mover").mkdir()
    (wiki / "mover" / "below.md").write_text("Text.\n")
    bench.drain()
    page, below = bench.sim.find("mover"), bench.sim.find("below")
    bench.forget_calls()
    bench.sh("mv wiki/mover.md other/", cwd=wiki.parent)
    assert (wiki.parent / "other" / "mover" / "below.md").read_text() == "Text.\n"
    bench.drain()
    assert bench.calls() == {"move_page": 1}
    assert parent_of(bench, "mover") == bench.sim.find("Other")
    assert (page, below) == (bench.sim.find("mover"), bench.sim.find("below"))


REFUSED = {
    "a row out of its database": ("mv projects/alpha.md wiki/", errno.EPERM),
    "a page to the top": ("mv wiki.md/../wiki/top.md .", errno.ENOTDIR),
    "a page at the top": ("echo x >top.md", errno.EPERM),
    "a directory at the top": ("mkdir top", errno.EPERM),
    "a page in its own folder": (
        "perl -e 'rename q(wiki.md), q(wiki/a.md) or die $!'",
        errno.EINVAL,
    ),
    "removing a database": ("rmdir projects", errno.EPERM),
    "renaming a database": ("mv projects things", errno.EPERM),
    "writing the schema": ("echo x >>projects/.schema.yaml", errno.EROFS),
    "removing the schema": ("rm -f projects/.schema.yaml", errno.EROFS),
    "writing in .notionfs": ("touch ../.notionfs/mine", errno.EROFS),
    "a hard link": ("ln wiki.md wiki/link.md", errno.EPERM),
    "a symbolic link as a page": ("ln -s wiki.md wiki/link.md", errno.EPERM),
    "a desktop's trash": ("mkdir .Trash-1000", errno.EPERM),
    "another owner": ("chown 4711 wiki.md", errno.EPERM),
    "a device": ("mknod wiki/pipe p", errno.EPERM),
    "a name that is too long": (f"touch {'x' * 256}", errno.ENAMETOOLONG),
    "a name that is not UTF-8": ("touch wiki/$'\\xff\\xfe.md'", errno.EINVAL),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_before_anything_changes(
    bench: Bench, wiki: Path, what: str
) -> None:
    script, code = REFUSED[what]
    done = bench.run("bash", "-ec", script, cwd=wiki.parent)
    assert done.code != 0
    assert os.strerror(code) in done.err
    bench.drain()
    assert bench.calls() == {}


# --- texts that cannot be sent --------------------------------------------------------------------

BAD = {
    "yaml": "---\nPoints: [3\n---\n\n# Alpha\n",
    "unknown key": "---\nPoinst: 3\n---\n\n# Alpha\n",
    "wrong type": "---\nPoints: many\n---\n\n# Alpha\n",
    "unknown option": "---\nStatus: Perhaps\n---\n\n# Alpha\n",
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_text_is_refused_by_close_and_kept(bench: Bench, projects: Path, what: str) -> None:
    """EINVAL, the text as written, the reason beside it, in the status and in the log."""
    file, error = projects / "alpha.md", projects / "alpha.md.error"
    good = file.read_text()
    bench.forget_calls()
    with pytest.raises(OSError) as caught:
        file.write_text(BAD[what])
    assert caught.value.errno == errno.EINVAL
    assert file.read_text() == BAD[what]
    reason = error.read_text()
    assert error in list(projects.iterdir())
    assert reason.strip() in json.dumps(bench.status()["errors"], ensure_ascii=False)
    assert "is parked" in bench.mount.log
    bench.drain()
    assert bench.calls() == {}
    file.write_text(good + "\nCorrected.\n")
    bench.drain()
    assert not error.exists()
    assert error not in list(projects.iterdir())
    assert bench.status()["errors"] == []


NOT_TEXT = {"not UTF-8": b"# Alpha\n\n\xff\xfe\n", "NUL": b"# Alpha\n\n\0\n"}


@pytest.mark.parametrize("what", NOT_TEXT)
def test_what_is_no_text_is_refused(bench: Bench, projects: Path, what: str) -> None:
    file = projects / "alpha.md"
    good = file.read_bytes()
    with pytest.raises(OSError) as caught:
        file.write_bytes(NOT_TEXT[what])
    assert caught.value.errno == errno.EINVAL
    assert file.read_bytes() == NOT_TEXT[what]
    file.write_bytes(good)


@pytest.mark.parametrize("program", ["cp $T $F", "sed -i 's/Points: .*/Points: many/' $F"])
def test_programs_hear_of_a_bad_text(bench: Bench, projects: Path, program: str) -> None:
    """Their exit code says it; the text waits, and the reason stands beside it."""
    file = projects / "alpha.md"
    good = file.read_text()
    (bench.home / "bad.txt").write_text(good.replace("Points: 3", "Points: many"))
    done = bench.run(
        "env", f"F={file}", f"T={bench.home}/bad.txt", "bash", "-ec", program, cwd=bench.home
    )
    assert done.code != 0
    assert os.strerror(errno.EINVAL) in done.err
    assert "Points: many" in file.read_text()
    bench.sh("ls alpha.md.error; rm -f sed*", cwd=projects)
    file.write_text(good)
