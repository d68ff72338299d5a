"""The command `notionfs`: the list of commands, the way from a situation to an exit code.

A command's module is imported only when that command runs, so that `notionfs --help` and
completion stay fast.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence

import click
from msgspec import Struct

from notionfs import __version__
from notionfs.cli.exits import MEANINGS, Exit, exit_for, situation_in
from notionfs.cli.screen import visible, warn


class Entry(Struct, frozen=True):
    """One command: where it is, and its line in the list."""

    module: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "login": Entry("notionfs.cli.login", "Connect to a Notion workspace, once."),
    "logout": Entry("notionfs.cli.logout", "Forget the token that login keeps."),
    "mount": Entry("notionfs.cli.mount", "Show a Notion workspace, or the demo, as a directory."),
    "teamspace": Entry("notionfs.cli.teamspace", "Say which pages stand in which directory."),
    "reload": Entry("notionfs.cli.reload", "Have a mount read its settings again."),
    "umount": Entry("notionfs.cli.umount", "Send what is queued, then unmount."),
    "status": Entry("notionfs.cli.status", "Show pages, queue, conflicts and errors of a mount."),
    "ui": Entry("notionfs.cli.ui", "Show in the browser what a mount does."),
    "log": Entry("notionfs.cli.log", "Show what happened to a page, or to all."),
    "sync": Entry("notionfs.cli.sync", "Ask Notion for changes now."),
    "info": Entry("notionfs.cli.info", "Show ids, place and data sources of a page or database."),
    "search": Entry("notionfs.cli.search", "Find pages by words in title, properties and text."),
    "path": Entry("notionfs.cli.path", "Show the file of a Notion id or URL."),
    "url": Entry("notionfs.cli.url", "Show the address of a page in Notion."),
    "open": Entry("notionfs.cli.open", "Show a page in the browser."),
    "conflicts": Entry("notionfs.cli.conflicts", "List pages changed here and in Notion."),
    "diff": Entry("notionfs.cli.diff", "Show what your file says differently from Notion."),
    "resolve": Entry("notionfs.cli.resolve", "Decide whose text of a conflict stands."),
    "retry": Entry("notionfs.cli.retry", "Send a text again that was refused."),
    "discard": Entry("notionfs.cli.discard", "Give an unsent text up for Notion's."),
    "history": Entry("notionfs.cli.history", "List or show earlier texts of a page."),
    "undo": Entry("notionfs.cli.undo", "Save an earlier text of a page again."),
    "mv": Entry("notionfs.cli.mv", "Move a page, also where a row loses properties."),
    "restore": Entry("notionfs.cli.restore", "Bring a page back from Notion's trash."),
    "simulate": Entry("notionfs.cli.simulate", "Run a small Notion on this machine, for trying."),
    "doctor": Entry("notionfs.cli.doctor", "Look at everything a mount needs, with remedies."),
    "completion": Entry("notionfs.cli.completion", "Print a completion script for a shell."),
    "version": Entry("notionfs.cli.version", "Show the versions that matter in a bug report."),
}
"""Each module has a click command named `command`."""


ENVIRONMENT = (
    ("NOTION_TOKEN", "the secret of your Notion connection"),
    ("NOTION_API_BASE_URL", "another server than https://api.notion.com"),
)
"""Variables that are read, and what for."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called and lists it without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module, or return None if there is no such command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = importlib.import_module(entry.module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse an unknown command with the nearest known one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown_command(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name the exit codes and the environment."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), words) for code, words in MEANINGS.items()])
        with formatter.section("Environment"):
            formatter.write_dl(ENVIRONMENT)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="notionfs", message="%(prog)s %(version)s")
def group() -> None:
    """Mount a Notion workspace as a directory tree of Markdown files.

    Databases are folders, pages are .md files with their properties on top. Every
    program can read and search them; saving a file updates the page.

    \b
    Try it, no account needed:   notionfs mount --demo ~/notion
    Your own workspace:          NOTION_TOKEN=ntn_... notionfs mount ~/notion
    Look after it:               notionfs status
    Put it away:                 notionfs umount ~/notion

    Each command explains itself: notionfs COMMAND --help.
    """


def _unknown_command(word: str) -> str:
    from rapidfuzz.process import extractOne

    nearest = extractOne(word, list(COMMANDS))
    return f'There is no command "{visible(word)}"; did you mean "{nearest[0]}"?'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every situation becomes one sentence."""
    try:
        result = group.main(arguments, prog_name="notionfs", standalone_mode=False)
    except click.ClickException as exc:
        return _report_usage(exc)
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _end_quietly()
    except OSError as exc:
        warn(f"{exc.filename or 'The system'}: {exc.strerror}.")
        return Exit.FAILED
    except BaseException as exc:
        if _is_interrupt(exc):
            return Exit.INTERRUPTED
        situation = situation_in(exc)
        if situation is None:
            raise
        warn(str(situation))
        return exit_for(situation)
    return result if isinstance(result, int) else Exit.OK


def _is_interrupt(exc: BaseException) -> bool:
    """Tell whether *exc* is Ctrl-C and nothing else, as a nursery wraps it."""
    return isinstance(exc, BaseExceptionGroup) and exc.split(KeyboardInterrupt)[1] is None


def _report_usage(exc: click.ClickException) -> int:
    context: click.Context | None = getattr(exc, "ctx", None)
    command = context.command_path if context else "notionfs"
    warn(f"{exc.format_message()} (see {command} --help)")
    return Exit.USAGE


def _end_quietly() -> int:
    """The reader of a pipe (`| head`) has seen enough: that is no failure worth a message."""
    sys.stdout = None  # or the interpreter flushes it and complains
    return Exit.FAILED
