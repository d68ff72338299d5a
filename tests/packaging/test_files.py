"""What is installed beside the program: the unit, completion scripts, a container's recipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notionfs.cli.main import COMMANDS
from tests.judges.tools import PACKAGES, needs_node

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """An instance of it, with the program where systemd looks for programs."""
    unit = (ROOT / "packaging" / "systemd" / "notionfs@.service").read_text()
    absolute = unit.replace("ExecStart=notionfs", f"ExecStart={sys.executable}")
    (tmp_path / "notionfs@.service").write_text(absolute)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "notionfs@notion.service"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )
    assert "notionfs" not in done.stderr
    assert done.returncode == 0, done.stderr


SHELLS = {
    "bash": ["bash", "-n"],
    "zsh": ["zsh", "-n"],
    "fish": ["fish", "--no-execute"],
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_accepts_its_completion_script(shell: str, tmp_path: Path) -> None:
    """Printed by the program itself, so that it fits its version."""
    done = subprocess.run(
        [sys.executable, "-m", "notionfs", "completion", shell],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_NOTIONFS_COMPLETE" in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(done.stdout)
    subprocess.run([*SHELLS[shell], script], check=True)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("notionfs ", {f"plain,{name}" for name in COMMANDS}),
        ("notionfs stat", {"plain,status"}),
        ("notionfs umount --la", {"plain,--lazy"}),
        ("notionfs simulate --seed to", {"plain,torture"}),
    ],
)
def test_commands_options_and_choices_are_completed(line: str, offered: set[str]) -> None:
    """As bash asks: the words so far, and which of them the cursor is in."""
    done = subprocess.run(
        [sys.executable, "-c", "from notionfs.cli.main import main; main()"],
        env={
            **os.environ,
            "_NOTIONFS_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(done.stdout.split()) == offered


@needs_node("dockerfilelint")
def test_a_linter_has_nothing_to_say_about_the_container() -> None:
    """The recipe itself is built nowhere here."""
    done = subprocess.run(
        [
            "node",
            PACKAGES / "dockerfilelint" / "bin" / "dockerfilelint",
            ROOT / "packaging" / "Containerfile",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
