"""Lists of things that stand elsewhere: people, related pages, files.

What was shown for a stored entry keeps meaning that entry, even if the name is ambiguous by now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notionfs.markdown.bodies import canonical_url
from notionfs.markdown.fields import Context, ProblemError, as_texts, check_count, short
from notionfs.markdown.media import waiting_in
from notionfs.model import JSON, PageId, References, UserId
from notionfs.patterns import late


def render_people(payload: JSON, refs: References) -> Any:
    """Return people by their name in this workspace, else by their id."""
    return [_render_person(person, refs) for person in payload or ()]


def _render_person(person: JSON, refs: References) -> Any:
    return refs.user_label(UserId(person["id"])) or person["id"] if person else None


def parse_people(value: Any, context: Context) -> JSON:
    """Return the people that names, addresses or ids stand for."""

    def find(name: str) -> list[UserId]:
        return context.refs.find_users(name)

    return _references(as_texts(value), render_people, find, "nobody", "people", context)


def render_relation(payload: JSON, refs: References) -> Any:
    """Return related pages by their path in the mount, else by their id."""
    ids = (PageId(entry["id"]) for entry in payload or ())
    return [refs.page_path(page_id) or str(page_id) for page_id in ids]


_HINT = "; write its path, or the title with the first 8 digits of its id in brackets"
_WIKI_LINK = late(r"\[\[(.*?)(?:\|.*)?\]\]")


def parse_relation(value: Any, context: Context) -> JSON:
    """Return the pages that paths, titles, URLs or ids stand for."""

    def find(reference: str) -> list[PageId]:
        link = _WIKI_LINK.fullmatch(reference)
        return context.refs.find_pages(link[1] if link else reference)

    return _references(as_texts(value), render_relation, find, "no page", "pages", context, _HINT)


def _references(
    names: list[str],
    render: Callable[[JSON, References], Any],
    find: Callable[[str], Sequence[str]],
    nothing: str,
    several: str,
    context: Context,
    hint: str = "",
) -> JSON:
    check_count(names)
    stored: dict[str, list[str]] = {}
    for entry, label in zip(context.base or (), render(context.base, context.refs), strict=True):
        stored.setdefault(label, []).append(entry["id"])
    problems: list[str] = []
    found: list[str] = []
    for name in names:
        # What was shown for an entry keeps meaning that entry, even if the name is ambiguous now.
        kept = stored.get(name)
        candidates = [kept.pop(0)] if kept else list(dict.fromkeys(find(name)))
        if len(candidates) == 1:
            found.append(str(candidates[0]))
        elif not candidates:
            problems.append(f"names “{short(name)}”, but there is {nothing} of that name")
        else:
            problems.append(
                f"names “{short(name)}”, which may be {len(candidates)} {several}{hint}"
            )
    if problems:
        raise ProblemError("; it ".join(problems))
    return [{"id": entry} for entry in dict.fromkeys(found)]


def render_files(payload: JSON, refs: References) -> Any:
    """Return files by their path in the mount, else by their address, without signatures."""
    return [_shown_file(entry, refs) for entry in payload or ()]


def _shown_file(entry: Mapping[str, JSON], refs: References) -> str:
    url = canonical_url(_file_url(entry))
    return refs.asset_path(url) or url or str(entry.get("name", ""))


def _file_url(entry: Mapping[str, JSON]) -> str:
    holder = entry.get("external") or entry.get("file") or {}
    return str(holder.get("url", ""))


def parse_files(value: Any, context: Context) -> JSON:
    """Return stored files as they are and new web addresses as external files."""
    names = as_texts(value)
    check_count(names)
    stored: dict[str, list[JSON]] = {}
    for entry, url in zip(
        context.base or (), render_files(context.base, context.refs), strict=True
    ):
        stored.setdefault(url, []).append(entry)
        stored.setdefault(canonical_url(_file_url(entry)), stored[url])
    entries = []
    for name in names:
        address = None if _is_web(name) else context.refs.find_asset(name)
        kept = stored.get(name) or stored.get(address or "")
        entries.append(_kept_file(kept.pop(0)) if kept else _new_file(name, address))
    return entries


def _kept_file(entry: Mapping[str, JSON]) -> JSON:
    kind = "file" if "file" in entry else "external"
    return {"name": entry.get("name", ""), "type": kind, kind: {"url": _file_url(entry)}}


def _new_file(reference: str, address: str | None) -> JSON:
    if _is_web(reference):
        name = reference.split("?", 1)[0].rstrip("/").rpartition("/")[2] or reference
        return {"name": name[:100], "type": "external", "external": {"url": reference}}
    if address is None or not waiting_in(address):
        raise ProblemError(f"names “{short(reference)}”, which is neither a file nor a web address")
    name = reference.rpartition("/")[2]
    return {"name": name[:100], "type": "file_upload", "file_upload": {"id": address}}


def _is_web(reference: str) -> bool:
    return re.match(r"https?://", reference) is not None
