"""A new text for an old body: which blocks it keeps, changes, adds and leaves out.

The text is read and compared with the old tree (`alignment`), so that blocks which did not change
keep their ids and all else they have. Of a long body only what differs is read (`windows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from notionfs.simulator.alignment import Alignment, fresh_id
from notionfs.simulator.blocks import Block, file_name, file_url, walk
from notionfs.simulator.dialects import Names, Parsed, parse, render
from notionfs.simulator.dialects.names import Piece, warning
from notionfs.simulator.richtext import text_item
from notionfs.simulator.windows import Window, changed_window

CHILDREN_OF_THEIR_OWN = frozenset(("child_page", "child_database"))


@dataclass(frozen=True)
class Edited:
    """A body after an edit. `touched` are the blocks that are new or whose own content changed."""

    blocks: list[Block]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    removed_child_ids: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)


def replaced(
    blocks: Sequence[Block],
    new_markdown: str,
    names: Names,
    version: str,
    pieces: Sequence[Piece] = (),
) -> Edited:
    """Return the body that *new_markdown* describes, as an edit of *blocks*.

    With the *pieces* of the present markdown only what differs from them is read.
    """
    comparison = Comparison(blocks, names, version)
    if version == "v2" and pieces:
        window = changed_window(pieces, new_markdown)
        edited = comparison.within(window)
        if edited is not None:
            return edited
    return comparison.whole(parse(new_markdown, names, version=version))


def added(blocks: Sequence[Block], content: str, names: Names, version: str) -> Edited | None:
    """Return the blocks of *content* alone, or None if it names blocks that are already there."""
    parsed = parse(content, names, version=version)
    present = {block.id for block in walk(blocks)}
    if any(block.id in present for block in walk(parsed.blocks)):
        return None
    warnings = list(parsed.warnings)
    new = _admitted(parsed.blocks, {}, names, warnings)
    _adopt_files(walk(blocks), new)
    return Edited(new, warnings, [], [block.id for block in walk(new)])


class Comparison:
    """An old body, and the question what a new text makes of it."""

    def __init__(self, blocks: Sequence[Block], names: Names, version: str) -> None:
        self.blocks = blocks
        self.names = names
        self.version = version
        self.old = {block.id: block for block in walk(blocks)}
        self._stable = replace(names, file_url=_unchanged)

    def shown(self, block: Block) -> str:
        """Return a block as markdown in which nothing rotates."""
        limit = len(self.old) + 10**6
        return render([block], self._stable, version=self.version, record_limit=limit).markdown

    def whole(self, parsed: Parsed) -> Edited:
        """Return the edit that makes the body what was parsed."""
        warnings = list(parsed.warnings)
        return self._aligned(self.blocks, self._admitted(parsed, warnings), warnings)

    def within(self, window: Window) -> Edited | None:
        """Return the edit inside *window*, or None if it reaches beyond."""
        inside = self.blocks[window.start : window.end]
        parsed = parse(window.text, self.names, version=self.version)
        warnings = list(parsed.warnings)
        new = self._admitted(parsed, warnings)
        present = {block.id for block in walk(inside)}
        if any(block.id in self.old and block.id not in present for block in walk(new)):
            return None
        if not self._guarded(window, inside, new):
            return None
        edited = self._aligned(inside, new, warnings)
        before, after = self.blocks[: window.start], self.blocks[window.end :]
        return replace(edited, blocks=[*before, *edited.blocks, *after])

    def _admitted(self, parsed: Parsed, warnings: list[dict[str, Any]]) -> list[Block]:
        new = _admitted(parsed.blocks, self.old, self.names, warnings)
        _adopt_files(self.old.values(), new)
        return new

    def _guarded(self, window: Window, inside: Sequence[Block], new: Sequence[Block]) -> bool:
        """Say whether the outer blocks came out as they were."""
        before, after = window.guards_before, window.guards_after
        if len(new) < before + after:
            return False
        pairs = [*zip(inside[:before], new[:before], strict=True)]
        if after:
            pairs += zip(inside[-after:], new[-after:], strict=True)
        return all(self.shown(old) == self.shown(same) for old, same in pairs)

    def _aligned(
        self, blocks: Sequence[Block], new: Sequence[Block], warnings: list[dict[str, Any]]
    ) -> Edited:
        named = {block.id for block in walk(new) if block.id in self.old}
        alignment = Alignment(self.shown, {name: self.old[name] for name in named})
        result = alignment.level(blocks, new)
        alignment.settle_moves()
        left = {block.id for block in walk(result)}
        removed = [
            block.id
            for block in walk(blocks)
            if block.type in CHILDREN_OF_THEIR_OWN and block.id not in left
        ]
        touched = [name for name in alignment.touched if name in left]
        return Edited(result, warnings, removed, touched)


def _unchanged(address: str) -> str:
    return address


# --- what the text names -----------------------------------------------------------------------


def _admitted(
    blocks: Sequence[Block],
    old: Mapping[str, Block],
    names: Names,
    warnings: list[dict[str, Any]],
) -> list[Block]:
    """Return the parsed blocks without those that name something they may not stand for."""
    seen: set[str] = set()

    def admit(block: Block) -> Block | None:
        if block.id in seen:
            warnings.append(
                warning("duplicate", "A block is named twice; its second place was left out.")
            )
            return None
        seen.add(block.id)
        if block.id not in old:
            stranger = STRANGERS.get(block.type)
            if stranger is not None and not block.to_create:
                return stranger(block, names, warnings)
        block.children = [kept for child in block.children if (kept := admit(child)) is not None]
        return block

    return [kept for block in blocks if (kept := admit(block)) is not None]


def _foreign_page(block: Block, names: Names, warnings: list[dict[str, Any]]) -> Block | None:
    """A page from elsewhere moves here; one that nobody knows becomes a link."""
    known = names.page_title(block.id) is not None or names.database_facts(block.id) is not None
    if known:
        return block
    address = names.page_url(block.id)
    warnings.append(warning("unknown_page", f"There is no page at {address}; a link was kept."))
    link = text_item(block.data.get("title") or address, link=address)
    return Block(fresh_id(), "paragraph", {"rich_text": [link], "color": "default", "icon": None})


def _placeholder(block: Block, names: Names, warnings: list[dict[str, Any]]) -> Block | None:
    """A placeholder stands for a block of this page, or for nothing. Tags we keep need no id."""
    if block.data.get("_tag"):
        return block
    warnings.append(warning("unknown_block", "An <unknown> tag names no block of this page."))
    return None


def _foreign_synced(block: Block, names: Names, warnings: list[dict[str, Any]]) -> Block | None:
    block.id = fresh_id()
    return block


Stranger = Callable[[Block, Names, list[dict[str, Any]]], Block | None]
STRANGERS: Mapping[str, Stranger] = {
    "child_page": _foreign_page,
    "child_database": _foreign_page,
    "unsupported": _placeholder,
    "synced_block": _foreign_synced,
}


def _adopt_files(old: Iterable[Block], new: Sequence[Block]) -> None:
    """Turn addresses of files that the page already holds back into those files.

    Signed addresses differ at every reading, so only host and path are compared.
    """
    hosted = {}
    for block in old:
        for holder in (block.data, block.data.get("icon") or {}):
            if holder.get("type") == "file":
                hosted[_place(file_url(holder))] = holder["file"]
    if not hosted:
        return
    for block in walk(new):
        for holder in (block.data, block.data.get("icon") or {}):
            _adopt(holder, hosted)
        if block.type == "file":
            block.data["name"] = file_name(block.data)


def _adopt(holder: dict[str, Any], hosted: Mapping[str, Any]) -> None:
    if holder.get("type") != "external":
        return
    file = hosted.get(_place(holder["external"]["url"]))
    if file is not None:
        del holder["external"]
        holder.update({"type": "file", "file": file})


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"
