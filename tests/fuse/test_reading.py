"""Reading with programs nobody here wrote: the right bytes, also from pages never read before."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

PYTHON = shlex.quote(sys.executable)

# The long one is larger than the size that an unread page reports; the empty one has no body.
BODIES: Mapping[str, str] = {
    "short": "One needle.",
    "long": "\n".join(f"Paragraph {n}, needle, {'x' * 100}" for n in range(600)),
    "unicode": "Größe, 日本語, needle, 🦀.",
    "empty": "",
}

# Each copies the files of the current directory to $OUT in its own way.
COPIES: Mapping[str, str] = {
    "cat": "for f in *.md; do cat $f >$OUT/$f; done",
    "cp": "cp *.md $OUT/",
    "cp-recursive": "cp -r . $OUT/",
    "cp-archive": "cp -a . $OUT/",
    "tar": "tar c . | tar x -C $OUT",
    "tar-to-file": "tar cf $OUT/all.tar . && tar xf $OUT/all.tar -C $OUT && rm $OUT/all.tar",
    "rsync": "rsync -a ./ $OUT/",
    "dd": "for f in *.md; do dd if=$f of=$OUT/$f bs=777 status=none; done",
    "tail": "for f in *.md; do tail -c +1 $f >$OUT/$f; done",
    "head": "for f in *.md; do head -c 1000000 $f >$OUT/$f; done",
    "awk": "for f in *.md; do awk 1 $f >$OUT/$f; done",
    # git trusts the size it saw before it opened a file: the first try fails, loudly.
    "git": "export GIT_DIR=$OUT.git; git init -q; git config core.bare false"
    "; git --work-tree=. add --ignore-errors . 2>/dev/null || git --work-tree=. add ."
    "; git --work-tree=$OUT checkout-index -a",
    "mmap": f"""{PYTHON} -c '
import mmap, os, pathlib, sys
for f in pathlib.Path(".").glob("*.md"):
    with f.open("rb") as s, mmap.mmap(s.fileno(), 0, access=mmap.ACCESS_READ) as m:
        pathlib.Path(os.environ["OUT"], f.name).write_bytes(m[:])
'""",
    "python": f"""{PYTHON} -c '
import os, pathlib, shutil
for f in pathlib.Path(".").glob("*.md"):
    shutil.copyfile(f, pathlib.Path(os.environ["OUT"], f.name))
'""",
    "backwards": "for f in *.md; do tac $f | tac >$OUT/$f; done",
    "vim": 'for f in *.md; do vim -es -n -u NONE -c "w $OUT/$f" -c q $f </dev/null; done',
}

# Each prints something about the files of the current directory, the same every time.
SEARCHES: Mapping[str, str] = {
    "grep": "grep -r -c needle . | sort",
    "rg": "rg -c needle . | sort",
    "wc": "wc -lc *.md | tr -s ' '",  # its columns are as wide as the sizes it saw first
    "md5sum": "md5sum *.md",
    "sort": "cat *.md | sort | head -3",
    "tail": "for f in *.md; do tail -c 20 $f; done",
    "sed": "sed -n '/needle/p' *.md | wc -l",
    "cmp": "for f in *.md; do cmp $f $f; done",
    "diff": "cp -r . $OUT/; diff -r . $OUT",
    "xargs": "find . -name '*.md' -print0 | sort -z | xargs -0 cat | md5sum",
}
# Each looks at names and times only.
LOOKS: Mapping[str, str] = {
    "ls": "ls -lR | wc -l",
    "find": "find . -type f -newermt 2020-01-01 | sort",
    "find-newer": "R=$(mktemp); touch -d 2020-01-01 $R; find . -newer $R | sort; rm $R",
    "stat": "stat -c '%n %F' *.md",
    "tree": "find . -printf '%P %y\\n' | sort",
    "completion": "compgen -f l",
}

CASES = [*(f"copy-{n}" for n in COPIES), *(f"search-{n}" for n in SEARCHES)]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A workspace with a folder of unread pages for each program."""
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace")
    for case in [*CASES, "looks"]:
        folder = sim.add_page(case, parent=wiki)
        for title, body in BODIES.items():
            sim.add_page(title, parent=folder, markdown=body)
    sizes = sim.add_page("sizes", parent=wiki)
    for n in range(12):
        sim.add_page(f"long {n}", parent=sizes, markdown=BODIES["long"])
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        yield bench
        assert "Traceback" not in bench.mount.log


def output(bench: Bench, name: str) -> Path:
    out = bench.home / f"out-{name}"
    out.mkdir()
    return out


def check_text(file: Path) -> bytes:
    """The bytes are what Notion has, and the size is that of the bytes."""
    data = file.read_bytes()
    assert file.stat().st_size == len(data)
    _, title, body = data.decode().partition(f"\n# {file.stem}\n")
    assert title
    assert body.split() == BODIES[file.stem].split()
    return data


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_unread_pages_is_complete(bench: Bench, name: str) -> None:
    """One call a page the first time, none the second; all bytes both times."""
    folder = bench.path / "acme" / "wiki" / f"copy-{name}"
    first, again = output(bench, f"{name}-1"), output(bench, f"{name}-2")
    bench.forget_calls()
    bench.sh(COPIES[name], cwd=folder, OUT=first)
    assert bench.calls() == {"get_markdown": len(BODIES)}
    bench.sh(COPIES[name], cwd=folder, OUT=again)
    assert bench.calls() == {"get_markdown": len(BODIES)}
    for title in BODIES:
        wanted = check_text(folder / f"{title}.md")
        assert (first / f"{title}.md").read_bytes() == wanted
        assert (again / f"{title}.md").read_bytes() == wanted


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_through_unread_pages_sees_everything(bench: Bench, name: str) -> None:
    """N calls for N unread pages, then none; the same output, and that of a copy."""
    folder = bench.path / "acme" / "wiki" / f"search-{name}"
    bench.forget_calls()
    first = bench.sh(SEARCHES[name], cwd=folder, OUT=output(bench, f"{name}-s1"))
    assert bench.calls() == {"get_markdown": len(BODIES)}
    again = bench.sh(SEARCHES[name], cwd=folder, OUT=output(bench, f"{name}-s2"))
    assert bench.calls() == {"get_markdown": len(BODIES)}
    copy = output(bench, f"{name}-copy")
    for title in BODIES:
        (copy / f"{title}.md").write_bytes(check_text(folder / f"{title}.md"))
    there = bench.sh(SEARCHES[name], cwd=copy, OUT=output(bench, f"{name}-s3"))
    assert first == again == there


@pytest.mark.parametrize("name", LOOKS)
def test_looking_at_unread_pages_costs_nothing(bench: Bench, name: str) -> None:
    """Names, types and times are known from the tree."""
    bench.forget_calls()
    shown = bench.sh(LOOKS[name], cwd=bench.path / "acme" / "wiki" / "looks")
    assert shown.strip()
    assert bench.calls() == {}


def test_an_unread_page_never_looks_empty(bench: Bench) -> None:
    """tar and git believe a size of 0 and zero blocks."""
    for title in BODIES:
        stat = (bench.path / "acme" / "wiki" / "looks" / f"{title}.md").stat()
        assert stat.st_size > 0
        assert stat.st_blocks == -(-stat.st_size // 512)


def test_the_size_is_right_at_once_after_open(bench: Bench) -> None:
    """`tac` asks where the end is right after open; the kernel must not have the old size then."""
    folder = bench.path / "acme" / "wiki" / "sizes"
    bench.sh("for f in *.md; do tac $f | tac | cmp - $f; done", cwd=folder)
