"""Property values to frontmatter, and an edited frontmatter to the smallest patch.

A missing key means leave alone, an empty value means clear, and only what differs from the base
is sent. What was shown for a value keeps meaning that value, so nothing is sent because of the way
it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.errors import InvalidPageFile
from notionfs.markdown.fields import Context, ProblemError, nearest
from notionfs.markdown.runs import plain_text, text_items
from notionfs.markdown.values import HIDDEN, PROPERTY_TYPES, PropertyType
from notionfs.model import JSON, DataSource, PropertySchema, References


def title_value(title: str) -> JSON:
    """Return *title* as the value of a title property."""
    return {"title": text_items(title)}


def render_properties(
    source: DataSource | None, values: Mapping[str, JSON], refs: References
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the writable and the computed properties as they stand in a file, in schema order.

    The title is not among them, nor are types without a form in a file.
    """
    writable: dict[str, Any] = {}
    computed: dict[str, Any] = {}
    payloads = _payloads(values)
    for schema, row in _shown_columns(source):
        shown = row.render(payloads.get(schema.id, row.empty), refs)
        if shown is not HIDDEN:
            (writable if row.writable else computed)[schema.name] = shown
    return writable, computed


def is_writable(kind: str) -> bool:
    """Tell whether a property of that type can be set in a file; the title is the heading."""
    row = PROPERTY_TYPES.get(kind)
    return kind == "title" or (row is not None and row.writable)


def filled_columns(source: DataSource, values: Mapping[str, JSON]) -> list[PropertySchema]:
    """Return the writable columns, title aside, that have a value on a page."""
    payloads = _payloads(values)
    return [
        schema
        for schema, row in _shown_columns(source)
        if row.writable and payloads.get(schema.id, row.empty) not in (row.empty, None, [], False)
    ]


def has_column(source: DataSource, column: PropertySchema) -> bool:
    """Tell whether a data source has a column of the same name and type."""
    return any((c.name, c.type) == (column.name, column.type) for c in source.schema)


def plan_properties(
    source: DataSource | None,
    base: Mapping[str, JSON],
    shown: Mapping[str, Any],
    refs: References,
    *,
    create_options: bool = False,
) -> dict[str, JSON]:
    """Return what to send, by property id, so that the page's properties read as *shown*.

    *base* has the stored values by name (empty for a new page). Raises InvalidPageFile with every
    problem.
    """
    plan = _Plan(source, base, refs, create_options=create_options)
    problems = [problem for name, value in shown.items() if (problem := plan.add(name, value))]
    if problems:
        raise InvalidPageFile(problems)
    return plan.patch


class _Plan:
    """The patch of one page, made line by line."""

    def __init__(
        self,
        source: DataSource | None,
        base: Mapping[str, JSON],
        refs: References,
        *,
        create_options: bool,
    ) -> None:
        self.patch: dict[str, JSON] = {}
        self._source = source
        self._base = base
        self._refs = refs
        self._create_options = create_options
        self._columns = {schema.name: (schema, row) for schema, row in _shown_columns(source)}
        self._payloads = _payloads(base)
        self._truncated = _truncated(base)

    def add(self, name: str, value: Any) -> str | None:
        """Add what makes a property read as *value*; return what is wrong with it, if anything."""
        found = self._columns.get(name)
        if found is None:
            return _explain_unknown(name, value, self._source, self._base)
        schema, row = found
        payload = self._payloads.get(schema.id, row.empty)
        context = Context(schema, self._refs, payload, self._create_options)
        try:
            self._add_known(row, value, context)
        except ProblemError as exc:
            sentence = f"“{name}” {exc}"
            return sentence if sentence.endswith("?") else f"{sentence}."
        return None

    def _add_known(self, row: PropertyType, value: Any, context: Context) -> None:
        before = row.render(context.base, context.refs)
        if _equal(value, before):
            return
        if row.parse is None:
            raise ProblemError("is computed by Notion and cannot be set; remove the line")
        payload = row.empty if _is_empty(value) else row.parse(value, context)
        if _equal(row.render(payload, context.refs), before):
            return
        if context.schema.id in self._truncated:
            raise ProblemError(
                "has more entries than Notion showed so far; take this change back, save, and open"
                " the file again when Notion answers"
            )
        self.patch[context.schema.id] = {context.schema.type: payload}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _equal(one: Any, other: Any) -> bool:
    """Compare shown values: true is not 1, and an empty text is no text."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or (one in (None, "") and other in (None, ""))


def _shown_columns(source: DataSource | None) -> list[tuple[PropertySchema, PropertyType]]:
    if source is None:
        return []
    return [
        (schema, PROPERTY_TYPES[schema.type])
        for schema in source.schema
        if schema.type in PROPERTY_TYPES
    ]


def _payloads(values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return payloads by property id: ids stay when a column is renamed."""
    return {
        value.get("id", name): value[value["type"]]
        for name, value in values.items()
        if value.get("type") in value
    }


def is_title_cut(values: Mapping[str, JSON]) -> bool:
    """Tell whether only the beginning of a page's title is known."""
    return any(v.get("type") == "title" and v.get("has_more") for v in values.values())


def _truncated(values: Mapping[str, JSON]) -> set[str]:
    return {value.get("id", name) for name, value in values.items() if value.get("has_more")}


def _explain_unknown(
    name: str, value: Any, source: DataSource | None, base: Mapping[str, JSON]
) -> str | None:
    """Return what is wrong with a key that is no property, or None if it does no harm."""
    if source is None:
        return f"“{name}” cannot be set: this page is in no database, so it has no properties."
    title = next((schema.name for schema in source.schema if schema.type == "title"), None)
    if name == title or (name.casefold() == "title" and title is not None):
        if value is None or value == _title_of(base):
            return None
        return f"“{name}” is the title, which is the first “# ” heading of the file."
    if any(schema.name == name for schema in source.schema):
        return f"“{name}” has a type that cannot be set here; remove the line."
    near = nearest(name, [schema.name for schema, row in _shown_columns(source) if row.writable])
    question = f"; did you mean “{near}”?" if near else f"; see the schema of {source.name}."
    return f"There is no property “{name}”{question}"


def _title_of(base: Mapping[str, JSON]) -> str | None:
    titles = [value["title"] for value in base.values() if value.get("type") == "title"]
    return plain_text(titles[0]) if titles else None
