"""notionfs teamspace: the settings file is edited as a careful person would."""

from __future__ import annotations

from pathlib import Path

import pytest

from notionfs.cli.exits import Exit
from notionfs.cli.main import main

WIKI = "https://app.notion.com/p/8efdd9d1f20155b693e737eb1396f97b"
PLANS = "bc01c15f-c065-5f9a-aaef-b692e627c5c4"

BEFORE = """\
# Mine, do not touch.
poll = 60  # slow network

[teamspaces.product]
# Ask Ada before changing this.
roots = ["39a0bc1e-edcd-8142-936b-cca8ae692cc4"]
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    path = tmp_path / "notionfs" / "config.toml"
    path.parent.mkdir(mode=0o700)
    return path


def test_adding_and_removing_keeps_every_comment(file: Path, capsys) -> None:
    """The rest of the file stays byte for byte."""
    file.write_text(BEFORE)
    assert main(["teamspace", "add", "engineering", WIKI, PLANS]) == Exit.OK
    after = file.read_text()
    assert after.startswith(BEFORE)
    assert main(["teamspace", "add", "engineering", WIKI]) == Exit.OK
    assert file.read_text() == after
    capsys.readouterr()
    main(["teamspace", "list", "engineering"])
    assert capsys.readouterr().out.split() == [
        "engineering", "8efdd9d1-f201-55b6-93e7-37eb1396f97b", "engineering", PLANS,
    ]  # fmt: skip
    assert main(["teamspace", "remove", "engineering"]) == Exit.OK
    assert file.read_text().strip() == BEFORE.strip()


def test_the_first_teamspace_makes_the_file(file: Path) -> None:
    """Closed to others, as the directory around it."""
    assert main(["teamspace", "add", "engineering", WIKI]) == Exit.OK
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["teamspace", "remove", "engineering"]) == Exit.OK
    assert file.read_text().strip() == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["add"], "NAME"),
        (["add", "engineering"], "URL"),
        (["add", "engineering", WIKI, "no-link"], "'no-link': neither a Notion id nor a URL"),
        (["add", "../x", WIKI], "directory"),
        (["add", "other", "39a0bc1e-edcd-8142-936b-cca8ae692cc4"], "product"),
        (["remove", "nobody"], "product"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_file_stays(
    file: Path, words: list[str], named: str, capsys
) -> None:
    """A mistake costs a sentence, not the settings."""
    file.write_text(BEFORE)
    assert main(["teamspace", *words]) == Exit.USAGE
    assert named in capsys.readouterr().err
    assert file.read_text() == BEFORE


def test_a_settings_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    """As managers of dotfiles make them."""
    real = tmp_path / "dotfiles.toml"
    real.write_text(BEFORE)
    file.symlink_to(real)
    assert main(["teamspace", "add", "engineering", WIKI]) == Exit.OK
    assert file.is_symlink()
    assert "engineering" in real.read_text()


def test_without_a_teamspace_the_list_says_how_to_make_one(file: Path, capsys) -> None:
    """Silence would look like a failure."""
    assert main(["teamspace", "list"]) == Exit.OK
    assert "add one: notionfs teamspace add NAME" in capsys.readouterr().out


def test_a_teamspace_is_shown_by_a_connection_of_its_own(file: Path, capsys) -> None:
    """It has no pages of its own; what leads to the token is noted, never the token."""
    file.write_text(BEFORE)
    assert main(["teamspace", "add", "client", "--token-file", "secret"]) == Exit.OK
    assert file.read_text().startswith(BEFORE)
    assert f'token_file = "{Path.cwd() / "secret"}"' in file.read_text()
    assert main(["teamspace", "add", "client", "--connection", "client"]) == Exit.OK
    capsys.readouterr()
    main(["teamspace", "list", "client"])
    assert capsys.readouterr().out == "client  by connection client\n"
    for words in (
        ("client", WIKI),
        ("other", WIKI, "--token-env", "X"),
        ("product", "--token-env", "X"),
    ):
        assert main(["teamspace", "add", *words]) == Exit.USAGE
    assert main(["teamspace", "remove", "client"]) == Exit.OK
    assert file.read_text().strip() == BEFORE.strip()
