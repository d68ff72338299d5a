"""How the demo is planted: paths for ids, fixed moments for now, links that find their page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from notionfs.simulator.clock import Clock, seconds_of
from notionfs.simulator.ids import stable

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

FIRST_DAY = seconds_of("2025-03-03T09:00:00Z")
LAST_DAY = seconds_of("2026-05-29T17:00:00Z")
LINK = re.compile(r"\[\[([^\]]+)\]\]")
PERSON = re.compile(r"@\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """What stands on a page, and how it looks."""

    markdown: str
    icon: str | None = None
    cover: str | None = None
    by: str = "Ada Lovelace"
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values, and what stands on its page."""

    properties: Mapping[str, Any] = field(default_factory=dict)
    markdown: str = ""
    icon: str | None = None
    by: str = "Ada Lovelace"


class Gardener:
    """Plants pages by path: `Engineering/Wiki/Glossary` is a page below two others.

    In texts `[[path]]` is a mention of a page and `@{Ada Lovelace}` one of a person.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.moment = FIRST_DAY
        self.containers: dict[str, str] = {}  # path of a table -> id of its data source

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let the clock stand where `moment` says while things are planted."""
        world = self.simulator.world
        real = world.clock
        world.clock = Clock(lambda: self.moment)
        try:
            yield
        finally:
            world.clock = real

    def add_user(self, name: str, email: str) -> None:
        """Add a colleague."""
        self.simulator.add_user(name, email=email, id=stable("user", email))

    def person(self, name: str) -> str:
        """Return the id of a colleague."""
        users = self.simulator.workspace.records.users.values()
        return next(user.id for user in users if user.name == name)

    def plant_pages(self, pages: Mapping[str, Text]) -> None:
        """Add pages in the order given, parents first."""
        for path, page in pages.items():
            self.plant_page(path, page)

    def plant_page(self, path: str, page: Text) -> str:
        """Add one page; returns its id."""
        above, _, title = path.rpartition("/")
        self.moment = moment_of(path)
        return self.simulator.add_page(
            title,
            parent=self.parent_id(above) if above else None,
            markdown=self.resolved(page.markdown.strip()),
            properties=page.properties,
            icon=page.icon,
            cover=page.cover,
            id=stable("page", path),
            created=self.moment,
            edited=min(self.moment + _spread(path, "edited") * 86_400 * 90, LAST_DAY),
            actor=self.person(page.by),
        )

    def parent_id(self, path: str) -> str:
        """Return the id of the page or data source at *path*."""
        return self.containers.get(path) or stable("page", path)

    def resolved(self, markdown: str) -> str:
        """Return *markdown* with links to paths and people turned into mentions."""

        def page(match: re.Match[str]) -> str:
            path = " ".join(match[1].split())  # a line may end inside of it
            digits = stable("page", path).replace("-", "")
            label = path.rsplit("/", 1)[-1]
            return f'<mention url="https://app.notion.com/p/{digits}">{label}</mention>'

        def user(match: re.Match[str]) -> str:
            name = " ".join(match[1].split())
            return f'<mention url="user://{self.person(name)}">{name}</mention>'

        return PERSON.sub(user, LINK.sub(page, markdown))


def _spread(*parts: str) -> float:
    """Return a number between 0 and 1 that follows from *parts*."""
    digest = hashlib.blake2b("/".join(parts).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def moment_of(path: str) -> float:
    """Return when the page at *path* was made: some minute of the year, parents first."""
    moment, end = FIRST_DAY, LAST_DAY
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        moment += _spread(*parts[:depth], "created") * (end - moment) / 3
    return moment - moment % 60
