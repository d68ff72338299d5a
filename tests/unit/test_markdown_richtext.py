"""Rich text as one line of Markdown: the same runs come back, whatever their text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.markdown.richtext import parse_rich_text, parse_runs, render_rich_text
from notionfs.markdown.runs import MAX_RUN, Run, json_from_runs, merge_runs, plain_text, text_items

TEXT = st.one_of(
    st.text(max_size=10), st.text(alphabet="*_~`$<>[]()\\&!|^ \nab@1.#-:/", max_size=12)
)
RUN = st.builds(
    Run,
    TEXT,
    st.sampled_from(["text", "text", "code"]),
    st.frozensets(st.sampled_from(["bold", "italic", "strikethrough", "underline"]), max_size=3),
    st.sampled_from(["default", "default", "red", "blue_background"]),
    st.sampled_from([None, None, "https://x.y/a_(b)", "https://x.y/a b", "a.md"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(RUN, max_size=4))
def test_the_same_runs_come_back(runs: list[Run]) -> None:
    """Styles, colors, links and hostile text survive; only a line break in code becomes a space."""
    runs = merge_runs(runs)
    text = render_rich_text(json_from_runs(runs))
    if not any(run.kind == "code" and "\n" in run.text for run in runs):
        assert parse_runs(text) == runs


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "snake_case_name",
        "2 * 3 = 6",
        "a < b & c",
        "line\n  break",
        "5 $ and 6",
        "[x]",
    ],
)
def test_plain_text_stays_plain(text: str) -> None:
    """Nothing is escaped that reads as itself."""
    assert render_rich_text(text_items(text)) == text


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[^\\`*_~\[<&$]+", fullmatch=True))
def test_text_without_marks_comes_back_although_nobody_looked(text: str) -> None:
    """Most texts are such: they are shown without being parsed first."""
    assert render_rich_text(text_items(text)) == text
    assert parse_runs(text) == [Run(text)]


@pytest.mark.parametrize(
    "text", ["**x**", "`a`", "<u>x</u>", "[a](b)", "$x$", "\\*", "&amp;", "~~a~~"]
)
def test_literal_marks_stay_literal(text: str) -> None:
    """Text that looks like Markdown is escaped, and reads back as that text without style."""
    assert parse_runs(render_rich_text(text_items(text))) == [Run(text)]


def test_marks_are_read() -> None:
    """The usual Markdown makes the usual styles."""
    runs = parse_runs("a **b** *c* ~~d~~ `e` [f](https://g) <u>h</u> $i$")
    assert [(run.text, run.kind, sorted(run.styles), run.link) for run in runs[1::2]] == [
        ("b", "text", ["bold"], None),
        ("c", "text", ["italic"], None),
        ("d", "text", ["strikethrough"], None),
        ("e", "code", [], None),
        ("f", "text", [], "https://g"),
        ("h", "text", ["underline"], None),
        ("i", "equation", [], None),
    ]


MENTIONS = [
    {"type": "user", "user": {"object": "user", "id": "6d350000-0000-4000-8000-000000000001"}},
    {"type": "page", "page": {"id": "39a0bc1e-edcd-8142-936b-cca8ae692cc4"}},
    {"type": "database", "database": {"id": "39a0bc1e-edcd-8142-936b-cca8ae692cc4"}},
    {"type": "date", "date": {"start": "2026-01-15", "end": None, "time_zone": None}},
    {
        "type": "date",
        "date": {"start": "2026-01-15T09:00", "end": "2026-01-16T10:00", "time_zone": "Asia/Tokyo"},
    },
    {
        "type": "template_mention",
        "template_mention": {"type": "template_mention_date", "template_mention_date": "today"},
    },
    {"type": "custom_emoji", "custom_emoji": {"id": "39a0bc1e-edcd-8142-936b-cca8ae692cc4"}},
]


@pytest.mark.parametrize("mention", MENTIONS, ids=range(len(MENTIONS)))
def test_mentions_come_back(mention: dict[str, object]) -> None:
    """A mention beside edited text is sent as the same mention."""
    item = {"type": "mention", "mention": mention, "plain_text": "A <b> & *label*", "href": None}
    text = render_rich_text([*text_items("before "), item])
    again = parse_rich_text(f"{text} after")
    kind = str(mention["type"])
    sent = again[1]["mention"]
    assert sent["type"] == kind
    wanted = {k: v for k, v in mention[kind].items() if k != "object"}  # type: ignore[attr-defined]
    assert sent[kind] == wanted


def test_long_text_is_cut_where_notion_wants_it() -> None:
    """No run is longer than the limit, counted in UTF-16, and no character is torn."""
    text = "a" * (MAX_RUN - 1) + "🎯" * MAX_RUN
    items = text_items(text)
    assert plain_text(items) == text
    assert all(len(item["text"]["content"].encode("utf-16-le")) <= 2 * MAX_RUN for item in items)
    assert text_items("") == []
