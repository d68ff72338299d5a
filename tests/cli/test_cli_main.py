"""The command's list, its way from situations to exit codes, and how fast it can be asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from notionfs import errors
from notionfs.cli import main as cli
from notionfs.cli.exits import MEANINGS, Exit, ReportedError, exit_for, situation_in
from notionfs.errors import NotionFSError, RemoteError, StoreTooNew, Unauthorized, UsageError

HEAVY = ("trio", "pyfuse3", "httpx", "rich", "yaml", "rapidfuzz", "sqlite3", "starlette")
FOR_TEXTS = ("yaml", "markdown_it", "rapidfuzz", "notionfs.markdown.reading")
FOR_OTHERS = ("rich", "tomlkit", "click", "hypercorn", "starlette", "keyring", "asyncio")
FAR_ROOMS = ("notionfs.simulator", "notionfs.ui", "notionfs.cli")


def run(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notionfs", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def test_help_imports_nothing_heavy():
    """The list of commands costs click and nothing more."""
    code = (
        "import sys; from notionfs.cli.main import main; main(['--help']); "
        f"sys.exit(' '.join(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_mount_imports_nothing_that_it_can_answer_without():
    """Libraries for texts, the demo, the screen and the browser come with their first use."""
    later = (*FOR_TEXTS, *FOR_OTHERS, *FAR_ROOMS)
    code = f"import sys, notionfs.app; sys.exit(' '.join(set(sys.modules) & set({later!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_mount_makes_no_dataclass_at_its_start():
    """Each takes a millisecond; a `msgspec.Struct` says the same in a fortieth of that."""
    code = (
        "import sys, notionfs.app; "
        "ours = [m for name, m in sys.modules.items() if name.startswith('notionfs')]; "
        "sys.exit(' '.join(name for m in ours for name, what in vars(m).items()"
        " if isinstance(what, type) and hasattr(what, '__dataclass_fields__')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_explains_itself_with_an_example(name, capsys):
    """A help text teaches: it says what happens and shows how to type it."""
    assert cli.main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example" in shown
    assert f"notionfs {name}" in shown


def test_help_names_every_exit_code(capsys):
    """Scripts can be written from the help text."""
    cli.main(["--help"])
    shown = capsys.readouterr().out
    assert set(MEANINGS) == set(Exit)
    assert all(f"  {int(code)} " in shown for code in Exit)


def test_an_unknown_command_is_refused_with_the_nearest(capsys):
    """A typing mistake costs one look."""
    assert cli.main(["unmount"]) == Exit.USAGE
    assert 'did you mean "umount"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["mount"], ["mount", "--demo", "--poll"], ["mount", "--names", "long", "/x"], ["--bogus"]],
)
def test_a_wrong_command_line_is_exit_2(arguments, capsys):
    """The sentence is followed by where to read more."""
    assert cli.main(arguments) == Exit.USAGE
    assert "--help" in capsys.readouterr().err


def test_every_situation_has_an_exit_code():
    """No class of the tree is left without a row."""
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    situations = [c for c in classes if issubclass(c, NotionFSError)]
    assert len(situations) > 20
    for cls in situations:
        assert exit_for(cls.__new__(cls)) in Exit


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), Exit.USAGE),
        (Unauthorized("x"), Exit.NOTION),
        (RemoteError("x"), Exit.NOTION),
        (StoreTooNew("x"), Exit.STORE),
        (ReportedError("x", 4), Exit.MOUNT),
        (NotionFSError("x"), Exit.FAILED),
    ],
)
def test_the_closest_ancestor_decides(error, code):
    """A new class inherits the code of its kind."""
    assert exit_for(error) is code


def test_a_group_with_a_bug_in_it_is_a_bug():
    """A known situation must not hide an unknown one."""
    known = UsageError("x")
    assert situation_in(ExceptionGroup("", [ExceptionGroup("", [known])])) is known
    assert situation_in(ExceptionGroup("", [known, ZeroDivisionError()])) is None


def test_no_token_is_one_sentence_and_exit_2(tmp_path):
    """The first thing that a new user may meet."""
    done = run("mount", str(tmp_path), env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert done.returncode == Exit.USAGE
    assert "NOTION_TOKEN" in done.stderr
    assert "--demo" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    """`notionfs --help | head -1` ends without a traceback."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "notionfs", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (BaseExceptionGroup("", [BaseExceptionGroup("", [KeyboardInterrupt()])]), Exit.INTERRUPTED),
        (PermissionError(13, "Permission denied", "/etc/x"), Exit.FAILED),
        (ExceptionGroup("", [UsageError("Not so.")]), Exit.USAGE),
    ],
)
def test_what_a_command_raises_becomes_an_exit_code(error, code, monkeypatch, capsys):
    """No traceback for what is not a bug."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(cli.group, "main", lambda *_args, **_more: fail())
    assert cli.main([]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_bug_is_not_hidden(monkeypatch):
    """A traceback is what its report needs."""
    mixed = BaseExceptionGroup("", [KeyboardInterrupt(), ZeroDivisionError()])
    monkeypatch.setattr(cli.group, "main", lambda *_args, **_more: (_ for _ in ()).throw(mixed))
    with pytest.raises(BaseExceptionGroup):
        cli.main([])
