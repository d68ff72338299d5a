"""A workspace from recorded exchanges: whatever pages, tables and blocks the recordings ever
showed.

Recordings are files of JSON lines (`method, path, request, status, response`). The last state of
each object counts, except that nothing is in the trash: tests that were recorded clean up after
themselves, and an empty workspace would show nothing. Parents that no recording shows stay unknown,
as if they were not shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from notionfs.simulator.blocks import BLOCK_TYPES, Block
from notionfs.simulator.clock import seconds_of
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import (
    Comment,
    Database,
    DataSource,
    Page,
    Parent,
    Prop,
    User,
    text,
)
from notionfs.simulator.trees import child_block, siblings_of

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

Json = dict[str, Any]
CHILDREN_PATH = re.compile(r"/v1/blocks/([0-9a-fA-F-]+)/children")
CHILD_TYPES = ("child_page", "child_database")


@dataclass(slots=True)
class Seen:
    """What the recordings show, by kind and id."""

    pages: dict[str, Json] = field(default_factory=dict)
    data_sources: dict[str, Json] = field(default_factory=dict)
    databases: dict[str, Json] = field(default_factory=dict)
    blocks: dict[str, Json] = field(default_factory=dict)
    comments: dict[str, Json] = field(default_factory=dict)
    users: dict[str, Json] = field(default_factory=dict)
    emojis: dict[str, Json] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)  # row -> its place in a whole listing

    def look(self, value: Any) -> None:
        """Take in all objects inside *value*."""
        if isinstance(value, list):
            for item in value:
                self.look(item)
        elif isinstance(value, dict):
            self._keep(value)
            for item in value.values():
                self.look(item)

    def _keep(self, thing: Json) -> None:
        kinds: Mapping[str, dict[str, Json]] = {
            "page": self.pages,
            "data_source": self.data_sources,
            "database": self.databases,
            "block": self.blocks,
            "comment": self.comments,
        }
        kind = thing.get("object")
        if kind == "user" and thing.get("type"):
            known = self.users.get(thing["id"], {})
            if not known.get("bot"):  # the whole form of a bot, once seen, stays
                self.users[thing["id"]] = thing
        elif kind in kinds and "created_time" in thing:
            kinds[str(kind)][thing["id"]] = thing
        elif {"id", "name", "url"} == thing.keys():
            self.emojis[thing["id"]] = thing

    def listed(self, exchange: Json) -> None:
        """Note the order of rows in a query, and of blocks in a list of children."""
        if exchange["path"].endswith("/query") and not (exchange["request"] or {}).get("filter"):
            results = exchange["response"]["results"]
            if len(results) > 1:
                self.ranks.update({row["id"]: rank for rank, row in enumerate(results)})
        match = CHILDREN_PATH.match(exchange["path"])
        parent = dashed(match[1]) if match else None
        if parent is None:
            return
        ids = [block["id"] for block in exchange["response"]["results"]]
        known = self.children.setdefault(parent, [])
        if exchange["method"] == "GET":
            self.children[parent] = ids + [one for one in known if one not in ids]
        else:
            known.extend(one for one in ids if one not in known)


def load_recordings(simulator: Simulator, directory: Path) -> None:
    """Fill *simulator* with everything that the recordings in *directory* show."""
    seen = Seen()
    for exchange in exchanges(directory):
        if exchange["status"] == 200 and isinstance(exchange["response"], dict):
            seen.look(exchange["response"])
            seen.listed(exchange)
    _Loader(simulator, seen).load()


def exchanges(directory: Path) -> Iterable[Json]:
    """Yield all recorded exchanges, file by file."""
    for path in sorted(directory.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield msgspec.json.decode(line)


class _Loader:
    """Turns seen objects into records."""

    def __init__(self, simulator: Simulator, seen: Seen) -> None:
        self.simulator = simulator
        self.workspace = simulator.workspace
        self.records = simulator.workspace.records
        self.seen = seen

    def load(self) -> None:
        for user in self.seen.users.values():
            self._user(user)
        self.records.emojis.extend(self.seen.emojis.values())
        for database in self.seen.databases.values():
            self._database(database)
        for source in self.seen.data_sources.values():
            self._source(source)
        ranks = self.seen.ranks  # queries list the newest first
        pages = self.seen.pages.values()
        for page in sorted(pages, key=lambda one: (one["created_time"], -ranks.get(one["id"], 0))):
            self._page(page)
        for page_id in list(self.workspace.pages):
            body = self._blocks(page_id)
            self.workspace.set_body(self.workspace.pages[page_id], body)
        things: list[Page | Database] = [*self.workspace.pages.values()]
        for thing in [*things, *self.workspace.databases.values()]:
            self._stand_in_parent(thing)
        for comment in self.seen.comments.values():
            self._comment(comment)
        self.simulator.changed()

    def _user(self, user: Json) -> None:
        bot = user.get("bot") or {}
        if "workspace_id" in bot:  # ours: others hide where they belong
            self.records.id, self.records.name = bot["workspace_id"], bot["workspace_name"]
            self.records.bot_id = user["id"]
        email = user.get("person", {}).get("email")
        self.records.users[user["id"]] = User(
            user["id"], user["name"], user["type"], email, user["avatar_url"], bot.get("owner")
        )

    def _database(self, shown: Json) -> None:
        block = self.seen.blocks.get(shown["id"], {})  # only its block says who made it
        database = Database(
            shown["id"], _parent(shown["parent"]), shown["title"], *_stamps(block | shown),
            description=shown["description"], icon=shown["icon"], cover=shown["cover"],
            is_inline=shown["is_inline"], is_locked=shown["is_locked"],
        )  # fmt: skip
        self.workspace.databases[database.id] = database

    def _source(self, shown: Json) -> None:
        database_id = shown["parent"]["database_id"]
        if database_id not in self.workspace.databases:
            parent = _parent(shown["database_parent"])
            database = Database(database_id, parent, shown["title"], *_stamps(shown))
            database.description = shown["description"]
            self.workspace.databases[database_id] = database
        source = DataSource(
            shown["id"], database_id, shown["title"], {}, *_stamps(shown),
            icon=shown["icon"], cover=shown["cover"],
        )  # fmt: skip
        for entry in shown["properties"].values():
            source.properties[entry["id"]] = Prop(
                entry["id"],
                entry["name"],
                entry["type"],
                entry[entry["type"]],
                entry["description"],
            )
        self._enter(source)

    def _enter(self, source: DataSource) -> None:
        self.workspace.data_sources[source.id] = source
        self.workspace.rows.setdefault(source.id, {})
        self.workspace.databases[source.database_id].sources.append(source.id)

    def _page(self, shown: Json) -> None:
        parent = _parent(shown["parent"])
        if parent.kind == "data_source_id" and parent.id not in self.workspace.data_sources:
            self._unseen_source(shown)
        page = Page(shown["id"], parent, *_stamps(shown), icon=shown["icon"], cover=shown["cover"])
        page.is_locked, page.is_archived = shown["is_locked"], shown["is_archived"]
        page.values = {}
        source = self.workspace.data_sources.get(parent.id)
        for name, value in shown["properties"].items():
            prop = self._property(source, name, value) if source else None
            page.values[value["id"]] = stored_value(prop, value)
        self.workspace.add(page)

    def _property(self, source: DataSource, name: str, value: Json) -> Prop:
        """Return the property of *value*; older rows may have some that the schema lost."""
        prop = source.properties.get(value["id"])
        if prop is None or prop.type != value["type"]:
            prop = Prop(value["id"], name, value["type"])
            source.properties[prop.id] = prop
        return prop

    def _unseen_source(self, shown: Json) -> None:
        """Make a table that only its rows were seen of."""
        parent = shown["parent"]
        database_id = parent.get("database_id") or parent["data_source_id"]
        if database_id not in self.workspace.databases:
            unknown = Parent("workspace")
            self.workspace.databases[database_id] = Database(
                database_id, unknown, text("Unseen table"), *_stamps(shown)
            )
        source = DataSource(parent["data_source_id"], database_id, [], {}, *_stamps(shown))
        self._enter(source)

    def _blocks(self, parent_id: str) -> list[Block]:
        listed = self.seen.children.get(parent_id, [])
        loose = [
            block_id
            for block_id, block in self.seen.blocks.items()
            if _parent(block["parent"]).id == parent_id and block_id not in listed
        ]
        return [
            self._block(self.seen.blocks[one])
            for one in (*listed, *loose)
            if one in self.seen.blocks
        ]

    def _block(self, shown: Json) -> Block:
        kind = shown["type"]
        if kind in CHILD_TYPES:
            self._unseen_child(shown)
        children = [] if kind in CHILD_TYPES else self._blocks(shown["id"])
        data = dict(shown[kind])
        if data.get("type") == "file":
            data["file"] = {"url": data["file"]["url"].split("?")[0]}
        if kind not in BLOCK_TYPES:
            kind, data = "unsupported", {"block_type": kind}
        return Block(
            shown["id"], kind, data, children, shown["created_time"], shown["last_edited_time"],
            shown["created_by"]["id"], shown["last_edited_by"]["id"],
        )  # fmt: skip

    def _unseen_child(self, shown: Json) -> None:
        """Make a sub-page that only its block was seen of."""
        known = shown["id"] in self.workspace.pages or shown["id"] in self.workspace.databases
        if known:
            return
        parent = _parent(shown["parent"])
        title = text(shown[shown["type"]]["title"])
        if shown["type"] == "child_page":
            page = Page(shown["id"], parent, *_stamps(shown), values={"title": title}, body=[])
            self.workspace.add(page)
        else:
            database = Database(shown["id"], parent, title, *_stamps(shown))
            self.workspace.databases[database.id] = database

    def _stand_in_parent(self, thing: Page | Database) -> None:
        """Put the block of *thing* into its parent's body, if it stands nowhere."""
        siblings = siblings_of(self.simulator.world, thing.parent)
        home = self.workspace.home_of(thing.parent)
        if siblings is None or home is None or thing.id in self.workspace.owners:
            return
        block = child_block(thing)
        siblings.append(block)
        self.simulator.world.stamp([block], thing.created_by)
        self.workspace.owners[block.id] = home.id

    def _comment(self, shown: Json) -> None:
        self.records.comments[shown["id"]] = Comment(
            shown["id"], shown["discussion_id"], _parent(shown["parent"]), shown["rich_text"],
            seconds_of(shown["created_time"]), seconds_of(shown["last_edited_time"]),
            shown["created_by"]["id"], shown["display_name"],
        )  # fmt: skip


def _parent(shown: Json) -> Parent:
    kind = shown["type"]
    return Parent("workspace") if kind == "workspace" else Parent(kind, shown[kind])


def _stamps(shown: Json) -> tuple[float, float, str, str]:
    return (
        seconds_of(shown["created_time"]),
        seconds_of(shown["last_edited_time"]),
        shown.get("created_by", {}).get("id", ""),
        shown.get("last_edited_by", {}).get("id", ""),
    )


def stored_value(prop: Prop | None, value: Json) -> Any:
    """Return an API property value as it is stored; options it names are added to *prop*."""
    kind = value["type"]
    content = value[kind]
    if kind in ("select", "status"):
        return _option_id(prop, content) if content else None
    if kind == "multi_select":
        return [_option_id(prop, option) for option in content]
    if kind in ("people", "relation"):
        return [one["id"] for one in content]
    if kind == "verification" and content.get("verified_by"):
        return content | {"verified_by": content["verified_by"]["id"]}
    if kind == "unique_id":
        if prop is not None:
            prop.config.setdefault("prefix", content["prefix"])
        return content["number"]
    return content


def _option_id(prop: Prop | None, option: Json) -> str:
    if prop is not None:
        options = prop.config.setdefault("options", [])
        if all(known["id"] != option["id"] for known in options):
            options.append({**option, "description": None})
    return str(option["id"])
