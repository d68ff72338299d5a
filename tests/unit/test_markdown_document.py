"""A page file: rendered as promised, taken apart again, and never guessed at."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_refs import PLAN, WIKI, FakeReferences

from notionfs.errors import InvalidPageFile
from notionfs.markdown.document import (
    METADATA_KEYS,
    parse_document,
    render_document,
    replace_title,
    same_title,
    shown_title,
)
from notionfs.markdown.prettify import restore_body
from notionfs.markdown.properties import plan_properties, render_properties
from notionfs.model import (
    WORKSPACE,
    Body,
    DatabaseId,
    DataSource,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
    PropertySchema,
)

REFS = FakeReferences()
SOURCE = DataSource(
    DataSourceId("5d2e0000-0000-4000-8000-000000000000"),
    "Active Projects",
    DatabaseId("7c1f0000-0000-4000-8000-000000000000"),
    WORKSPACE,
    (
        PropertySchema("title", "Name", "title"),
        PropertySchema("a", "Status", "status", ("In progress",)),
        PropertySchema("b", "Tags", "multi_select", ("backend", "docs")),
        PropertySchema("c", "Due", "date"),
        PropertySchema("d", "Related", "relation"),
        PropertySchema("e", "Score", "formula"),
        PropertySchema("f", "computed", "checkbox"),
        PropertySchema("g", "notion_id", "rich_text"),
        PropertySchema("h", "computed (property)", "number"),
    ),
    "",
    "",
    "",
)
VALUES: dict[str, Any] = {
    "Name": {"id": "title", "type": "title", "title": []},
    "Status": {"id": "a", "type": "status", "status": {"id": "1", "name": "In progress"}},
    "Tags": {"id": "b", "type": "multi_select", "multi_select": [{"name": "backend"}]},
    "Due": {"id": "c", "type": "date", "date": {"start": "2026-01-15", "end": None}},
    "Related": {"id": "d", "type": "relation", "relation": [{"id": PLAN}, {"id": WIKI}]},
    "Score": {"id": "e", "type": "formula", "formula": {"type": "number", "number": 12.5}},
    "computed": {"id": "f", "type": "checkbox", "checkbox": True},
    "notion_id": {"id": "g", "type": "rich_text", "rich_text": []},
    "computed (property)": {"id": "h", "type": "number", "number": 1},
}
ROW_PARENT = Parent(ParentType.DATA_SOURCE, SOURCE.id, SOURCE.database_id)


def page(title: str = "Project Alpha", parent: Parent = ROW_PARENT, **more: Any) -> Page:
    return Page(
        id=PageId("39a0bc1e-edcd-8142-936b-cca8ae692cc4"),
        title=title,
        parent=parent,
        created="2026-01-01T00:00:00Z",
        last_edited="2026-01-15T10:30:00.000Z",
        url="https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4",
        properties=json.dumps(VALUES).encode(),
        **more,
    )


def test_a_row_is_rendered_as_promised() -> None:
    """Six keys of ours, the writable properties in schema order, the computed ones, the text."""
    assert render_document(page(), Body("Content here."), SOURCE, REFS).decode() == (
        "---\n"
        "notion_id: 39a0bc1e-edcd-8142-936b-cca8ae692cc4\n"
        "notion_parent_id: 7c1f0000-0000-4000-8000-000000000000\n"
        "notion_data_source_id: 5d2e0000-0000-4000-8000-000000000000\n"
        "notion_data_source_name: Active Projects\n"
        "last_edited: 2026-01-15T10:30:00Z\n"
        "notion_url: https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4\n"
        "Status: In progress\n"
        "Tags: [backend]\n"
        "Due: 2026-01-15\n"
        "Related: [plan.md, ../wiki.md]\n"
        "computed (property): true\n"
        "notion_id (property):\n"
        "computed (property) (property): 1\n"
        "computed:\n"
        "  Score: 12.5\n"
        "---\n"
        "\n"
        "# Project Alpha\n"
        "\n"
        "Content here.\n"
    )


def test_a_page_shows_what_it_has_to_say() -> None:
    """A page under a page has no data source; one at the top has no parent."""
    under = render_document(page(parent=Parent(ParentType.PAGE, WIKI)), Body(""), None, REFS)
    assert under.decode().split("\n")[1:6] == [
        "notion_id: 39a0bc1e-edcd-8142-936b-cca8ae692cc4",
        f"notion_parent_id: {WIKI}",
        "last_edited: 2026-01-15T10:30:00Z",
        "notion_url: https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4",
        "---",
    ]
    assert under.endswith(b"---\n\n# Project Alpha\n")
    assert b"notion_parent_id" not in render_document(page(parent=WORKSPACE), Body(""), None, REFS)


def test_a_partial_page_says_so_where_no_edit_can_send_it() -> None:
    """The remark is a comment of the frontmatter."""
    data = render_document(page(), Body("x", truncated=True), SOURCE, REFS)
    assert b"# Notion sent only a part of this page" in data
    assert parse_document(data).body == "x"


def test_a_rendered_file_read_back_changes_nothing() -> None:
    """Metadata, properties under Notion's names, title and body are what they were."""
    document = parse_document(render_document(page(), Body("Content *here*."), SOURCE, REFS))
    assert tuple(document.metadata) == METADATA_KEYS
    assert dict(document.properties) == render_properties(SOURCE, VALUES, REFS)[0]
    assert plan_properties(SOURCE, VALUES, document.properties, REFS) == {}
    assert (document.title, document.body) == ("Project Alpha", "Content *here*.")


TITLES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", "#", "# x", "C#", "a # ", "---", "a\0b", "a\r\nb", "\ud800"]),
)


@settings(max_examples=120, deadline=None)
@given(TITLES, st.text(alphabet="ab#-\n \t`", max_size=20))
def test_any_title_survives_any_body(title: str, body: str) -> None:
    """The first heading is the title, literally, whatever it holds and whatever follows."""
    document = parse_document(render_document(page(title), Body(body), SOURCE, REFS))
    assert document.title is not None
    assert same_title(document.title, title)
    assert shown_title(document.title) == document.title


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Title\n\nBody\n", "Title", "Body"),
        ("\n\n# Title  \nBody", "Title", "Body"),
        ("#\n\nBody", "", "Body"),
        ("#Title\n\nBody", None, "#Title\n\nBody"),
        ("## Not a title\n", None, "## Not a title"),
        ("Body\n\n# Later\n", None, "Body\n\n# Later"),
        ("---\nA: 1\n---\nBody\n", None, "Body"),
        ("---\nA: 1\n...\n\n# T\n", "T", ""),
        ("---\n---\n# T", "T", ""),
        ("---\n\nText below a divider\n", None, "---\n\nText below a divider"),
        ("# T\n\n    code\n", "T", "    code"),
        ("", None, ""),
    ],
)
def test_files_are_taken_apart(text: str, title: str | None, body: str) -> None:
    """With or without frontmatter, with or without a title."""
    document = parse_document(text.encode())
    assert (document.title, document.body) == (title, body)


def test_windows_files_are_read() -> None:
    """Line ends and the byte order mark make no difference."""
    data = b"\xef\xbb\xbf---\r\nStatus: Done\r\n---\r\n\r\n# T\xc3\xa4\r\n\r\nOne\r\n\r\nTwo\r\n"
    document = parse_document(data)
    assert dict(document.properties) == {"Status": "Done"}
    assert (document.title, document.body) == ("Tä", "One\n\nTwo")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"ok\n\xff\xfe", "Line 2 is not valid UTF-8"),
        (b"ok\n\nx\0y", "Line 3 contains a NUL"),
        (b"---\nStatus: Done\n\n# T\n", "no closing `---`"),
        (b"---\nA: @b\n---\n", "Line 2: .*put quotes"),
        (b"---\n- a\n---\n", "lines like `Name: value`"),
        (b"---\nA: " + b"x" * 300_000 + b"\n---\n", "larger than 256 KB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, sentence: str) -> None:
    """One sentence, with the line."""
    with pytest.raises(InvalidPageFile, match=sentence):
        parse_document(data)


def test_reserved_names_are_told_from_properties() -> None:
    """The suffix makes a property of ours one of Notion's, and computed values are ignored."""
    document = parse_document(
        b"---\nnotion_id: 1\nnotion_id (property): a\ncomputed: {Score: 9}\n"
        b"computed (property): b\ncomputed (property) (property): c\nX (property): d\n---\n"
    )
    assert dict(document.metadata) == {"notion_id": 1}
    assert dict(document.properties) == {
        "notion_id": "a",
        "computed": "b",
        "computed (property)": "c",
        "X (property)": "d",
    }


@pytest.mark.parametrize(
    ("data", "after"),
    [
        (b"# Old\n\n# Old\n", b"# New\n\n# Old\n"),
        (b"---\na: '# x'\n---\n\n# Old\r\nBody\r\n", b"---\na: '# x'\n---\n\n# New\r\nBody\r\n"),
        (b"\xef\xbb\xbf---\r\na: 1\r\n---\r\n# Old", b"\xef\xbb\xbf---\r\na: 1\r\n---\r\n# New"),
        (b"\n\n#\nBody", b"\n\n# New\nBody"),
        (b"Body\n\n# Old\n", b"Body\n\n# Old\n"),
        (b"## Old\n", b"## Old\n"),
        (b"#Old\n", b"#Old\n"),
        (b"", b""),
        (b"\xff# Old", b"\xff# Old"),
    ],
)
def test_another_title_changes_its_line_only(data: bytes, after: bytes) -> None:
    """Every other byte stays, and without a title line nothing happens."""
    assert replace_title(data, "New") == after


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="# -\n\ra:TB\ufeff", max_size=30), TITLES)
def test_the_title_line_is_the_one_that_is_read(text: str, title: str) -> None:
    """Replacing and reading agree about which line is the title."""
    data = text.encode()
    try:
        before = parse_document(data)
        after = parse_document(replace_title(data, title))
    except InvalidPageFile:
        return
    if before.title is None:
        assert replace_title(data, title) == data
    else:
        assert same_title(after.title, title)
        assert after.body == before.body


def test_what_no_text_file_can_hold_is_replaced_and_never_sent() -> None:
    """A NUL or a lone carriage return in Notion's text neither breaks the file nor is edited."""
    body = "One\0\n\nTwo\rtwo\n\nThree \ud800"
    data = render_document(page(), Body(body), SOURCE, REFS)
    shown = parse_document(data).body
    assert restore_body(shown, body, REFS) == body
    assert restore_body(f"{shown}\n\nFour", body, REFS) == f"{body}\n\nFour"


@pytest.mark.parametrize(
    "top", ["______________________\n\n## notion_id: 39a0\n\n# Title\n", "## notion_id: 39a0\n"]
)
def test_frontmatter_that_a_formatter_made_a_heading_is_refused(top: str) -> None:
    """As plain mdformat does: saved, it would stand in the page as text."""
    with pytest.raises(InvalidPageFile, match="turned into a heading"):
        parse_document(top.encode())


def test_a_text_about_such_a_heading_is_a_text() -> None:
    """Further down it is what somebody writes."""
    text = "# Formatters\n\n## notion_id: a key\n"
    assert "notion_id" in parse_document(text.encode()).body
