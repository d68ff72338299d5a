"""Edits of a body through markdown: the four commands of the markdown endpoint on a block tree.

A command changes the page's markdown as a string; the result is read again and compared with the
old tree (`alignment`), so that blocks which did not change keep their ids and all else they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from notionfs.simulator.alignment import Alignment, fresh_id
from notionfs.simulator.blocks import Block, file_name, file_url, walk
from notionfs.simulator.dialects import Names, Parsed, parse, render
from notionfs.simulator.dialects.names import Piece, Rendered, warning
from notionfs.simulator.richtext import text_item
from notionfs.simulator.windows import Window, changed_window

CHILDREN_OF_THEIR_OWN = frozenset(("child_page", "child_database"))
SHOWN_IN_ERRORS = 200


class EditError(Exception):
    """The edit is refused and nothing was changed; the message is what Notion would answer."""

    def __init__(self, message: str, additional_data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.additional_data = dict(additional_data) if additional_data else None


@dataclass(frozen=True)
class Edited:
    """A body after an edit. `touched` are the blocks that are new or whose own content changed."""

    blocks: list[Block]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    removed_child_ids: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)


def apply_markdown(
    blocks: Sequence[Block], new_markdown: str, names: Names, version: str
) -> tuple[list[Block], list[dict[str, Any]]]:
    """Return the blocks of *new_markdown* with the ids of those that were there, and warnings."""
    edited = replaced(blocks, new_markdown, names, version)
    return edited.blocks, edited.warnings


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


def _adopt_files(old: Any, new: Sequence[Block]) -> None:
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


# --- commands ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Situation:
    """What a command finds: the body, and its markdown as a reader would get it now."""

    blocks: Sequence[Block]
    rendered: Rendered
    names: Names
    version: str
    partial: bool

    @property
    def markdown(self) -> str:
        """Return the text that a command matches against."""
        return self.rendered.markdown

    def changed_to(self, text: str) -> Edited:
        """Return the edit that makes the markdown *text*."""
        return replaced(self.blocks, text, self.names, self.version, self.rendered.pieces)


def apply_command(
    blocks: Sequence[Block],
    body: Mapping[str, Any],
    names: Names,
    version: str,
    *,
    partial: bool = False,
    record_limit: int = 20_000,
) -> Edited:
    """Return the body after the command in *body*, the request of `PATCH …/markdown`.

    Raises `EditError` if nothing may be changed. With *partial*, found items of `update_content`
    are applied and missing ones are skipped.
    """
    kind = body.get("type")
    command = COMMANDS.get(str(kind))
    arguments = body.get(str(kind))
    if command is None:
        wanted = ", ".join(f'`"{name}"`' for name in COMMANDS)
        raise EditError(
            f"body failed validation: body.type should be {wanted}, instead was `{kind}`."
        )
    if not isinstance(arguments, dict):
        raise EditError(
            f"body failed validation: body.{kind} should be defined, instead was `undefined`."
        )
    before = render(blocks, names, version=version, record_limit=record_limit)
    situation = Situation(blocks, before, names, version, partial)
    edited = command(situation, arguments)
    if not arguments.get("allow_deleting_content"):
        _guard_children(blocks, edited, names)
    if before.truncated:
        _guard_unloaded(before.unknown_block_ids, edited)
    return edited


def _string(arguments: Mapping[str, Any], name: str, where: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise EditError(
            f"body failed validation: {where}.{name} should be a string, instead was "
            f"`{'undefined' if value is None else value}`."
        )
    return value


def _update_content(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    updates = arguments.get("content_updates")
    where = "body.update_content.content_updates"
    if not isinstance(updates, list) or not updates:
        raise EditError(
            f"body failed validation: {where} should be defined, instead was `undefined`."
        )
    if len(updates) > 100:
        raise EditError(
            f"body failed validation: {where}.length should be ≤ `100`, "
            f"instead was `{len(updates)}`."
        )
    text = situation.markdown
    for index, update in enumerate(updates):
        text = _updated(text, update, f"{where}[{index}]", situation.partial)
    return situation.changed_to(text)


def _updated(text: str, update: Any, where: str, partial: bool) -> str:
    if not isinstance(update, dict):
        raise EditError(f"body failed validation: {where} should be an object.")
    old, new = _string(update, "old_str", where), _string(update, "new_str", where)
    if not old:
        raise EditError(f"body failed validation: {where}.old_str should not be empty.")
    count = text.count(old)
    if count == 0:
        if partial:
            return text
        raise EditError(
            f"No match found for old_str in {where}. The page content does not contain "
            f"{_quoted(old)}. Matching is case-sensitive and exact."
        )
    if count > 1 and not update.get("replace_all_matches"):
        raise EditError(
            f"Multiple matches ({count}) found for old_str in {where}: {_quoted(old)}. Provide "
            "more context so that it matches exactly once, or set replace_all_matches to true."
        )
    return text.replace(old, new)


def _quoted(text: str) -> str:
    return f'"{text[:SHOWN_IN_ERRORS]}{"…" if len(text) > SHOWN_IN_ERRORS else ""}"'


def _replace_content(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    new = _string(arguments, "new_str", "body.replace_content")
    return situation.changed_to(new)


def _insert_content(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    content = _string(arguments, "content", "body.insert_content")
    after, position = arguments.get("after"), arguments.get("position")
    if after is not None and position is not None:
        raise EditError("body failed validation: only one of after and position should be defined.")
    if after is not None:
        _, end = _selection(situation.markdown, after)
        return _inserted_at(situation, content, end)
    place = position.get("type") if isinstance(position, dict) else None
    if position is not None and place not in ("start", "end"):
        raise EditError(
            'body failed validation: body.insert_content.position.type should be `"start"` or '
            f'`"end"`, instead was `{place}`.'
        )
    added = _only_new(situation, content)
    old = list(situation.blocks)
    joined = [*added.blocks, *old] if place == "start" else [*old, *added.blocks]
    return Edited(joined, added.warnings, [], added.touched)


def _only_new(situation: Situation, content: str) -> Edited:
    """Return the blocks of *content* alone: nothing that is there can change."""
    parsed = parse(content, situation.names, version=situation.version)
    warnings = list(parsed.warnings)
    present = {block.id for block in walk(situation.blocks)}
    strangers = [block for block in parsed.blocks if block.id not in present]
    if len(strangers) < len(parsed.blocks):
        warnings.append(warning("duplicate", "A block that is already on the page was left out."))
    blocks = _admitted(strangers, {}, situation.names, warnings)
    _adopt_files(walk(situation.blocks), blocks)
    return Edited(blocks, warnings, [], [block.id for block in walk(blocks)])


def _inserted_at(situation: Situation, content: str, end: int) -> Edited:
    """Put *content* behind the line that holds position *end*, as blocks of its own."""
    text = situation.markdown
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    gap = "\n\n" if situation.version == "v2" else "\n"
    tail = text[line_end:].lstrip("\n")
    joined = gap.join(part for part in (text[:line_end], content.strip("\n"), tail) if part)
    return situation.changed_to(joined)


def _replace_range(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    where = "body.replace_content_range"
    content = _string(arguments, "content", where)
    start, end = _selection(situation.markdown, arguments.get("content_range"))
    text = situation.markdown[:start] + content + situation.markdown[end:]
    return situation.changed_to(text)


def _selection(text: str, selection: Any) -> tuple[int, int]:
    """Return where `start...end` stands in *text*; without dots the selection is itself."""
    if not isinstance(selection, str) or not selection:
        raise EditError("body failed validation: the selection should be a non-empty string.")
    dots = "..." if "..." in selection else "…"
    first, _, last = selection.partition(dots)
    starts = [at for at in range(len(text)) if text.startswith(first, at)] if first else []
    spans = []
    for start in starts:
        at = text.find(last, start + len(first)) if dots in selection else start
        if at >= 0:
            spans.append((start, at + len(last) if dots in selection else start + len(first)))
    if not spans:
        raise EditError(f"No match found for selection {_quoted(selection)} in the page content.")
    if len(spans) > 1:
        raise EditError(
            f"Multiple matches found for selection {_quoted(selection)}; be more specific."
        )
    return spans[0]


COMMANDS: Mapping[str, Callable[[Situation, Mapping[str, Any]], Edited]] = {
    "update_content": _update_content,
    "replace_content": _replace_content,
    "insert_content": _insert_content,
    "replace_content_range": _replace_range,
}


# --- guards ------------------------------------------------------------------------------------


def _guard_children(blocks: Sequence[Block], edited: Edited, names: Names) -> None:
    """Refuse to lose sub-pages and databases."""
    if not edited.removed_child_ids:
        return
    by_id = {block.id: block for block in walk(blocks)}
    lines = [_listed(by_id[name], names) for name in edited.removed_child_ids]
    raise EditError(
        "This operation would delete child pages or databases: "
        + ", ".join(lines)
        + ". To proceed, set allow_deleting_content to true."
    )


def _listed(block: Block, names: Names) -> str:
    if block.type == "child_page":
        return f'page "{names.page_title(block.id) or "Untitled"}" ({names.page_url(block.id)})'
    title = (names.database_facts(block.id) or {}).get("title") or "Untitled"
    return f'database "{title}" ({names.page_url(block.id)})'


def _guard_unloaded(unloaded: Sequence[str], edited: Edited) -> None:
    """Refuse to touch what the reader could not see because the page is too large."""
    left = {block.id for block in walk(edited.blocks)}
    if not all(name in left for name in unloaded):
        raise EditError(
            "This page is too large to edit content that was not loaded.",
            {"limit_kind": "page_record_count"},
        )
