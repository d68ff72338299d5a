"""The two commands install what is missing, once, and every failure is one sentence.

They run in a copy of the repository's outside with made-up programs, so that nothing is installed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "env", "dirname", "basename", "id", "mkdir", "cat", "sha256sum", "find", "ln")


class Machine:
    """A machine with little on it; *calls* has what was run of the made-up programs."""

    def __init__(self, path: Path) -> None:
        self.root = path / "clone"
        self.bin = path / "bin"
        self.place = path / "my notion"
        self.calls_file = path / "calls"
        self.calls_file.touch()
        shutil.copytree(ROOT / "packaging", self.root / "packaging")
        (self.root / "pyproject.toml").write_text("[project]\n")
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.has("sudo", '[ "$1" = -v ] || exec "$@"')

    def has(self, name: str, script: str = "", *, at: Path | None = None) -> None:
        """Put a program there that notes how it was called and does *script*."""
        file = (at or self.bin) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'#!/bin/bash\necho "{name} $*" >>"{self.calls_file}"\n{script}\n')
        file.chmod(0o755)

    def has_environment(self) -> None:
        """Make the virtual environment look as after a first run."""
        self.has("notionfs", '[ "$1" = mount ]', at=self.root / ".venv" / "bin")
        wanted = f"{self.root}\n[project]\n".encode()
        stamp = f"{hashlib.sha256(wanted).hexdigest()}  -\n"
        (self.root / ".venv" / ".notionfs").write_text(stamp)

    def try_it(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "packaging" / "try", *(arguments or (str(self.place),))],
            env={"PATH": str(self.bin), "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        """What was run; who is not root runs some of it through sudo, which is no difference."""
        lines = self.calls_file.read_text().splitlines()
        return [line for line in lines if not line.startswith("sudo ")]


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def only_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    assert done.stderr.startswith("try: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("arguments", [("",), ("--force",), ("a", "b")])
def test_a_wrong_call_is_one_sentence_with_an_example(machine, arguments):
    """The script is the first thing that a new user types."""
    assert "packaging/try ~/notion" in only_sentence(machine.try_it(*arguments))


def test_without_a_package_manager_the_packages_are_named(machine):
    """On another distribution the user does it by hand."""
    assert "by hand: fuse3" in only_sentence(machine.try_it())


def test_a_failed_installation_names_the_log(machine):
    """The details are kept out of sight, not thrown away."""
    machine.has("apt-get", "echo no network >&2; exit 100")
    sentence = only_sentence(machine.try_it())
    log = machine.root / "build" / "setup.log"
    assert str(log) in sentence
    assert "no network" in log.read_text()


def test_only_what_is_missing_is_installed(machine):
    """The one missing package is installed, the demo is mounted, five lines are shown."""
    machine.has_environment()
    machine.has("apt-get", f'[ "$1" != install ] || ln -s /bin/true "{machine.bin}/fusermount3"')
    done = machine.try_it()
    assert done.returncode == 0, done.stderr
    assert machine.calls == [
        "apt-get update",
        "apt-get install --yes --no-install-recommends fuse3",
        f"notionfs status --json {machine.place}",
        f"notionfs mount --demo --force-unmount {machine.place}",
    ]
    assert machine.place.is_dir()
    assert len(done.stdout.partition("Try next:\n")[2].splitlines()) == 5


def test_a_second_run_installs_and_mounts_nothing(machine):
    """It says so and shows the five lines again."""
    machine.has_environment()
    machine.has("fusermount3")
    machine.has("notionfs", "exit 0", at=machine.root / ".venv" / "bin")
    done = machine.try_it()
    assert done.returncode == 0
    assert f"already serves {machine.place}" in done.stdout
    assert len(done.stdout.partition("Try next:\n")[2].splitlines()) == 5
    assert machine.calls == [f"notionfs status --json {machine.place}"]


def test_changed_dependencies_are_installed_again(machine):
    """The stamp belongs to one pyproject.toml in one directory."""
    machine.has_environment()
    for name in ("fusermount3", "gcc", "pkg-config", "apt-get", "python3"):
        machine.has(name)
    machine.has("python", at=machine.root / ".venv" / "bin")
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert machine.try_it().returncode == 0
    installs = [call for call in machine.calls if "pip install" in call]
    assert installs == [f"python -m pip install --editable {machine.root}"]
    machine.try_it()
    assert [call for call in machine.calls if "pip install" in call] == installs


def test_a_failed_mount_fails_the_script(machine):
    """The command's own sentence is the last one."""
    machine.has_environment()
    machine.has("fusermount3")
    machine.has(
        "notionfs",
        '[ "$1" != status ] || exit 4\necho "try: no device" >&2; exit 4',
        at=machine.root / ".venv" / "bin",
    )
    done = machine.try_it()
    assert done.returncode == 4
    assert "Try next" not in done.stdout


def test_the_lines_to_try_can_be_pasted(machine):
    """A blank in the name is quoted for the shell."""
    machine.has_environment()
    machine.has("fusermount3")
    assert r"my\ notion" in machine.try_it().stdout


def test_what_ci_runs_is_what_people_run():
    """One command, nothing beside it."""
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-1] == "exec ./packaging/test"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
