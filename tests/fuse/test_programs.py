"""Every way to save: one page, the same id, one call, and what nobody touched is not sent."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened
from tests.fuse.patterns import PATTERNS

HERE = Path(__file__).parent
PYTHON = shlex.quote(sys.executable)
OLD, NEW = "Second paragraph.", "Second words, after an edit."
BODY = f"First paragraph.\n\n{OLD}\n\n## A heading\n\n- one\n- two\n\nLast paragraph.\n"

# Every script finds the page's name in $F (it stands in the page's directory), and in $T a file
# outside of the mount that holds the text which must be there afterwards.
_VIM = f'-c "%s/{OLD}/{NEW}/" -c wq "$F" </dev/null'
_EMACS = (
    f"""(progn (find-file (getenv "F")) (goto-char (point-min)) (search-forward "{OLD}")"""
    f""" (replace-match "{NEW}" t t) (save-buffer))"""
)
_NANO = f"{PYTHON} {HERE}/typist.py nano '\\x1c{OLD}\\r{NEW}\\rA\\x13\\x18' nano --ignorercfiles"
_GIT = "git init -q .; git config user.email ada@example.com; git config user.name Ada"
_SED = f"'s/{OLD}/{NEW}/'"


class Program(NamedTuple):
    """What edits, what it leaves behind beside the page, what runs before the calls are counted."""

    script: str
    left: tuple[str, ...] = ()
    before: str = ""


PROGRAMS: Mapping[str, Program] = {
    "vim": Program(f"vim -es -u DEFAULTS {_VIM}"),
    "vim-on-a-terminal": Program(
        f"script -qec 'vim -u DEFAULTS -c \"%s/{OLD}/{NEW}/\" -c wq '$F /dev/null"
    ),
    "vim-backupcopy": Program(f"vim -es -u DEFAULTS --cmd 'set backupcopy=yes' {_VIM}"),
    "vim-backup": Program(f"vim -es -u DEFAULTS --cmd 'set backup' {_VIM}", ("~",)),
    "vim-plain": Program(f"vim -es -u NONE -N {_VIM}"),
    "vim-twice": Program(
        f'vim -es -u DEFAULTS -c "%s/{OLD}/Something/" -c w'
        f' -c "%s/Something/{NEW}/" -c wq "$F" </dev/null'
    ),
    "neovim": Program(f"nvim --headless -u NONE -es {_VIM}"),
    "neovim-backup": Program(
        f"nvim --headless -u NONE --cmd 'set backup backupdir=.' -es {_VIM}", ("~",)
    ),
    "emacs": Program(f"emacs --batch -Q --eval '{_EMACS}'", ("~",)),
    "emacs-backup-by-copying": Program(
        f"emacs --batch -Q --eval '(setq backup-by-copying t)' --eval '{_EMACS}'", ("~",)
    ),
    "emacs-file-precious": Program(
        f"emacs --batch -Q --eval '(setq file-precious-flag t)' --eval '{_EMACS}'", ("~",)
    ),
    "nano": Program(f"{_NANO} $F"),
    "nano-backup": Program(f"{_NANO} -B $F", ("~",)),
    "ed": Program(f"printf '%s\\n' ',s/{OLD}/{NEW}/' w q | ed -s $F"),
    "sed": Program(f"sed -i {_SED} $F"),
    "sed-backup": Program(f"sed -i.bak {_SED} $F", (".bak",)),
    "perl": Program(f"perl -pi -e {_SED} $F"),
    "perl-backup": Program(f"perl -pi.orig -e {_SED} $F", (".orig",)),
    "redirection": Program("cat $T >$F"),
    "tee": Program("tee $F <$T >/dev/null"),
    "held-in-a-variable": Program('text=$(cat $T; echo x); printf %s "${text%x}" >$F'),
    "cp": Program("cp $T $F"),
    "cp-preserving": Program("cp -p $T $F"),
    "cp-remove-destination": Program("cp --remove-destination $T $F"),
    "cp-backup": Program("cp -b $T $F", ("~",)),
    "mv-from-beside": Program("cp $T $F.new && mv $F.new $F"),
    "mv-from-another-file-system": Program("cp $T $T.moved && mv -f $T.moved $F"),
    "install": Program("install -m 600 $T $F"),
    "dd": Program("dd if=$T of=$F status=none"),
    "dd-notrunc": Program("dd if=$T of=$F conv=notrunc bs=7 status=none"),
    "truncate-and-write": Program("truncate -s 0 $F; cat $T >>$F"),
    "rsync": Program("rsync -a --ignore-times $T $F"),
    "rsync-inplace": Program("rsync -a --ignore-times --inplace $T $F"),
    "rsync-backup": Program("rsync -a --ignore-times --backup $T $F", ("~",)),
    "patch": Program("cp $F $T.was; diff -u $T.was $T >$T.diff || true; patch -s $F <$T.diff"),
    "patch-backup": Program(
        "cp $F $T.was; diff -u $T.was $T >$T.diff || true; patch -s -b $F <$T.diff", (".orig",)
    ),
    "tar": Program("tar c -C $(dirname $T) --transform s/.*/$F/ $(basename $T) | tar x"),
    "tar-overwrite": Program(
        "tar c -C $(dirname $T) --transform s/.*/$F/ $(basename $T) | tar x --overwrite"
    ),
    "unzip": Program("unzip -qo $T.zip", before=f"{PYTHON} {HERE}/patterns.py zipped $F $T"),
    "git-checkout": Program(
        "git checkout -q HEAD~1 -- $F",
        before=f"{_GIT}; cp $F $T.was; cat $T >$F; git add $F; git commit -qm new"
        "; cat $T.was >$F; git commit -qam old",
    ),
    "git-stash": Program(
        "git stash pop -q",
        before=f"{_GIT}; git add $F; git commit -qm one; cat $T >$F; git stash -q",
    ),
    **{f"as-{name}": Program(f"{PYTHON} {HERE}/patterns.py {name} $F $T") for name in PATTERNS},
}
PROGRAMS = {
    **PROGRAMS,
    "as-gio_backup": Program(PROGRAMS["as-gio_backup"].script, ("~",)),
}


def slug_of(name: str) -> str:
    return name.replace("_", "-")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A workspace with a page for each program."""
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace")
    for name in PROGRAMS:
        home = sim.add_page(f"In {slug_of(name)}", parent=wiki)
        sim.add_page(slug_of(name), parent=home, markdown=BODY)
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        yield bench
        bench.drain()
        assert len(bench.look(sim.titles)) == 1 + 2 * len(PROGRAMS)
        assert "Traceback" not in bench.mount.log


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_saves(bench: Bench, name: str) -> None:
    """The page keeps its id and the blocks nobody touched; the file keeps the bytes written."""
    program, slug = PROGRAMS[name], slug_of(name)
    sim, folder = bench.sim, bench.path / "acme" / "wiki" / f"in-{slug}"
    page, file, wanted = sim.find(slug), folder / f"{slug}.md", bench.home / f"{slug}.txt"
    read = file.read_text()
    assert read.count(OLD) == 1
    text = read.replace(OLD, NEW)
    wanted.write_text(text)
    bench.sh(program.before or ":", cwd=folder, F=file.name, T=wanted)
    bench.drain()
    blocks, body = texts_of(bench, page), bench.look(sim.markdown, page)
    bench.forget_calls()

    bench.sh(program.script, cwd=folder, F=file.name, T=wanted)

    assert file.read_text() == text
    saved = file.stat()
    assert saved.st_size == len(text.encode())
    bench.drain()
    assert bench.calls() == {"patch_markdown": 1}
    assert bench.look(sim.markdown, page) == body.replace(OLD, NEW)
    after = texts_of(bench, page)
    assert {i: t for i, t in after.items() if t != NEW} == {
        i: t for i, t in blocks.items() if t != OLD
    }
    assert bench.look(sim.find, slug) == page
    names = {entry.name for entry in folder.iterdir()} - {".git"}
    assert names == {file.name, *(file.name + end for end in program.left)}
    assert file.read_text() == text
    after = file.stat()  # editors compare these with what they saw when they saved
    assert (after.st_mtime_ns, after.st_size) == (saved.st_mtime_ns, saved.st_size)


def texts_of(bench: Bench, page: str) -> dict[str, str]:
    """Return the text of each block of a page by its id."""
    found = {}
    for block in bench.look(bench.sim.children, page):
        rich = block[block["type"]].get("rich_text", [])
        found[block["id"]] = "".join(part["plain_text"] for part in rich)
    return found
