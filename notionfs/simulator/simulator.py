"""The simulator as tests and commands hold it.

One workspace, its API, and hands that reach around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from notionfs.simulator import persist, seeds
from notionfs.simulator.app import Application, Door, Request
from notionfs.simulator.build import Builder
from notionfs.simulator.clock import Clock
from notionfs.simulator.faults import Fault
from notionfs.simulator.ids import IdMaker, id_in_url, stable
from notionfs.simulator.limits import Limits
from notionfs.simulator.look import Looking
from notionfs.simulator.objects import data_source_object, page_object
from notionfs.simulator.records import Database, Page, Records, User
from notionfs.simulator.remote import RemoteEdits
from notionfs.simulator.workspace import Workspace
from notionfs.simulator.world import Switches, Thing, World

DEMO_TOKEN = "demo-token"


class Simulator(Builder, RemoteEdits, Looking):
    """A small Notion: `app` answers requests; the rest sets it up, edits it or looks at it.

    *clock* gives seconds since the epoch; *rate_limit* is the number of requests in a fixed window
    of 60 seconds; *seed* names a workspace to begin with (`seeds/`), None is an empty one. Runs
    under trio.
    """

    def __init__(
        self,
        *,
        token: str | Iterable[str] = DEMO_TOKEN,
        clock: Callable[[], float] | None = None,
        rate_limit: int | None = None,
        seed: str | None = None,
        records: Records | None = None,
    ) -> None:
        tokens = [token] if isinstance(token, str) else list(token)
        workspace = Workspace(records or new_records())
        ids = IdMaker(counter=workspace.records.id_counter)
        self.world = World(workspace, Clock(clock), ids)
        self.world.render_old = self._render
        self.app = Application(self.world, Door(dict.fromkeys(tokens)))
        self.app.after_change = self.changed
        self.app.rate.most = rate_limit
        self.path: Path | None = None
        if seed is not None:
            seeds.plant(self, seed)

    # --- what a test turns -----------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The clock; `advance` and `set` turn it."""
        return self.world.clock

    def advance(self, seconds: float) -> None:
        """Turn the clock forward."""
        self.world.clock.advance(seconds)

    @property
    def limits(self) -> Limits:
        """The limits, each settable."""
        return self.world.limits

    @property
    def switches(self) -> Switches:
        """Behaviour that can be switched."""
        return self.world.switches

    @property
    def lag(self) -> float:
        """The seconds that search and query are behind."""
        return self.world.index.lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self.world.index.lag = seconds

    @property
    def rate_limit(self) -> int | None:
        """The requests a window of 60 seconds has room for."""
        return self.app.rate.most

    @rate_limit.setter
    def rate_limit(self, most: int | None) -> None:
        self.app.rate.most = most

    @property
    def capabilities(self) -> set[str]:
        """What the token may do; take one out to see 403 answers."""
        return self.app.door.capabilities

    @property
    def token(self) -> str:
        """The first token that opens the door."""
        return next(iter(self.tokens))

    @property
    def tokens(self) -> dict[str, frozenset[str] | None]:
        """The tokens that open the door, each with the roots it is connected to (None.

        Everything).
        """
        return self.app.door.tokens

    def connect(self, token: str, roots: Iterable[str]) -> None:
        """Let *token* in, and show it only these pages or databases with all below them."""
        self.tokens[token] = frozenset(self._id(root) for root in roots)

    def add_public_connection(self, client_id: str, client_secret: str) -> None:
        """Let this public connection ask people for access (OAuth)."""
        self.app.oauth.clients[client_id] = client_secret

    def revoke(self, token: str | None = None) -> None:
        """Refuse *token*, or every token, from now on."""
        if token is None:
            self.tokens.clear()
        else:
            self.tokens.pop(token, None)

    def expire_cursors(self) -> None:
        """Let every cursor given out so far expire."""
        self.world.cursors.expire()

    def fail_next(self, **fault: Any) -> Fault:
        """Let the next matching request fail; see `Fault` for what can be asked for."""
        made = Fault(**fault)
        self.app.faults.waiting.append(made)
        return made

    def heal(self) -> None:
        """Forget all faults that still wait."""
        self.app.faults.waiting.clear()

    # --- what a test counts ----------------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """The requests so far, oldest first."""
        return self.app.requests

    def count(self, operation: str | None = None) -> int:
        """Return how many requests of an operation there were, or of all."""
        return self.app.counts.total() if operation is None else self.app.counts[operation]

    def reset_counts(self) -> None:
        """Begin to count anew."""
        self.app.counts.clear()
        self.app.requests.clear()

    # --- keeping it ------------------------------------------------------------------------------

    def save(self, path: Path | str) -> None:
        """Write the workspace to a file; the old file stays whole until the new one is."""
        self.workspace.records.id_counter = self.world.ids.counter
        persist.save(self.workspace.records, Path(path))

    @classmethod
    def load(cls, path: Path | str, **options: Any) -> Simulator:
        """Return a simulator of the workspace in a file."""
        return cls(records=persist.load(Path(path)), **options)

    @classmethod
    def persistent(cls, path: Path | str, *, seed: str = "demo", **options: Any) -> Simulator:
        """Return the workspace kept in a file, made from *seed* the first time.

        Every change is in the file before its request is answered.
        """
        place = Path(path)
        made = cls.load(place, **options) if place.exists() else cls(seed=seed, **options)
        made.path = place
        made.changed()
        return made

    def changed(self) -> None:
        """Write the workspace to its file, if it has one."""
        if self.path is not None:
            self.save(self.path)

    def load_recordings(self, directory: Path | str) -> None:
        """Fill the workspace with what recorded exchanges show."""
        from notionfs.simulator.seeds.recorded import load_recordings

        load_recordings(self, Path(directory))

    def bulk(self, pages: int = 0, rows: int = 0, blocks: int = 10, *, databases: int = 1) -> None:
        """Fill the workspace with many pages whose contents are made on demand."""
        from notionfs.simulator.seeds.bulk import plant_bulk

        plant_bulk(self, pages, rows, blocks, databases)

    def _render(self, thing: Thing) -> dict[str, Any]:
        if isinstance(thing, Page):
            return page_object(self.world, thing)
        assert not isinstance(thing, Database)
        return data_source_object(self.world, thing)

    def id_of(self, reference: str) -> str:
        """Return the id in a URL or in any spelling of an id."""
        return id_in_url(reference) or reference


PEOPLE = (
    ("Ada Lovelace", "ada@example.com"),
    ("Bob Babbage", "bob@example.com"),
    ("Grace Hopper", "grace@example.com"),
)
BOT = "Simulated connection"


def new_records() -> Records:
    """Return an empty workspace with its bot and three people."""
    records = Records(bot_id=stable("bot"))
    for name, email in PEOPLE:
        user_id = stable("user", email)
        records.users[user_id] = User(user_id, name, email=email)
    records.users[records.bot_id] = User(records.bot_id, BOT, type="bot")
    return records
