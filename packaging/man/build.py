"""Make the manual pages from the commands themselves and from docs/reference/config.md.

python packaging/man/build.py DIRECTORY

writes notionfs.1, a page for each command, notionfs.toml.5 and mount.notionfs.8 there. The pages
are written in mdoc, which man-db and mandoc both read. Nothing in them is kept by hand.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import cleandoc
from pathlib import Path

import click

from notionfs.cli import mount_helper
from notionfs.cli.exits import MEANINGS
from notionfs.cli.main import COMMANDS, ENVIRONMENT, group

ROOT = Path(__file__).parents[2]
CHANGED = datetime.fromtimestamp((ROOT / "pyproject.toml").stat().st_mtime, UTC)

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z])")
_PARAGRAPH = re.compile(r"\n\s*\n")


def plain(text: str) -> str:
    """Return *text* so that roff prints it as it is."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped)


def words(text: str) -> str:
    """Return running *text* without Markdown's links and backticks."""
    text = _LINK.sub(r"\1", text).replace("`", "").replace("\\|", "|").strip()
    return "\n".join(plain(sentence) for sentence in _SENTENCE.split(text))


def argument(text: str) -> str:
    """Return *text* as one argument of a macro."""
    return '"' + plain(text).replace('"', r"\(dq") + '"'


# --- commands -------------------------------------------------------------------------------------


def head(title: str, section: int, name: str, summary: str) -> Iterator[str]:
    """Yield the lines every page begins with."""
    yield f".Dd {CHANGED:%B %-d, %Y}"
    yield f".Dt {title.upper()} {section}"
    yield ".Os"
    yield ".Sh NAME"
    yield f".Nm {name}"
    yield f".Nd {plain(summary.rstrip('.'))}"


def usage(path: str, command: click.Command) -> Iterator[str]:
    """Yield the lines of one SYNOPSIS."""
    yield ".Nm notionfs"
    for word in path.split():
        yield f".Cm {plain(word)}"
    if options(command):
        yield ".Op Ar options"
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            shown = parameter.make_metavar(click.Context(command))
            yield f".Ar {argument(shown)}"
    if isinstance(command, click.Group):
        yield ".Ar command"


def options(command: click.Command) -> list[click.Option]:
    """Return what --help lists."""
    found = [item for item in command.params if isinstance(item, click.Option)]
    return [option for option in found if not option.hidden]


def paragraphs(command: click.Command) -> Iterator[tuple[bool, list[str]]]:
    """Yield the paragraphs of the help text: whether it is an example, and its lines."""
    for paragraph in _PARAGRAPH.split(cleandoc((command.help or "").partition("\f")[0])):
        lines = paragraph.split("\n")
        if lines[0].strip() != "\b":
            yield False, [" ".join(line.strip() for line in lines)]
        else:
            yield True, lines[1:]


def described(command: click.Command) -> Iterator[str]:
    """Yield the help text without its examples."""
    for kept, lines in paragraphs(command):
        if not kept:
            yield ".Pp"
            yield words(lines[0])
        elif not is_example(lines):
            yield from literal(lines)


def examples(command: click.Command) -> Iterator[str]:
    """Yield EXAMPLES, if the help text has any."""
    found = [lines for kept, lines in paragraphs(command) if kept and is_example(lines)]
    if found:
        yield ".Sh EXAMPLES"
    for lines in found:
        first = lines[0].partition(":")[2].strip()
        yield from literal([first] if first else lines[1:])


def is_example(lines: list[str]) -> bool:
    """Tell whether a paragraph that keeps its lines says that it is an example."""
    return lines[0].startswith("Example")


def literal(lines: list[str]) -> Iterator[str]:
    """Yield *lines* as they stand."""
    if not lines:
        return
    yield ".Bd -literal"
    yield from (plain(line) if line.strip() else r"\&" for line in lines)
    yield ".Ed"


def option_list(command: click.Command) -> Iterator[str]:
    """Yield the OPTIONS of *command*, if it has any."""
    if not options(command):
        return
    yield ".Sh OPTIONS"
    yield ".Bl -tag -width Ds"
    for option in options(command):
        names = [f"Fl {plain(name[1:])}" for name in (*option.opts, *option.secondary_opts)]
        value = "" if option.is_flag or option.count else f" Ar {argument(value_of(option))}"
        yield f".It {' , '.join(names)}{value}"
        yield words(option.help or "")
    yield ".El"


def value_of(option: click.Option) -> str:
    """Return what --help shows for the option's value."""
    context = click.Context(click.Command("page"))
    return option.make_metavar(context).strip("[]")


def exit_codes() -> Iterator[str]:
    """Yield EXIT STATUS."""
    yield ".Sh EXIT STATUS"
    yield ".Bl -tag -width 130 -compact"
    for code, meaning in MEANINGS.items():
        yield f".It {int(code)}"
        yield words(meaning[0].upper() + meaning[1:] + ".")
    yield ".El"


def environment() -> Iterator[str]:
    """Yield ENVIRONMENT."""
    yield ".Sh ENVIRONMENT"
    yield ".Bl -tag -width Ds"
    for name, meaning in ENVIRONMENT:
        yield f".It Ev {name}"
        yield words(meaning[0].upper() + meaning[1:] + ".")
    yield ".El"


def find(name: str) -> click.Command:
    """Return the click command behind *name*."""
    found: click.Command = importlib.import_module(COMMANDS[name].module).command
    return found


def command_page(path: str, command: click.Command, summary: str) -> Iterator[str]:
    """Yield the page of one command; one with subcommands tells about each."""
    name = "notionfs-" + path.replace(" ", "-")
    yield from head(name, 1, name, summary)
    yield ".Sh SYNOPSIS"
    yield from usage(path, command)
    yield ".Sh DESCRIPTION"
    yield from described(command)
    yield from option_list(command)
    if isinstance(command, click.Group):
        yield from subcommands(path, command)
    yield from exit_codes()
    yield from examples(command)
    yield ".Sh SEE ALSO"
    yield ".Xr notionfs 1 ,"
    yield ".Xr notionfs.toml 5"


def subcommands(path: str, command: click.Group) -> Iterator[str]:
    """Yield a section for each subcommand of *command*."""
    for word, below in command.commands.items():
        yield f".Sh {argument(f'notionfs {path} {word}'.upper())}"
        yield from usage(f"{path} {word}", below)
        yield from described(below)
        for line in (*option_list(below), *examples(below)):
            yield f".Ss {line[4:].capitalize()}" if line.startswith(".Sh ") else line


def overview() -> Iterator[str]:
    """Yield notionfs(1)."""
    yield from head("notionfs", 1, "notionfs", "mount a Notion workspace as a directory tree")
    yield ".Sh SYNOPSIS"
    yield ".Nm"
    yield ".Ar command"
    yield ".Op Ar options"
    yield ".Op Ar arguments"
    yield ".Sh DESCRIPTION"
    yield from described(group)
    yield ".Sh COMMANDS"
    yield ".Bl -tag -width Ds"
    for name, entry in COMMANDS.items():
        yield f".It Xr notionfs-{name} 1"
        yield words(entry.summary)
    yield ".El"
    yield from environment()
    yield ".Sh FILES"
    yield ".Bl -tag -width Ds"
    for path, meaning in FILES:
        yield f".It Pa {plain(path)}"
        yield words(meaning)
    yield ".El"
    yield from exit_codes()
    yield from examples(group)
    yield ".Sh SEE ALSO"
    yield ".Xr fusermount3 1 ,"
    yield ".Xr notionfs.toml 5 ,"
    yield ".Xr mount.notionfs 8"


FILES = (
    ("~/.config/notionfs/config.toml", "Settings."),
    ("~/.local/state/notionfs", "The local stores, one for each workspace, and the log."),
    (".notionfs/README.md", "In a mount: a guide for people and agents."),
)


# --- settings and fstab ---------------------------------------------------------------------------


def settings_page() -> Iterator[str]:
    """Yield notionfs.toml(5) from the reference page."""
    yield from head("notionfs.toml", 5, "notionfs.toml", "settings of notionfs")
    yield ".Sh DESCRIPTION"
    text = (ROOT / "docs" / "reference" / "config.md").read_text("utf-8")
    yield from markdown(text.partition("\n")[2])
    yield ".Sh SEE ALSO"
    yield ".Xr notionfs-mount 1"


def markdown(text: str) -> Iterator[str]:
    """Yield the headings, paragraphs, tables and code of a reference page."""
    for block in re.split(r"\n\n+(?![^`]*\n```\n)", text.strip()):
        lines = block.split("\n")
        if lines[0].startswith("#"):
            yield f".Sh {plain(lines[0].lstrip('# ')).upper()}"
            lines = lines[1:]
        if not lines:
            continue
        if lines[0].startswith("|"):
            yield from table(lines)
        elif lines[0].startswith("```"):
            yield from literal(lines[1:-1])
        else:
            yield ".Pp"
            yield words(" ".join(lines))


def table(lines: list[str]) -> Iterator[str]:
    """Yield a table as a list: the first cell is the tag."""
    titles, *rows = (re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines)
    yield ".Bl -tag -width Ds"
    for row in rows[1:]:
        yield f".It Ic {argument(row[0].strip().strip('`'))}"
        yield words(row[-1])
        for title, cell in zip(titles[1:-1], row[1:-1], strict=True):
            if cell.strip() not in ("", "–"):
                yield ".br"
                yield f"{words(title).capitalize()}: {words(cell)}"
    yield ".El"


def helper_page() -> Iterator[str]:
    """Yield mount.notionfs(8)."""
    yield from head("mount.notionfs", 8, "mount.notionfs", "mount a workspace from fstab")
    yield ".Sh SYNOPSIS"
    yield ".Nm"
    yield ".Ar source"
    yield ".Ar directory"
    yield ".Op Fl sfnv"
    yield ".Op Fl o Ar options"
    yield ".Sh DESCRIPTION"
    for paragraph in _PARAGRAPH.split((mount_helper.__doc__ or "").strip()):
        lines = paragraph.split("\n")
        yield ".Pp"
        if all(line.startswith("    ") for line in lines):
            yield from literal(lines)
        else:
            yield words(" ".join(lines))
    yield ".Sh OPTIONS"
    yield ".Bl -tag -width Ds"
    for name, meaning in mount_helper.OPTIONS.items():
        yield f".It Ic {argument(name)}"
        yield words(meaning)
    yield ".El"
    yield ".Sh EXIT STATUS"
    yield ".Bl -tag -width 130 -compact"
    for code, meaning in mount_helper.MEANINGS.items():
        yield f".It {int(code)}"
        yield words(meaning)
    yield ".El"
    yield ".Sh SEE ALSO"
    yield ".Xr notionfs-mount 1 ,"
    yield ".Xr fstab 5 ,"
    yield ".Xr notionfs.toml 5 ,"
    yield ".Xr mount 8"


def pages() -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the file name and the lines of each page."""
    yield "notionfs.1", overview()
    for name, entry in COMMANDS.items():
        yield f"notionfs-{name}.1", command_page(name, find(name), entry.summary)
    yield "notionfs.toml.5", settings_page()
    yield "mount.notionfs.8", helper_page()


def tidy(lines: Iterator[str]) -> str:
    """Return the text of a page, without paragraph marks where a break is anyway."""
    kept = [line for line in lines if line]
    pairs = zip(kept, [*kept[1:], ""], [".Sh", *kept], strict=False)
    return "".join(
        line + "\n"
        for line, after, before in pairs
        if line != ".Pp" or not (before.startswith((".Sh", ".Ss")) or after.startswith(".B"))
    )


def main(directory: Path) -> None:
    """Write every page into *directory*, which is made if it is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, lines in pages():
        (directory / name).write_text(tidy(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
