"""The documentation and the program say the same: names, options, settings, tests, links."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from msgspec import NODEFAULT
from msgspec.structs import fields

from notionfs.cli.exits import MEANINGS
from notionfs.cli.main import COMMANDS, group
from notionfs.config import KEYS, SIDE_FILE_PATTERNS, TOKEN_KEYS, Settings
from notionfs.connection import identify
from notionfs.fs.guide import GUIDE
from notionfs.markdown.document import METADATA_KEYS
from notionfs.markdown.values import PROPERTY_TYPES
from notionfs.planning.states import DocState
from notionfs.simulator import Simulator
from notionfs.store.outbox import Action, RowState
from notionfs.sync.status import Status
from tests.desk import open_desk

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def section(text: str, heading: str) -> str:
    """Return what stands below a heading of the second level."""
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, f"there is no section {heading!r}"
    return rest.partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """Return the first cell of each row of every table in *text*, heads left out."""
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    cells = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    return [cell for cell in cells if "`" in cell]


def keys_in(text: str) -> list[str]:
    return [word for cell in first_cells(text) for word in _CODE.findall(cell)]


def options_of(command: click.Command) -> set[str]:
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }


def command(name: str) -> click.Command:
    found = importlib.import_module(COMMANDS[name].module).command
    assert isinstance(found, click.Command)
    return found


# --- commands -------------------------------------------------------------------------------------


def test_every_command_has_its_section_and_no_other() -> None:
    """In the order of `notionfs --help`."""
    assert re.findall(r"^## notionfs (\w+)$", page("commands.md"), re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_exactly_the_options_of_its_section(name: str) -> None:
    """Both ways: nothing is missing and nothing is made up."""
    shown = {
        option
        for cell in first_cells(section(page("commands.md"), f"notionfs {name}"))
        for option in _OPTION.findall(cell)
    }
    assert shown == options_of(command(name))


def test_the_options_of_the_program_itself_are_shown() -> None:
    """Those that stand before any command."""
    head = page("commands.md").partition("\n## ")[0]
    assert {"--help", "-h", *options_of(group)} == set(_OPTION.findall(" ".join(first_cells(head))))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_shows_a_command_or_option_that_does_not_exist(path: Path) -> None:
    """Command lines in examples can be typed."""
    if path.name == "limits.md":
        return  # it names what does not exist yet
    for name, rest in re.findall(r"\bnotionfs (\w+)([^\n`|#]*)", _console(path.read_text())):
        assert name in COMMANDS
        assert set(_OPTION.findall(rest.partition("NAME")[0])) <= options_of(command(name))


def _console(text: str) -> str:
    """Return the command lines of the examples: what follows a prompt."""
    return "\n".join(re.findall(r"^ *\$ (.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("code", MEANINGS)
def test_every_exit_code_is_on_the_page(code: int) -> None:
    """In the same words as in the help text."""
    assert f"\n| {int(code)} | {MEANINGS[code]} |" in page("commands.md")


# --- settings -------------------------------------------------------------------------------------


def test_every_setting_is_on_the_page_and_no_other() -> None:
    """A setting that nobody can find does not exist."""
    head = page("config.md").partition("\n## ")[0]
    assert sorted(keys_in(head)) == sorted([*KEYS, *TOKEN_KEYS])


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_defaults_are_told_as_they_are(field: object) -> None:
    """A plain default in the code is the one on the page."""
    name, default = field.name, field.default  # type: ignore[attr-defined]
    if isinstance(default, bool | int | float):
        shown = str(default).lower().removesuffix(".0")
        assert f"\n| `{name}` | `{shown}` |" in page("config.md")
    elif default is not NODEFAULT and isinstance(default, str):
        rows = (f"\n| `{name}` | `{quote}{default}{quote}` |" for quote in ('"', ""))
        assert any(row in page("config.md") for row in rows)


def test_the_patterns_of_side_files_are_told_as_they_are() -> None:
    """People copy the list to add to it."""
    listed = ", ".join(f'"{pattern}"' for pattern in SIDE_FILE_PATTERNS)
    assert f"side_files = [{listed}]" in page("config.md")


# --- formats --------------------------------------------------------------------------------------


def test_every_property_type_has_a_row() -> None:
    """And every row is a type."""
    shown = set(keys_in(section(page("page-file.md"), "Properties")))
    assert shown == set(PROPERTY_TYPES)


def test_the_identity_keys_stand_in_their_order() -> None:
    """As in every file."""
    assert tuple(keys_in(section(page("page-file.md"), "Identity"))) == METADATA_KEYS


async def test_every_key_of_the_status_has_a_row(tmp_path: Path) -> None:
    """What programs read is documented, and nothing else is."""
    async with open_desk(Simulator(), tmp_path) as desk:
        settings = desk.engine.context.settings
        facts = Status(desk.engine, await identify(desk.client, settings)).facts()
    head, _, entry = page("status.md").partition("An entry of `queue`")
    assert keys_in(head) == list(facts)
    assert {f"`{word.value}`" for word in (*Action, *RowState)} <= set(
        re.findall("`[a-z]+`", entry)
    )


def test_every_state_is_named_where_it_is_shown() -> None:
    """`user.notion.state` has one of these."""
    assert {f"`{state.value}`" for state in DocState} <= set(
        re.findall("`[a-z]+`", page("xattrs.md"))
    )


# --- claims and links -----------------------------------------------------------------------------


def _tests() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def _claims() -> Iterator[str]:
    text = page("semantics.md")
    yield from re.findall(r"^\d+\. (?:.+\n)(?: {3,5}.+\n)*", text.partition("## The tree")[2], re.M)
    yield from re.findall(r"^\| (?!operation|---).+$", text, re.MULTILINE)


@pytest.mark.parametrize("claim", list(_claims()))
def test_every_claim_names_a_test_that_exists(claim: str) -> None:
    """A promise without a test is a wish."""
    named = set(re.findall(r"`(test_\w+)`", claim))
    assert named
    assert named <= _tests()


def test_the_claims_are_numbered_without_a_gap() -> None:
    """People cite them by number."""
    numbers = [int(claim.partition(".")[0]) for claim in _claims() if claim[0] != "|"]
    assert numbers == list(range(1, len(numbers) + 1))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a file of this repository, and to a heading in it."""
    text = _CODE.sub("", _FENCED.sub("", path.read_text()))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert anchor in map(_anchor, headings), target


def test_the_readme_leads_to_every_page() -> None:
    """A page that nothing leads to is not read."""
    readme = (ROOT / "README.md").read_text()
    for path in DOCS.rglob("*.md"):
        assert f"]({path.relative_to(ROOT)})" in readme, path.name


def test_the_guide_in_the_mount_names_only_what_exists() -> None:
    """It is read by agents, who take it at its word."""
    for name, rest in re.findall(r"`notionfs (\w+)([^`]*)`", GUIDE):
        assert name in COMMANDS
        assert set(_OPTION.findall(rest)) <= options_of(command(name))
