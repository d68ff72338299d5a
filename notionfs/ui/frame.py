"""What every page has around it: head, navigation, notices."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from notionfs.ui.html import Child, Markup, document, tag

PLACES = (("", "Overview"), ("conflicts", "Conflicts"), ("search", "Search"))
"""The pages of the navigation: path and name."""

_RELOAD_SECONDS = 10


class Page(Struct, frozen=True):
    """One page: its name, where it stands in the navigation, and what is on it."""

    title: str
    place: str
    content: Iterable[Child]
    live: bool = False
    """Whether it renews itself, with or without JavaScript."""


def frame(page: Page, base: str) -> Markup:
    """Return the whole page; everything it loads is below *base*, on this machine."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("title", f"{page.title} – notionfs"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="stylesheet", href=f"{base}style.css"),
        tag("link", rel="icon", href=f"{base}icon.svg"),
        _renewal(base) if page.live else None,
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag("header", tag("p", "notionfs", class_="brand"), _navigation(page, base)),
        tag("main", page.content, id_="content"),
        tag("p", id_="renewed", class_="quiet", role="status") if page.live else None,
    )
    return document(head, body)


def _renewal(base: str) -> list[Markup]:
    reload = tag("meta", http_equiv="refresh", content=str(_RELOAD_SECONDS))
    return [tag("noscript", reload), tag("script", src=f"{base}live.js", defer=True)]


def _navigation(page: Page, base: str) -> Markup:
    links = (
        tag("a", name, href=base + path, aria_current="page" if path == page.place else None)
        for path, name in PLACES
    )
    return tag("nav", links, aria_label="Pages")


def notice(text: Child, *, kind: str = "warning") -> Markup:
    """Return a sentence that should be seen first."""
    return tag("p", text, class_=f"notice {kind}", role="alert" if kind == "error" else "status")


def hidden(**fields: str) -> list[Markup]:
    """Return the fields of a form that nobody sees."""
    return [tag("input", type="hidden", name=key, value=value) for key, value in fields.items()]


def section(title: str, *content: Child, key: str, live: bool = True) -> Markup:
    """Return a part of a page under its heading; *key* is its name within the page."""
    heading = tag("h2", title, id_=f"{key}-title")
    return tag(
        "section",
        heading,
        *content,
        id_=key,
        aria_labelledby=f"{key}-title",
        data_live=live,
    )


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[Child]]) -> Markup:
    """Return a table; its caption is for those who do not see the heading above it."""
    head = tag("tr", (tag("th", name, scope="col") for name in heads))
    lines = (tag("tr", (tag("td", cell) for cell in row)) for row in rows)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption, class_="hidden"),
            tag("thead", head),
            tag("tbody", lines),
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
