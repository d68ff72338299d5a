"""Searching pages and databases by their words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from notionfs.ui.frame import Page, notice
from notionfs.ui.html import Child, Markup, name_of, tag
from notionfs.words import amount, span_since

MOST_HITS = 50

Facts = Mapping[str, Any]


def search_form(words: str = "", *, fresh: bool = False, refusal: str | None = None) -> Page:
    """Return the page on which words are typed."""
    return _page(words, fresh, [notice(refusal, kind="error")] if refusal else [])


def search_results(found: Facts, now: datetime) -> Page:
    """Return the page that shows a mount's answer to `search`."""
    content = [
        notice(f"Notion was not asked: {found['problem']}") if found["problem"] else None,
        tag("p", summary(found, now), ".", class_="quiet", role="status"),
        tag("ol", (tag("li", _hit(hit)) for hit in found["hits"]), class_="hits"),
    ]
    return _page(found["words"], found["asked_notion"], content)


def summary(found: Facts, now: datetime) -> str:
    """Say how many there are, how old the answer is and what was not searched."""
    total, shown = int(found["total"]), len(found["hits"])
    parts = [f"{shown} of {total:,} hits" if shown < total else amount(total, "hit")]
    age = span_since(found["as_of"], now)
    parts.append(f"as of {age} ago" if age else "not compared with Notion since the mount began")
    if unread := int(found["unread"]):
        parts.append(f"{amount(unread, 'page')} not read yet, found by title alone")
    return "; ".join(parts)


def _page(words: str, fresh: bool, content: Sequence[Child]) -> Page:
    form = tag(
        "form",
        tag("label", "Words in title, properties or text ", for_="words"),
        tag(
            "input",
            type="search",
            id_="words",
            name="words",
            value=words,
            autofocus=not words,
            autocomplete="off",
        ),
        " ",
        tag("button", "Search", class_="first"),
        tag("p", tag("label", _fresh_box(fresh), " Ask Notion, too"), class_="quiet"),
        method="get",
        action="search",
        role="search",
    )
    name = f"{words} – search" if words else "Search"
    return Page(name, "search", [tag("h1", "Search"), form, *content])


def _fresh_box(fresh: bool) -> Markup:
    return tag("input", type="checkbox", name="fresh", value="1", checked=fresh)


def _hit(hit: Facts) -> Iterator[Child]:
    url = str(hit["url"] or "")
    title = name_of(hit["title"] or "Untitled")
    if url.startswith("https://"):
        yield tag("a", title, href=url, rel="noreferrer noopener", target="_blank")
    else:
        yield tag("strong", title)
    yield tag("p", name_of(hit["path"]), class_="quiet")
    if hit["excerpt"]:
        yield tag("p", tag("bdi", _marked(hit["excerpt"], hit["matches"])))


def _marked(excerpt: str, matches: Sequence[Sequence[int]]) -> Iterator[Child]:
    end = 0
    for start, stop in matches:
        yield excerpt[end:start]
        yield tag("mark", excerpt[start:stop])
        end = stop
    yield excerpt[end:]
