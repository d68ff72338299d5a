"""Every property value that real Notion was seen to send is shown, read back, and left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_refs import FakeReferences

from notionfs.markdown.frontmatter import dump, load
from notionfs.markdown.properties import plan_properties, render_properties
from notionfs.markdown.richtext import parse_runs, render_rich_text
from notionfs.markdown.runs import runs_from_json
from notionfs.markdown.values import PROPERTY_TYPES
from notionfs.model import WORKSPACE, DataSource, DataSourceId, PropertySchema

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
REFS = FakeReferences()

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings of real exchanges are not beside the project"
)


def _objects(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("object") == kind and isinstance(value.get("properties"), dict):
            yield value
        for inner in value.values():
            yield from _objects(inner, kind)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, kind)


def _answers() -> Iterator[Any]:
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["response"]


def _pages() -> list[dict[str, Any]]:
    """Return the different property objects of all recorded pages."""
    found = {
        json.dumps(page["properties"], sort_keys=True): page["properties"]
        for answer in _answers()
        for page in _objects(answer, "page")
    }
    return list(found.values())


def _source(properties: dict[str, Any]) -> DataSource:
    """Return a data source with the columns that a page shows, whose options are the page's."""
    columns = []
    for name, value in properties.items():
        payload = value[value["type"]]
        options = payload if isinstance(payload, list) else [payload]
        names = tuple(o["name"] for o in options if isinstance(o, dict) and o.get("name"))
        columns.append(PropertySchema(value["id"], name, value["type"], names))
    return DataSource(DataSourceId("ds"), "Recorded", None, WORKSPACE, tuple(columns), "", "", "")


def test_every_recorded_page_is_shown_and_sends_nothing() -> None:
    """What real pages hold survives the file exactly enough to plan no change."""
    pages = _pages()
    assert len(pages) > 50
    for properties in pages:
        source = _source(properties)
        writable, computed = render_properties(source, properties, REFS)
        written = dump({**writable, "computed!": computed})
        shown = load(written)
        shown.pop("computed!")
        assert plan_properties(source, properties, shown, REFS) == {}
        assert load(written)["computed!"] == computed


def test_every_recorded_value_can_be_sent_again() -> None:
    """Written into a new page, each writable value makes a request that shows the same value."""
    for properties in _pages():
        source = _source(properties)
        writable, _ = render_properties(source, properties, REFS)
        stored = {
            name: value
            for name, value in properties.items()
            # People and pages are looked up, and the small workspace of these tests has none.
            if value["type"] not in ("people", "relation", "files")
        }
        shown = {name: value for name, value in writable.items() if name in stored}
        patch = plan_properties(source, {}, shown, REFS)
        sent = {
            name: {**stored[name], **patch[stored[name]["id"]]}
            for name in shown
            if stored[name]["id"] in patch
        }
        again, _ = render_properties(source, {**stored, **sent}, REFS)
        assert {name: again[name] for name in shown} == shown


def test_no_recorded_type_is_forgotten() -> None:
    """Each type seen is in the table, but for the title and what has no value."""
    kinds = {value["type"] for properties in _pages() for value in properties.values()}
    assert kinds - set(PROPERTY_TYPES) <= {"title", "button"}


def test_every_recorded_rich_text_comes_back() -> None:
    """Titles, texts and blocks: the runs that are shown are the runs that are read."""
    for answer in _answers():
        for runs in _rich_texts(answer):
            if not any(run.kind == "code" and "\n" in run.text for run in runs_from_json(runs)):
                assert parse_runs(render_rich_text(runs)) == runs_from_json(runs)


def _rich_texts(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("rich_text", "title", "caption") and isinstance(inner, list) and inner:
                if all(isinstance(item, dict) and "plain_text" in item for item in inner):
                    yield inner
            else:
                yield from _rich_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rich_texts(inner)
