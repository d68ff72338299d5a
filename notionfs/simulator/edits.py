"""Edits of a body through markdown: the four commands of the markdown endpoint, done on a block tree.

A command changes the page's markdown as a string; the result is read again and compared with the old
tree (`alignment`), so that blocks which did not change keep their ids and everything else they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from notionfs.simulator.alignment import Alignment, fresh_id
from notionfs.simulator.blocks import Block, file_name, file_url, walk
from notionfs.simulator.dialects import Names, Parsed, parse, render
from notionfs.simulator.dialects.names import warning
from notionfs.simulator.richtext import text_item

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


def replaced(blocks: Sequence[Block], new_markdown: str, names: Names, version: str) -> Edited:
    """Return the body that *new_markdown* describes, as an edit of *blocks*."""
    return _compared(blocks, parse(new_markdown, names, version=version), names, version)


def _compared(blocks: Sequence[Block], parsed: Parsed, names: Names, version: str) -> Edited:
    stable = replace(names, file_url=_unchanged)
    warnings = list(parsed.warnings)
    old = {block.id: block for block in walk(blocks)}
    new = _admitted(parsed.blocks, old, names, warnings)
    _adopt_files(old.values(), new)

    def shown(block: Block) -> str:
        return render([block], stable, version=version, record_limit=len(old) + 10**6).markdown

    named = {block.id for block in walk(new) if block.id in old}
    alignment = Alignment(shown, {name: old[name] for name in named})
    result = alignment.level(blocks, new)
    alignment.settle_moves()
    left = {block.id for block in walk(result)}
    removed = [
        block.id
        for block in old.values()
        if block.type in CHILDREN_OF_THEIR_OWN and block.id not in left
    ]
    return Edited(result, warnings, removed, [name for name in alignment.touched if name in left])


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
    markdown: str
    names: Names
    version: str
    partial: bool


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

    Raises `EditError` if nothing may be changed. With *partial*, found items of `update_content` are
    applied and missing ones are skipped.
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
    situation = Situation(blocks, before.markdown, names, version, partial)
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
            f"body failed validation: {where}.length should be ≤ `100`, instead was `{len(updates)}`."
        )
    text = situation.markdown
    for index, update in enumerate(updates):
        text = _updated(text, update, f"{where}[{index}]", situation.partial)
    return replaced(situation.blocks, text, situation.names, situation.version)


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
            f"Multiple matches ({count}) found for old_str in {where}: {_quoted(old)}. Provide more "
            "context so that it matches exactly once, or set replace_all_matches to true."
        )
    return text.replace(old, new)


def _quoted(text: str) -> str:
    return f'"{text[:SHOWN_IN_ERRORS]}{"…" if len(text) > SHOWN_IN_ERRORS else ""}"'


def _replace_content(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    new = _string(arguments, "new_str", "body.replace_content")
    return replaced(situation.blocks, new, situation.names, situation.version)


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
    return replaced(situation.blocks, joined, situation.names, situation.version)


def _replace_range(situation: Situation, arguments: Mapping[str, Any]) -> Edited:
    where = "body.replace_content_range"
    content = _string(arguments, "content", where)
    start, end = _selection(situation.markdown, arguments.get("content_range"))
    text = situation.markdown[:start] + content + situation.markdown[end:]
    return replaced(situation.blocks, text, situation.names, situation.version)


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
