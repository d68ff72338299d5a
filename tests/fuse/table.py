"""`python -m tests.fuse.table`: what saves, in which version, and what it costs, measured here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened
from tests.fuse.test_programs import BODY, NEW, OLD, PROGRAMS, slug_of, texts_of

_PROGRAMS = (
    "vim", "neovim", "emacs", "nano", "ed", "sed", "perl", "tee", "cp", "mv", "install", "dd",
    "truncate", "rsync", "patch", "git", "tar", "unzip",
)  # fmt: skip
_COMMANDS = {"neovim": ("nvim", "--version"), "unzip": ("unzip", "-v")}


def version_of(name: str) -> str:
    """Return the version that a row's program says it has; nothing for replayed patterns."""
    program = next((each for each in _PROGRAMS if re.match(rf"{each}(-|$)", name)), None)
    if program is None:
        return ""
    words = _COMMANDS.get(program, (program, "--version"))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d[\w.]*", done.stdout + done.stderr)
    return found.group() if found else ""


def rows(bench: Bench) -> Iterator[str]:
    """Let every program save its page; yield what that did."""
    sim = bench.sim
    for name, program in PROGRAMS.items():
        slug = slug_of(name)
        folder = bench.path / "acme" / "wiki" / f"in-{slug}"
        file, wanted = folder / f"{slug}.md", bench.home / f"{slug}.txt"
        page, text = bench.look(sim.find, slug), file.read_text()
        wanted.write_text(text.replace(OLD, NEW))
        bench.sh(program.before or ":", cwd=folder, F=file.name, T=wanted)
        bench.drain()
        before = texts_of(bench, page)
        bench.forget_calls()
        bench.sh(program.script, cwd=folder, F=file.name, T=wanted)
        same = "yes" if file.read_text() == wanted.read_text() else "no"
        bench.drain()
        after, calls = texts_of(bench, page), sum(bench.calls().values())
        kept = sum(before.get(block) == text for block, text in after.items())
        is_same_page = "yes" if bench.look(sim.find, slug) == page else "no"
        left = " ".join(f"`page.md{end}`" for end in program.left)
        yield (
            f"| {name} | {version_of(name)} | {calls} | {is_same_page} |"
            f" {kept} of {len(before) - 1} | {same} | {left} |"
        )


def main() -> None:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace")
    for name in PROGRAMS:
        home = sim.add_page(f"In {slug_of(name)}", parent=wiki)
        sim.add_page(slug_of(name), parent=home, markdown=BODY)
    print_line = sys.stdout.write
    print_line(
        "| how | version | calls | same page | untouched blocks kept | bytes kept | left |\n"
    )
    print_line("| --- | --- | ---: | --- | --- | --- | --- |\n")
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        for row in rows(bench):
            print_line(row + "\n")


if __name__ == "__main__":
    main()
