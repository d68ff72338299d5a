"""Edits of a body through markdown: the four commands of the markdown endpoint on a block tree.

A command changes the page's markdown as a string; `comparison` says what the result means for the
blocks that were there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.comparison import Edited, added, replaced
from notionfs.simulator.dialects import Names, render
from notionfs.simulator.dialects.names import Rendered

__all__ = ["EditError", "Edited", "apply_command", "apply_markdown", "replaced"]

SHOWN_IN_ERRORS = 200


class EditError(Exception):
    """The edit is refused and nothing was changed; the message is what Notion would answer."""

    def __init__(self, message: str, additional_data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.additional_data = dict(additional_data) if additional_data else None


def apply_markdown(
    blocks: Sequence[Block], new_markdown: str, names: Names, version: str
) -> tuple[list[Block], list[dict[str, Any]]]:
    """Return the blocks of *new_markdown* with the ids of those that were there, and warnings."""
    edited = replaced(blocks, new_markdown, names, version)
    return edited.blocks, edited.warnings


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
    return _inserted_at_an_end(situation, content, at_start=place == "start")


def _inserted_at_an_end(situation: Situation, content: str, *, at_start: bool) -> Edited:
    """Put *content* first or last. What is there is not read again, so nothing of it can change."""
    new = added(situation.blocks, content, situation.names, situation.version)
    if new is None:
        parts = [content, situation.markdown] if at_start else [situation.markdown, content]
        gap = "\n\n" if situation.version == "v2" else "\n"
        return situation.changed_to(gap.join(part for part in parts if part))
    old = list(situation.blocks)
    joined = [*new.blocks, *old] if at_start else [*old, *new.blocks]
    return replace(new, blocks=joined)


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
