"""The one Notion client: every operation we use, as values of `model.py`.

Every method waits its turn, may raise any `RemoteError`, and can be cancelled at any time. A write
that was cancelled, or that raised with `maybe_applied`, may have happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Literal, TypeVar

from notionfs.api import calls, listings, responses
from notionfs.api.calls import Call
from notionfs.api.comments import CommentMethods
from notionfs.api.exchange import Exchange, Renew
from notionfs.api.files import FileMethods
from notionfs.api.listings import ChildPage, Listing, RowListing, Template
from notionfs.api.pacing import Pace, Priority, Urgency
from notionfs.api.reachability import Reachability
from notionfs.api.speech import Speech
from notionfs.api.wire import Wire
from notionfs.config import DEFAULT_BASE_URL
from notionfs.errors import BadAnswer
from notionfs.model import (
    JSON,
    BlockId,
    Body,
    Database,
    DatabaseId,
    DataSource,
    DataSourceId,
    Identity,
    Page,
    PageId,
    Parent,
    Secret,
    User,
)

__all__ = ["ChildPage", "Client", "Listing", "RowListing"]

T = TypeVar("T")


class Client(FileMethods, CommentMethods):
    """Notion as seen with one token. Use it as an async context manager.

    *transport* replaces the network (see `wire.asgi_transport`); *pace* is shared by all clients of
    the same token; *timeout* bounds one exchange, in seconds; *renew* gets a new token when
    this one has ended.
    """

    def __init__(
        self,
        token: Secret | str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        transport: object | None = None,
        pace: Pace | None = None,
        timeout: float = 60.0,
        renew: Renew | None = None,
    ) -> None:
        self._wire = Wire(token, base_url=base_url, transport=transport, timeout=timeout)
        self._exchange = Exchange(self._wire, pace or Pace(), renew)
        self._priority: Priority | Urgency = Priority.PROMPT

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._wire.aclose()

    def at(self, priority: Priority | Urgency) -> Client:
        """Return a view of this client whose requests go at *priority*; do not close it."""
        view = object.__new__(Client)
        view._wire, view._exchange, view._priority = self._wire, self._exchange, priority
        return view

    @property
    def calls(self) -> Counter[str]:
        """Requests that left so far, by operation, with those that were repeated."""
        return self._exchange.calls

    def clock_ns(self) -> int | None:
        """Return what time it is at Notion, in ns since 1970; None before its first answer."""
        return self._exchange.server_clock.now_ns()

    @property
    def last_date(self) -> str | None:
        """What Notion said the time was, as the header of its last answer has it."""
        return self._exchange.server_clock.date

    @property
    def pace(self) -> Pace:
        """The pace that all views of this client share."""
        return self._exchange.pace

    @property
    def reach(self) -> Reachability:
        """Whether Notion answers."""
        return self._exchange.reach

    @property
    def speech(self) -> Speech:
        """Which Markdown the server speaks."""
        return self._exchange.speech

    async def _ask(self, call: Call, parse: Callable[[bytes], T]) -> T:
        return await self._exchange.ask(call, parse, self._priority)

    # --- the workspace ----------------------------------------------------------------------------

    async def fetch_me(self) -> Identity:
        """Return whose token this is, and in which workspace."""
        return await self._ask(calls.fetch_me(), responses.parse_identity)

    async def fetch_users(self) -> tuple[User, ...]:
        """Return all people and bots; personal access tokens are `Forbidden` to ask."""
        return await _fetch_all(
            lambda cursor: self._ask(calls.list_users(cursor), listings.parse_users)
        )

    async def search(
        self,
        *,
        cursor: str | None = None,
        kind: Literal["page", "data_source"] | None = None,
        in_trash: bool = False,
        query: str = "",
    ) -> Listing:
        """Return up to 100 things the token can see (with *query* in the title), newest edit first.

        A cursor that Notion no longer knows raises `CursorExpired`, as in every listing.
        """
        return await self._ask(calls.search(cursor, kind, in_trash, query), listings.parse_listing)

    # --- databases --------------------------------------------------------------------------------

    async def query(
        self,
        source: DataSourceId,
        *,
        cursor: str | None = None,
        created_from: str | None = None,
    ) -> RowListing:
        """Return up to 100 rows, oldest first, created at *created_from* or later."""
        return await self._ask(calls.query(source, cursor, created_from), listings.parse_rows)

    async def fetch_database(self, database_id: DatabaseId) -> Database:
        """Return a database with the list of its data sources."""
        return await self._ask(calls.fetch_database(database_id), responses.parse_database)

    async def fetch_data_source(self, source: DataSourceId) -> DataSource:
        """Return a data source with its schema."""
        return await self._ask(calls.fetch_data_source(source), responses.parse_data_source)

    async def fetch_templates(self, source: DataSourceId) -> tuple[Template, ...]:
        """Return the templates of a data source."""
        return await _fetch_all(
            lambda cursor: self._ask(calls.list_templates(source, cursor), listings.parse_templates)
        )

    # --- pages ------------------------------------------------------------------------------------

    async def fetch_page(self, page_id: PageId) -> Page:
        """Return a page, also if it is in the trash."""
        return await self._ask(calls.fetch_page(page_id), responses.parse_page)

    async def fetch_body(self, page_id: PageId) -> Body:
        """Return the text of a page as Notion sent it, with signed file URLs."""
        return await self.speech.say(
            lambda version: calls.fetch_body(page_id, version), self._ask_body, is_read=True
        )

    async def download(
        self, url: str, begin: Callable[[int | None], None], take: Callable[[bytes], None]
    ) -> None:
        """Fetch a hosted file from its signed address, which is no call to Notion's API.

        *begin* hears how many bytes come, if that is known; *take* gets them piece by piece. Raises
        RemoteMissing for an address that has expired.
        """
        await self._wire.download(url, begin, take)

    async def fetch_block_parent(self, block_id: BlockId) -> Parent:
        """Return where a block hangs, to climb from it to its page."""
        return await self._ask(calls.fetch_block(block_id), responses.parse_block_parent)

    async def fetch_child_pages(
        self, parent_id: str, cursor: str | None = None
    ) -> tuple[tuple[ChildPage, ...], str | None]:
        """Return the pages among up to 100 blocks directly under a page or block, and a cursor."""
        return await self._ask(calls.list_children(parent_id, cursor), listings.parse_child_pages)

    async def fetch_entries(self, page_id: PageId, property_id: str) -> tuple[JSON, ...]:
        """Return all entries of a relation, a people property or a text.

        A page object shows 25 references of each.
        """
        return await _fetch_all(
            lambda cursor: self._ask(
                calls.fetch_property(page_id, property_id, cursor), listings.parse_entries
            )
        )

    # --- writing ----------------------------------------------------------------------------------

    async def create_page(
        self,
        parent: Parent,
        properties: Mapping[str, JSON],
        markdown: str | None,
        template: Mapping[str, JSON] | None = None,
    ) -> Page:
        """Create a page. Name the title in *properties*, or Notion takes the text's heading.

        A page from a *template* comes back blank and is filled a little later.
        """
        return await self.speech.say(
            lambda version: calls.create_page(parent, properties, markdown, version, template),
            lambda call: self._ask(call, responses.parse_page),
        )

    async def update_page(
        self,
        page_id: PageId,
        *,
        properties: Mapping[str, JSON] | None = None,
        in_trash: bool | None = None,
    ) -> Page:
        """Change the given properties; move the page into the trash or out of it."""
        return await self._ask(
            calls.update_page(page_id, properties, in_trash), responses.parse_page
        )

    async def move_page(self, page_id: PageId, parent: Parent) -> Page:
        """Hang a page under another page or into a data source, else `NotPermitted`."""
        return await self._ask(calls.move_page(page_id, parent), responses.parse_page)

    async def edit_body(self, page_id: PageId, edits: Sequence[tuple[str, str]]) -> Body:
        """Replace each old text by its new one, and return the whole text.

        `EditMissed` if an old text does not occur exactly once; then nothing was changed.
        """
        return await self.speech.say(
            lambda version: calls.edit_body(page_id, edits, version), self._ask_body
        )

    async def append_body(self, page_id: PageId, content: str) -> Body:
        """Add *content* at the end, and return the whole text."""
        return await self.speech.say(
            lambda version: calls.append_body(page_id, content, version), self._ask_body
        )

    async def replace_body(self, page_id: PageId, content: str) -> Body:
        """Replace the whole text; `Refused` if a child page would vanish with it."""
        return await self.speech.say(
            lambda version: calls.replace_body(page_id, content, version), self._ask_body
        )

    async def _ask_body(self, call: Call) -> Body:
        return await self._ask(call, responses.parse_body)


async def _fetch_all(
    fetch_part: Callable[[str | None], Awaitable[tuple[tuple[T, ...], str | None]]],
) -> tuple[T, ...]:
    """Return all parts of a listing joined, following its cursors."""
    found: list[T] = []
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        part, cursor = await fetch_part(cursor)
        found += part
        if cursor is None:
            return tuple(found)
        if cursor in seen:
            raise BadAnswer("Notion's listing leads back to its own beginning.")
        seen.add(cursor)
