"""`notionfs restore` takes an id wherever it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from notionfs import registry
from notionfs.cli import restore

PAGE_ID = "39a0bc1e-edcd-8142-936b-cca8ae692cc4"


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that passes for a mount; the shell stands in it."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    place = tmp_path / "notion"
    place.mkdir()
    monkeypatch.chdir(place)
    known = registry.register(place, tmp_path)
    yield place
    registry.unregister(known)


@pytest.mark.parametrize(
    ("subject", "asked"),
    [
        (PAGE_ID, (None, {"reference": PAGE_ID})),
        (
            f"https://www.notion.so/{PAGE_ID}",
            (None, {"reference": f"https://www.notion.so/{PAGE_ID}"}),
        ),
        ("wiki/old.md", ("wiki/old.md", {})),
        (f"wiki/{PAGE_ID}", (f"wiki/{PAGE_ID}", {})),
    ],
)
def test_an_id_is_no_path_inside_a_mount_either(
    mount: Path, monkeypatch: pytest.MonkeyPatch, subject: str, asked: tuple[str | None, Any]
) -> None:
    """Only what has a slash, an ending, or a file of that name is looked for as a path."""
    questions: list[tuple[str | None, Any]] = []

    def ask(path: str | None, command: str, arguments: Any, **_: object) -> dict[str, str]:
        questions.append((path, arguments))
        return {"state": "restored", "path": "old.md"}

    monkeypatch.setattr(restore, "ask", ask)
    assert CliRunner().invoke(restore.command, [subject]).exit_code == 0
    assert questions == [asked]
