"""Random block trees that the dialects can say completely, and the names their ids have."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from notionfs.simulator.blocks import Block, name_in_url, new_block
from notionfs.simulator.dialects import Names
from notionfs.simulator.languages import LANGUAGES
from notionfs.simulator.richtext import (
    COLORS,
    PLAIN,
    RichText,
    equation_item,
    mention_item,
    merge_runs,
    text_item,
)

USERS = {
    "00000000-0000-4000-8000-0000000000a1": "Ada Lovelace",
    "00000000-0000-4000-8000-0000000000a2": "B*b <i>",
}
PAGES = {
    "0000000b-0000-4000-8000-0000000000b1": "Wiki",
    "0000000b-0000-4000-8000-0000000000b2": "A [hard] *title* | `x` <b>",
    "0000000b-0000-4000-8000-0000000000b3": " spaced ",
}
DATABASES = {"0000000d-0000-4000-8000-0000000000d1": "Tasks & $more"}
EMOJI = {
    "bufo": {
        "id": "0000000e-0000-4000-8000-0000000000e1",
        "name": "bufo",
        "url": "https://e.example/b.png",
    }
}


def page_url(page_id: str) -> str:
    return f"https://app.notion.com/p/{page_id.replace('-', '')}"


def database_facts(database_id: str) -> dict[str, Any] | None:
    title = DATABASES.get(database_id)
    if title is None:
        return None
    return {"title": title, "data_source_url": f"collection://{database_id}", "inline": True}


NAMES = Names(
    page_title=PAGES.get,
    user_name=USERS.get,
    page_url=page_url,
    database_facts=database_facts,
    file_url=lambda url: f"{url}?X-Amz-Signature=abc&X-Amz-Expires=3600",
    custom_emoji=EMOJI.get,
)

# Letters that mean something to Markdown somewhere, and some that only look as if they did.
HOSTILE = "\\`*_~$[]()<>{}|#+-=.!&;:^\"'@/ \t\nabcXYZ019é漢\u00a0\u2003😀"
SNIPPETS = (
    "*a*",
    "**b**",
    "_c_",
    "~~d~~",
    "`e`",
    "$5",
    "[x]",
    "[ ] ",
    "[a](b)",
    "![i](j)",
    "1. ",
    "12) ",
    "# ",
    "> ",
    "- ",
    "---",
    "===",
    "```",
    "~~~",
    "$$",
    "|a|b|",
    "|---|---|",
    "<b>",
    "</p>",
    "<p />",
    "<callout>",
    "</toggle>",
    "<div>",
    "<https://x.y>",
    "https://x.y/z_(w)",
    "&amp;",
    "&#32;",
    "\\",
    "\n",
    "\n\n",
    "\t",
    "    ",
    "snake_case_name",
    "__init__",
    ":bufo:",
    ":smile:",
    "[^https://x.y]",
    "[r]: /u",
    '{color="red"}',
    "<empty-block/>",
    "word",
    " ",
)

contents = st.one_of(
    st.text(alphabet=st.sampled_from(HOSTILE), min_size=1, max_size=12),
    st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=5).map("".join),
    st.sampled_from(("plain words", "a", "two words")),
)
single_lines = contents.map(lambda text: text.replace("\n", " "))
urls = st.one_of(
    st.sampled_from(
        (
            "https://example.com/",
            "https://en.wikipedia.org/wiki/A_(b)",
            "https://example.com/a b?x=1&y=2&amp;z#f",
            "https://example.com/<odd>\\path",
            "mailto:a@b.c",
        )
    ),
    st.text(alphabet="ab/()<>\\&;\"' *_|?=é", min_size=1, max_size=8).map(
        lambda s: f"https://h/{s}"
    ),
)


@st.composite
def annotations(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        return dict(PLAIN)
    flags = draw(
        st.sets(st.sampled_from(("bold", "italic", "strikethrough", "underline")), max_size=3)
    )
    color = draw(st.sampled_from(sorted(COLORS))) if draw(st.integers(0, 3)) == 0 else "default"
    return {**PLAIN, **dict.fromkeys(flags, True), "color": color}


@st.composite
def runs(draw: st.DrawFn, text: st.SearchStrategy[str] = contents) -> dict[str, Any]:
    style = draw(annotations())
    link = draw(urls) if draw(st.integers(0, 4)) == 0 else None
    if draw(st.integers(0, 4)) == 0:  # a line break inside code belongs to nobody for certain
        return text_item(draw(text).replace("\n", " "), {**style, "code": True}, link)
    return text_item(draw(text), style, link)


expressions = st.one_of(
    st.sampled_from(
        ("x^2", "E = mc^2", "\\frac{a}{b}", "a|b", "\\$5", "\\text{$x$}", "`", "a`$b", "\\")
    ),
    st.text(alphabet="\\`$ {}^_|ab1<>*", min_size=1, max_size=8),
).filter(lambda text: text.strip())


@st.composite
def mentions(draw: st.DrawFn) -> dict[str, Any]:
    style = draw(annotations())
    kind = draw(st.sampled_from(("user", "page", "database", "date", "custom_emoji")))
    if kind == "user":
        user = draw(st.sampled_from(sorted(USERS)))
        return mention_item("user", {"object": "user", "id": user}, style, shown=f"@{USERS[user]}")
    if kind == "page":
        page = draw(st.sampled_from(sorted(PAGES)))
        return mention_item("page", {"id": page}, style, shown=PAGES[page], href=page_url(page))
    if kind == "database":
        base = draw(st.sampled_from(sorted(DATABASES)))
        return mention_item(
            "database", {"id": base}, style, shown=DATABASES[base], href=page_url(base)
        )
    if kind == "custom_emoji":
        return mention_item("custom_emoji", EMOJI["bufo"], style, shown=":bufo:")
    payload = draw(st.sampled_from(DATES))
    end = f" → {payload['end']}" if payload["end"] else ""
    return mention_item("date", payload, style, shown=payload["start"] + end)


DATES: tuple[dict[str, Any], ...] = (
    {"start": "2026-01-15", "end": None, "time_zone": None},
    {"start": "2026-01-15", "end": "2026-01-20", "time_zone": None},
    {"start": "2026-01-15T09:00:00.000+00:00", "end": None, "time_zone": None},
    {"start": "2026-01-15T09:00:30.000+05:30", "end": None, "time_zone": None},
    {
        "start": "2026-01-15T09:00:00.000+01:00",
        "end": "2026-07-15T10:30:00.000+02:00",
        "time_zone": "Europe/Berlin",
    },
)


def rich_texts(
    text: st.SearchStrategy[str] = contents, *, most: int = 5
) -> st.SearchStrategy[RichText]:
    item = st.one_of(
        runs(text),
        runs(text),
        runs(text),
        mentions(),
        st.builds(equation_item, expressions, annotations()),
    )
    return st.lists(item, max_size=most).map(_canonical)


def _canonical(items: list[dict[str, Any]]) -> RichText:
    """Join equal neighbours, and part code from line breaks that would become part of it."""
    merged = merge_runs(items)
    result: RichText = []
    for item in merged:
        last = result[-1] if result else None
        beside_code = last is not None and last["annotations"]["code"]
        if beside_code and item["plain_text"].startswith("\n"):
            text = f".{item['plain_text']}"
            result.append(text_item(text, item["annotations"], item["href"]))
        else:
            result.append(item)
    return merge_runs(result)


colors = st.one_of(st.just("default"), st.just("default"), st.sampled_from(sorted(COLORS)))
icons = st.sampled_from(
    (
        None,
        {"type": "emoji", "emoji": "💡"},
        {"type": "external", "external": {"url": 'https://e.example/i.png?a="b"&c'}},
        {"type": "icon", "icon": {"name": "pizza", "color": "blue"}},
        {"type": "custom_emoji", "custom_emoji": EMOJI["bufo"]},
    )
)


@st.composite
def text_blocks(draw: st.DrawFn, inside: st.SearchStrategy[list[Block]]) -> Block:
    kind = draw(
        st.sampled_from(
            (
                "paragraph",
                "paragraph",
                "bulleted_list_item",
                "bulleted_list_item",
                "numbered_list_item",
                "numbered_list_item",
                "to_do",
                "quote",
                "toggle",
                "callout",
                "heading_1",
                "heading_2",
                "heading_3",
                "heading_4",
            )
        )
    )
    data: dict[str, Any] = {"rich_text": draw(rich_texts()), "color": draw(colors)}
    children = draw(inside) if draw(st.integers(0, 2)) == 0 else []
    if kind == "to_do":
        data["checked"] = draw(st.booleans())
    elif kind == "callout":
        data["icon"] = draw(icons)
    elif kind == "numbered_list_item" and draw(st.integers(0, 4)) == 0:
        data["list_format"] = draw(st.sampled_from(("letters", "roman")))
    elif kind.startswith("heading"):
        data["is_toggleable"] = bool(children) or draw(st.booleans())
    return new_block(kind, data, children)


@st.composite
def plain_blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(sorted(SIMPLE)))
    return new_block(kind, draw(SIMPLE[kind]))


codes = st.one_of(
    contents,
    st.sampled_from(
        ("", "def f():\n    return 1\n", "```\nx\n```", "</callout>\n", "\n\n", "$$", "\ttab")
    ),
)
captions = rich_texts(most=2)


def _file(name: str) -> st.SearchStrategy[dict[str, Any]]:
    def build(url: str, caption: RichText) -> dict[str, Any]:
        data: dict[str, Any] = {"caption": caption}
        if name == "file":
            data["name"] = name_in_url(url)
        return {**data, "type": "external", "external": {"url": url}}

    return st.builds(build, urls, captions)


SIMPLE: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "divider": st.just({}),
    "code": st.builds(
        lambda text, language: {
            "rich_text": [text_item(text)] if text else [],
            "language": language,
            "caption": [],
        },
        codes,
        st.sampled_from(LANGUAGES),
    ),
    "equation": st.one_of(expressions, codes.filter(bool)).map(lambda text: {"expression": text}),
    "table_of_contents": colors.map(lambda color: {"color": color}),
    "bookmark": st.builds(lambda url, caption: {"url": url, "caption": caption}, urls, captions),
    "embed": st.builds(lambda url, caption: {"url": url, "caption": caption}, urls, captions),
    **{kind: _file(kind) for kind in ("image", "video", "pdf", "audio", "file")},
}


@st.composite
def tables(draw: st.DrawFn) -> Block:
    width = draw(st.integers(1, 3))
    row = st.lists(rich_texts(most=2), min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=1, max_size=3))
    data = {
        "table_width": width,
        "has_column_header": draw(st.booleans()),
        "has_row_header": draw(st.booleans()),
    }
    return new_block("table", data, [new_block("table_row", {"cells": cells}) for cells in rows])


@st.composite
def holders(draw: st.DrawFn, inside: st.SearchStrategy[list[Block]]) -> Block:
    kind = draw(st.sampled_from(("column_list", "tab", "synced_block")))
    if kind == "synced_block":
        return new_block("synced_block", {"synced_from": None}, draw(inside))
    if kind == "tab":
        data = {"rich_text": draw(rich_texts(most=2)), "icon": draw(icons)}
        tab = new_block("paragraph", data, draw(inside))
        return new_block("tab", {}, [tab])
    columns = [
        new_block("column", draw(st.sampled_from(({}, {"width_ratio": 0.25}))), draw(inside))
        for _ in range(2)
    ]
    return new_block("column_list", {}, columns)


@st.composite
def references(draw: st.DrawFn) -> Block:
    if draw(st.booleans()):
        page = draw(st.sampled_from(sorted(PAGES)))
        return new_block("child_page", {"title": PAGES[page]}, id=page)
    base = draw(st.sampled_from(sorted(DATABASES)))
    return new_block("child_database", {"title": DATABASES[base]}, id=base)


def _level(inside: st.SearchStrategy[list[Block]]) -> st.SearchStrategy[list[Block]]:
    block = st.one_of(
        text_blocks(inside),
        text_blocks(inside),
        plain_blocks(),
        tables(),
        holders(inside),
        references(),
    )
    return st.lists(block, min_size=1, max_size=4)


bodies = st.recursive(
    st.lists(st.one_of(text_blocks(st.just([])), plain_blocks(), tables()), max_size=3),
    _level,
    max_leaves=6,
)


def shape(blocks: list[Block]) -> list[Any]:
    """Return what two equal trees have in common: everything but ids and empty options."""
    return [
        (
            block.type,
            {name: value for name, value in block.data.items() if value is not None},
            shape(block.children),
        )
        for block in blocks
    ]


def _without(blocks: list[Block]) -> list[Block]:
    """Return the trees without what only the newer dialect can say."""
    kept = []
    for block in blocks:
        if block.type in ("tab", "bookmark", "embed"):
            continue
        if block.type == "equation" and "$$" in block.data["expression"]:
            continue
        block.data = {k: _plainer(v) for k, v in block.data.items() if k not in NEWER}
        if block.type.startswith("heading_"):
            block.data["is_toggleable"] = bool(block.children)
        block.children = _without(block.children)
        kept.append(block)
    return kept


NEWER = ("list_format", "list_start_index", "width_ratio")


def _plainer(value: Any) -> Any:
    """Return rich text whose styles do not begin or end with a space."""
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], list):
        return [_plainer(cell) for cell in value]
    return merge_runs([_plain_item(item) for item in value])


def _plain_item(item: dict[str, Any]) -> dict[str, Any]:
    if item["type"] != "text":
        return item
    text = item["text"]["content"].replace("\t", " ")
    return text_item(f".{text}.", item["annotations"], item["href"])


v1_bodies = bodies.map(_without)
