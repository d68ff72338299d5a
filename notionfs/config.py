"""The frozen Settings that every room receives a part of, and how one value of them is read.

Every key has a row in KEYS: what is expected, in words, and the function that reads it.
`settings.py` folds defaults, file, environment and flags with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from notionfs.errors import UsageError
from notionfs.model import Secret, normalize_id

DEFAULT_BASE_URL = "https://api.notion.com"
DEFAULT_RATE_LIMIT = 180
"""Requests in any 60 seconds: what Notion allows a connection of a Free or Plus workspace."""

SIDE_FILE_PATTERNS: tuple[str, ...] = (
    ".*",
    "*~",
    "#*#",
    "*.tmp.*",
    "*.md.*",
    "*___jb_tmp___",
    "*___jb_old___",
)
"""Shell patterns of names that never become pages although they may end in `.md`, or, for
directories, that are created as local ones."""


class Prefetch(StrEnum):
    """Which unread pages are fetched in the background."""

    ALL = "all"
    LISTED = "listed"
    OFF = "off"


class NameStyle(StrEnum):
    """How a title becomes a file name."""

    SLUG = "slug"
    TITLE = "title"


class Layout(StrEnum):
    """How the rows of a database are laid out."""

    FLAT = "flat"
    BY_SOURCE = "by-source"


class Renames(StrEnum):
    """Whether file names follow titles that change in Notion."""

    FOLLOW = "follow"
    KEEP = "keep"


class Removal(StrEnum):
    """What removing a page's file does."""

    TRASH = "trash"
    REFUSE = "refuse"


class Teamspace(Struct, frozen=True):
    """A directory of the mount: the page or database ids that belong at its top, or what leads to
    the token of a connection of its own (one of TOKEN_KEYS with its value).
    """

    name: str
    roots: tuple[str, ...]
    access: Mapping[str, str] = field(default_factory=dict)


class Settings(Struct, frozen=True):
    """Everything a mount needs to know. Durations are in seconds."""

    mountpoint: Path
    state_dir: Path
    token: Secret | None = None
    connection: str | None = None
    demo: bool = False
    base_url: str = DEFAULT_BASE_URL
    config_file: Path | None = None
    read_only: bool = False
    poll: float | None = 30.0
    prefetch: Prefetch = Prefetch.ALL
    rate_limit: int | None = DEFAULT_RATE_LIMIT
    names: NameStyle = NameStyle.SLUG
    layout: Layout = Layout.FLAT
    renames: Renames = Renames.FOLLOW
    xattrs: bool = False
    sync: bool = False
    idle_timeout: float | None = None
    allow_other: bool = False
    log_file: Path | None = None
    log_level: str = "info"
    notify: bool = True
    metrics_port: int | None = None
    quiet: float = 2.0
    trash_grace: float = 5.0
    open_timeout: float = 30.0
    data_source_ttl: float = 3600.0
    create_options: bool = False
    file_cache: int = 1024
    history: int | None = 30
    rm: Removal = Removal.TRASH
    max_trash_per_minute: int | None = 50
    side_files: tuple[str, ...] = SIDE_FILE_PATTERNS
    teamspaces: Mapping[str, Teamspace] = field(default_factory=dict)
    """Those that are made of roots; the others have connections of their own."""
    space: str | None = None
    """Of what is shown by a connection of a teamspace's own: the name of that teamspace."""
    spaces: tuple[Settings, ...] = ()
    """Those of the connections that teamspaces have of their own."""
    given: frozenset[str] = frozenset()
    """The settings of the command line: a settings file that is read again does not change them."""

    @property
    def requests_a_minute(self) -> int | None:
        """The limit to keep. The demo has none of its own; one that was asked for is kept."""
        is_free = self.demo and self.rate_limit == DEFAULT_RATE_LIMIT
        return None if is_free else self.rate_limit


# --- reading one value ----------------------------------------------------------------------------


class Key(Struct, frozen=True):
    """How one setting is read: *read* raises ValueError for what is not *expected*."""

    expected: str
    read: Callable[[Any], object]


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _path(value: Any) -> Path:
    path = value if isinstance(value, Path) else Path(_text(value))
    return path.expanduser()


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    seconds = float(value)
    if not 0 <= seconds < float("inf"):
        raise ValueError
    return seconds


def _positive_seconds(value: Any) -> float:
    seconds = _seconds(value)
    if seconds == 0:
        raise ValueError
    return seconds


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    count = int(value)
    if count < 1:
        raise ValueError
    return count


def _port(value: Any) -> int:
    port = _count(value)
    if port > 65535:
        raise ValueError
    return port


def _or_off(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value == "off" else read(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_text(item) for item in value)


def _base_url(value: Any) -> str:
    url = _text(value).strip().rstrip("/").removesuffix("/v1")
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    if not safe or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError
    _ = parts.port  # reading it raises ValueError when it is not a number
    return url


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _roots(value: Any) -> tuple[str, ...]:
    ids = tuple(normalize_id(text) for text in _texts(value))
    if not all(ids):
        raise ValueError
    return tuple(id_ for id_ in ids if id_)


def _choice(kind: Iterable[str], convert: Callable[[str], object] = str) -> Key:
    words = tuple(kind)

    def read(value: Any) -> object:
        if value not in words:
            raise ValueError
        return convert(str(value))

    return Key("one of " + ", ".join(f'"{word}"' for word in words), read)


_TRUTH = Key("true or false", _truth)
_SECONDS = Key("a number of seconds, 0 or more", _seconds)
_POSITIVE = Key("a number of seconds above 0", _positive_seconds)
_PATH = Key("a path", _path)

KEYS: Mapping[str, Key] = {
    "state_dir": _PATH,
    "demo": _TRUTH,
    "base_url": Key("an https URL, or http on this machine", _base_url),
    "read_only": _TRUTH,
    "poll": Key('a number of seconds above 0, or "off"', _or_off(_positive_seconds)),
    "prefetch": _choice(Prefetch, Prefetch),
    "rate_limit": Key('a number of requests a minute, 1 or more, or "off"', _or_off(_count)),
    "names": _choice(NameStyle, NameStyle),
    "layout": _choice(Layout, Layout),
    "renames": _choice(Renames, Renames),
    "xattrs": _TRUTH,
    "sync": _TRUTH,
    "idle_timeout": Key('a number of seconds above 0, or "off"', _or_off(_positive_seconds)),
    "allow_other": _TRUTH,
    "log_file": _PATH,
    "log_level": _choice(("debug", "info", "warning", "error")),
    "notify": _TRUTH,
    "metrics_port": Key('a port, 1 to 65535, or "off"', _or_off(_port)),
    "quiet": _SECONDS,
    "trash_grace": _SECONDS,
    "open_timeout": _POSITIVE,
    "data_source_ttl": _SECONDS,
    "create_options": _TRUTH,
    "file_cache": Key("a number of megabytes, 1 or more", _count),
    "rm": _choice(Removal, Removal),
    "max_trash_per_minute": Key('a number of pages, 1 or more, or "off"', _or_off(_count)),
    "history": Key('a number of texts, 1 or more, or "off"', _or_off(_count)),
    "side_files": Key("a list of shell patterns", _texts),
}
"""What a file, the environment or a flag may set."""

TOKEN_KEYS: Mapping[str, Key] = {
    "token_file": _PATH,
    "token_env": Key("the name of an environment variable", _text),
    "connection": Key("the name of a connection that notionfs login keeps", _text),
}
"""What a file may say about where the token is; the token itself never stands in one."""

ROOTS = Key("a list of Notion ids or URLs", _roots)


def read_value(key: Key, name: str, value: object, *, place: str) -> Any:
    """Return *value* as *key* reads it, or raise UsageError that names *place* and *name*."""
    try:
        return key.read(value)
    except (ValueError, RuntimeError, OverflowError):  # RuntimeError: "~" without a home
        raise UsageError(
            f"In {place}: {name} = {_short(value)} does not fit; expected {key.expected}."
        ) from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
