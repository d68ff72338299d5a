"""Reading the settings file again while a mount is up: what follows at once, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from notionfs.config import KEYS, Settings, Teamspace, read_value
from notionfs.settings import default_config_file, read_file, read_teamspaces, without_access

RELOADABLE = (
    "poll",
    "prefetch",
    "rate_limit",
    "renames",
    "log_level",
    "quiet",
    "trash_grace",
    "open_timeout",
    "create_options",
    "file_cache",
    "rm",
    "max_trash_per_minute",
    "history",
)
"""What can change while a mount is up, besides the teamspaces."""


class Reread(Struct, frozen=True):
    """What a second look into the settings file brought.

    *changed* is in effect with *settings*; *waiting* needs a new mount; *overruled* is set on the
    command line of this mount.
    """

    settings: Settings
    changed: tuple[str, ...]
    waiting: tuple[str, ...]
    overruled: tuple[str, ...]


class Reloader:
    """Knows what the settings file said when the mount was made."""

    def __init__(self, settings: Settings) -> None:
        self._had_file = settings.config_file is not None
        self.file = settings.config_file or default_config_file()
        self._first = read_file(self.file, required=False) if self._had_file else {}

    def reads(self, file: str | None) -> bool:
        """Tell whether *file* is the one that this mount reads; None: whichever it is."""
        return file is None or Path(file).resolve() == self.file.resolve()

    def again(self, current: Settings) -> Reread:
        """Read the file again; raises UsageError, and nothing has changed then."""
        file = self.file
        content = read_file(file, required=self._had_file)
        found = {name: _value(name, content, file) for name in KEYS}
        new = {name: found[name] for name in RELOADABLE if name not in current.given}
        teamspaces = read_teamspaces(content.get("teamspaces", {}), file)
        new["teamspaces"] = {} if current.space else without_access(teamspaces)
        names = (*KEYS, *_others(content, self._first))
        differing = [name for name in names if self._differs(name, content)]
        return Reread(
            settings=replace(current, config_file=file if file.is_file() else None, **new),
            changed=tuple(name for name in new if getattr(current, name) != new[name]),
            waiting=(
                *(n for n in differing if n not in RELOADABLE and n not in current.given),
                *self._other_connections(teamspaces),
            ),
            overruled=tuple(n for n in differing if n in current.given),
        )

    def _other_connections(self, teamspaces: Mapping[str, Teamspace]) -> list[str]:
        """Return the teamspaces whose own connections came, went or changed."""
        first = read_teamspaces(self._first.get("teamspaces", {}), self.file)
        before, now = (
            {n: t.access for n, t in some.items() if t.access} for some in (first, teamspaces)
        )
        return [f"teamspaces.{n}" for n in {**before, **now} if before.get(n) != now.get(n)]

    def _differs(self, name: str, content: Mapping[str, Any]) -> bool:
        if name not in KEYS:
            return bool(content.get(name) != self._first.get(name))
        return bool(_value(name, content, self.file) != _value(name, self._first, self.file))


def _others(*contents: Mapping[str, Any]) -> list[str]:
    """Return the settings that are neither in KEYS nor teamspaces: where the token is."""
    names = {name for content in contents for name in content}
    return sorted(names - {*KEYS, "teamspaces"})


def _value(name: str, content: Mapping[str, Any], file: Path) -> Any:
    """Return a setting as the file has it, checked also where it is not used, else its default."""
    if name in content:
        return read_value(KEYS[name], name, content[name], place=str(file))
    return getattr(Settings(Path("/"), Path("/")), name)
