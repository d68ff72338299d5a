"""Building a workspace in Python: users, files, pages, databases, templates.

Everything here is done as a person, not as the token's bot, and goes through the same checks as
requests. Ids are accepted in any form, and as page URLs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.call import Call
from notionfs.simulator.clock import minute_time, seconds_of
from notionfs.simulator.comments import create_comment
from notionfs.simulator.content import read_blocks, read_markdown
from notionfs.simulator.hands import Hands
from notionfs.simulator.icons import checked_cover, checked_icon
from notionfs.simulator.records import (
    Database,
    DataSource,
    Page,
    Parent,
    User,
    text,
)
from notionfs.simulator.rows import initial_values
from notionfs.simulator.schema import change_schema
from notionfs.simulator.simple import (
    rich_text_request,
    schema_request,
    user_id,
)
from notionfs.simulator.trees import adopt, hang_in
from notionfs.simulator.uploads import add_hosted_file
from notionfs.simulator.views import first_view


class Builder(Hands):
    """The part of `Simulator` that adds things."""

    def add_user(self, name: str, *, email: str | None = None, id: str | None = None) -> str:  # noqa: A002
        """Add a person; returns the id."""
        user = User(id or self.world.ids.free(), name, email=email)
        self.workspace.records.users[user.id] = user
        self.changed()
        return user.id

    def add_file(self, filename: str, content: bytes, content_type: str = "image/png") -> str:
        """Add a hosted file; returns an address that may be used in markdown or properties."""
        stored = add_hosted_file(self.world, filename, content, content_type)
        self.changed()
        return self.world.signer.sign(stored, self.world.now)

    def add_comment(self, page_id: str, content: str, *, by: str | None = None) -> str:
        """Start a thread on a page, or on a block; returns the id of the comment."""
        call = self._as_person(user_id(self.workspace, by) if by else None)
        thing_id = self._id(page_id)
        kind = "page_id" if thing_id in self.workspace.pages else "block_id"
        call.body = {"parent": {kind: thing_id}, "rich_text": rich_text_request(content)}
        made = create_comment(call)
        self.changed()
        return str(made["id"])

    def add_emoji(self, name: str, url: str) -> str:
        """Add a custom emoji; returns the id."""
        emoji = {"id": self.world.ids.free(), "name": name, "url": url}
        self.workspace.records.emojis.append(emoji)
        self.changed()
        return emoji["id"]

    def add_page(  # noqa: PLR0913  (each is a part of a page)
        self,
        title: Any,
        *,
        parent: str | None = None,
        markdown: str = "",
        blocks: Sequence[Mapping[str, Any]] = (),
        properties: Mapping[str, Any] | None = None,
        icon: Any = None,
        cover: Any = None,
        id: str | None = None,  # noqa: A002
        created: float | str | None = None,
        edited: float | str | None = None,
        actor: str | None = None,
    ) -> str:
        """Add a page under a page, block, data source or the workspace; returns its id.

        The content is *markdown* (v2), or *blocks* in request form. An *icon* may be an emoji, a
        *cover* an address, values simple Python values (`simple.py`).
        """
        call = self._as_person(actor)
        hung = self._parent(parent)
        source = self.workspace.data_sources.get(hung.id)
        changes = self._changes(call, source, {**(properties or {}), "title": title})
        now = self.world.now if created is None else _seconds(created)
        last = now if edited is None else _seconds(edited)
        page = Page(
            id or self.world.ids.record(now), hung, now, last, call.actor, call.actor, body=[]
        )
        page.values = initial_values(source) if source else {"title": []}
        page.icon = checked_icon(self.world, {"emoji": icon} if isinstance(icon, str) else icon)
        page.cover = checked_cover(
            self.world, {"external": {"url": cover}} if isinstance(cover, str) else cover
        )
        body = read_markdown(call, markdown, "v2").blocks if markdown else []
        body += read_blocks(call, list(blocks), "blocks") if blocks else []
        self._enter(call, page, body, now)
        changes.apply(call, page)
        page.created, page.edited, page.edited_by = now, last, call.actor
        self.changed()
        return page.id

    def _enter(self, call: Call, page: Page, body: list[Block], now: float) -> None:
        workspace = self.workspace
        stamp = minute_time(now)
        for block in walk(body):
            block.created_time = block.last_edited_time = stamp
            block.created_by = block.last_edited_by = call.actor
        workspace.add(page)
        self.world.created(page)
        workspace.set_body(page, body)
        adopt(call, page)
        home = workspace.home_of(page.parent)
        if home is None:
            return
        seen = home.edited, home.edited_by
        hang_in(self.world, page, page.parent, call.actor)
        home.edited = max(seen[0], now)  # building the past must not move the present

    def add_database(  # noqa: PLR0913
        self,
        title: str,
        *,
        parent: str | None = None,
        sources: Mapping[str, Mapping[str, Any]] | None = None,
        id: str | None = None,  # noqa: A002
        source_ids: Sequence[str] = (),
        inline: bool = False,
        icon: Any = None,
        description: str = "",
        created: float | str | None = None,
        actor: str | None = None,
    ) -> tuple[str, list[str]]:
        """Add a database with its data sources in order; returns its id and theirs."""
        call = self._as_person(actor)
        now = self.world.now if created is None else _seconds(created)
        database = Database(
            id or self.world.ids.free(), self._parent(parent), text(title), now, now,
            call.actor, call.actor, description=text(description), is_inline=inline,
        )  # fmt: skip
        database.icon = checked_icon(self.world, {"emoji": icon} if isinstance(icon, str) else icon)
        self.workspace.databases[database.id] = database
        for index, (name, schema) in enumerate((sources or {title: {}}).items()):
            source_id = source_ids[index] if index < len(source_ids) else None
            self._add_source(call, database, name, schema, source_id, now)
        if database.parent.kind in ("page_id", "block_id"):
            hang_in(self.world, database, database.parent, call.actor)
        self.changed()
        return database.id, list(database.sources)

    def _add_source(
        self,
        call: Call,
        database: Database,
        name: str,
        schema: Mapping[str, Any],
        source_id: str | None,
        now: float,
    ) -> None:
        source = DataSource(
            source_id or self.world.ids.record(now), database.id, text(name), {}, now, now,
            call.actor, call.actor,
        )  # fmt: skip
        self.workspace.data_sources[source.id] = source
        self.workspace.rows[source.id] = {}
        database.sources.append(source.id)
        change_schema(call, source, schema_request(schema), creating=True)
        first_view(self.world, database, source, call.actor)
        self.world.created(source)

    def add_data_source(
        self,
        database_id: str,
        name: str,
        schema: Mapping[str, Any],
        *,
        id: str | None = None,  # noqa: A002
    ) -> str:
        """Add a data source to a database; returns its id."""
        database = self.workspace.databases[self._id(database_id)]
        call = self._as_person()
        self.world.touch(database, call.actor)
        self._add_source(call, database, name, schema, id, self.world.now)
        self.changed()
        return database.sources[-1]

    def add_template(
        self, source_id: str, name: str, markdown: str, *, default: bool = False
    ) -> str:
        """Add a template to a data source; returns the id of the template page."""
        call = self._as_person()
        source = self.workspace.data_sources[self._id(source_id)]
        now = self.world.now
        hidden = Parent("database_id", source.database_id)  # a template is no row
        page = Page(self.world.ids.record(now), hidden, now, now, call.actor, call.actor, body=[])
        page.values = {"title": text(name)}
        page.is_template = True
        body = read_markdown(call, markdown, "v2").blocks
        self.workspace.add(page)
        self.workspace.set_body(page, body)
        self.world.stamp(body, call.actor)
        source.templates.append({"id": page.id, "name": name, "is_default": default})
        self.changed()
        return page.id


def _seconds(value: float | str) -> float:
    return seconds_of(value) if isinstance(value, str) else value
