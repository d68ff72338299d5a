"""Settings: defaults, file, environment and flags folded once into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from notionfs.model import Secret

DEFAULT_BASE_URL = "https://api.notion.com"

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


class Renames(StrEnum):
    """Whether file names follow titles that change in Notion."""

    FOLLOW = "follow"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Teamspace:
    """A directory of the mount and the page or database ids that belong at its top."""

    name: str
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a mount needs to know. Durations are in seconds."""

    mountpoint: Path
    state_dir: Path
    token: Secret | None = None
    demo: bool = False
    base_url: str = DEFAULT_BASE_URL
    config_file: Path | None = None
    read_only: bool = False
    poll: float | None = 30.0
    prefetch: Prefetch = Prefetch.ALL
    rate_limit: int | None = 180
    names: NameStyle = NameStyle.SLUG
    renames: Renames = Renames.FOLLOW
    xattrs: bool = False
    sync: bool = False
    allow_other: bool = False
    log_file: Path | None = None
    log_level: str = "info"
    quiet: float = 2.0
    trash_grace: float = 5.0
    open_timeout: float = 30.0
    data_source_ttl: float = 3600.0
    create_options: bool = False
    side_files: tuple[str, ...] = SIDE_FILE_PATTERNS
    teamspaces: Mapping[str, Teamspace] = field(default_factory=dict)
