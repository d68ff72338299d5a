"""Property values to frontmatter, and an edited frontmatter to the smallest patch.

A missing key means leave alone, an empty value means clear, and only what differs from the base
is sent. What was shown for a value keeps meaning that value, so nothing is sent because of the way
it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from notionfs.errors import InvalidPageFile, Retyped
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
    stored = _by_id(values)
    for schema, row in _shown_columns(source):
        value = stored.get(schema.id)
        if value is not None and value.get("type") != schema.type:
            continue  # its type was changed, and its value in the new one is not known yet
        shown = row.render(_payload(value, row), refs)
        if shown is not HIDDEN:
            (writable if row.writable else computed)[schema.name] = shown
    return writable, computed


def is_writable(kind: str) -> bool:
    """Tell whether a property of that type can be set in a file; the title is the heading."""
    row = PROPERTY_TYPES.get(kind)
    return kind == "title" or (row is not None and row.writable)


def lost_properties(
    source: DataSource, values: Mapping[str, JSON], target: DataSource | None
) -> list[str]:
    """Return the names of the writable properties whose values have no place in *target*."""
    columns = () if target is None else target.schema
    takers = {(column.name, column.type): column for column in columns}
    return [
        column.name
        for column, payload in _filled(source, values)
        if not _takes(takers.get((column.name, column.type)), column, payload)
    ]


def carried_properties(
    source: DataSource, values: Mapping[str, JSON], target: DataSource, refs: References
) -> dict[str, Any]:
    """Return the properties that *target* can take over, as a page file shows them."""
    lost = lost_properties(source, values, target)
    shown, _ = render_properties(source, values, refs)
    return {c.name: shown[c.name] for c, _ in _filled(source, values) if c.name not in lost}


def _filled(source: DataSource, values: Mapping[str, JSON]) -> list[tuple[PropertySchema, JSON]]:
    """Return the writable columns, title aside, that have a value on a page."""
    stored = _by_id(values)
    found = [
        (schema, row, _payload(stored.get(schema.id), row))
        for schema, row in _shown_columns(source)
        if row.writable and stored.get(schema.id, {}).get("type") == schema.type
    ]
    return [
        (schema, payload)
        for schema, row, payload in found
        if payload not in (row.empty, None, [], False)
    ]


def _takes(column: PropertySchema | None, old: PropertySchema, payload: JSON) -> bool:
    """Tell whether a column of the same name and type can hold a value: options, other tables."""
    if column is None:
        return False
    if column.type == "relation":
        return related_source(column) == related_source(old)
    options = payload if isinstance(payload, list) else [payload]
    if column.type in ("select", "multi_select", "status"):
        return all(option.get("name") in column.options for option in options)
    return True


def related_source(column: PropertySchema) -> str | None:
    """Return the data source that a relation leads to, if its schema tells."""
    config = msgspec.json.decode(column.config)
    return config.get("data_source_id") if isinstance(config, dict) else None


def columns_of(source: DataSource | None) -> dict[str, JSON]:
    """Return the names, ids and types of a data source's columns, as values that are not known.

    A new page's text grows from them, so that its lines find their columns if those are renamed.
    """
    columns = () if source is None else source.schema
    return {c.name: {"id": c.id, "type": c.type} for c in columns if c.type != "title"}


def same_columns(before: Mapping[str, JSON], now: Mapping[str, JSON]) -> bool:
    """Tell whether what a page shows is called, and typed, as it was."""
    present = {value.get("id", name): (name, value.get("type")) for name, value in now.items()}
    return all(
        present.get(value.get("id", name)) == (name, value.get("type"))
        for name, value in before.items()
    )


def named_as(values: Mapping[str, JSON], base: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return *values* under the names that *base* has for them, if it knows them."""
    names = {value.get("id", name): name for name, value in base.items()}
    return {names.get(value.get("id", name), name): value for name, value in values.items()}


def plan_properties(
    source: DataSource | None,
    base: Mapping[str, JSON],
    shown: Mapping[str, Any],
    refs: References,
    *,
    create_options: bool = False,
) -> dict[str, JSON]:
    """Return what to send, by property id, so that the page's properties read as *shown*.

    *base* has the stored values by name (without payloads for a new page). A line means the
    property that had its name in *base*, whatever that is called by now. Raises InvalidPageFile
    with every problem, or Retyped if the only ones are values written for another type.
    """
    plan = _Plan(source, base, refs, create_options=create_options)
    problems = [problem for name, value in shown.items() if (problem := plan.add(name, value))]
    if problems:
        raise InvalidPageFile([*problems, *plan.retyped])
    if plan.retyped:
        raise Retyped(plan.retyped)
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
        self.retyped: list[str] = []
        self._source = source
        self._base = base
        self._refs = refs
        self._create_options = create_options
        columns = _shown_columns(source)
        self._columns = {schema.name: (schema, row) for schema, row in columns}
        self._columns_by_id = {schema.id: (schema, row) for schema, row in columns}
        self._stored = _by_id(base)

    def add(self, name: str, value: Any) -> str | None:
        """Add what makes a property read as *value*; return what is wrong with it, if anything."""
        found = self._find(name)
        if found is None:
            if name in self._base and self._says_nothing(self._base[name], value):
                return None  # the property was removed in Notion, and the line goes with it
            return _explain_unknown(name, value, self._source, self._base)
        schema, row = found
        before = self._stored.get(schema.id)
        if before is not None and before.get("type") != schema.type:
            if not self._says_nothing(before, value):
                self.retyped.append(_explain_retyped(name, before["type"], schema.type))
            return None
        context = Context(schema, self._refs, _payload(before, row), self._create_options)
        try:
            self._add_known(row, value, context, is_cut=bool(before and before.get("has_more")))
        except ProblemError as exc:
            sentence = f"“{name}” {exc}"
            return sentence if sentence.endswith("?") else f"{sentence}."
        return None

    def _find(self, name: str) -> tuple[PropertySchema, PropertyType] | None:
        """Return the column that a line means: first by what its name meant when it was read."""
        base = self._base.get(name)
        by_id = None if base is None else self._columns_by_id.get(base.get("id", name))
        return by_id or self._columns.get(name)

    def _says_nothing(self, before: JSON, value: Any) -> bool:
        """Tell whether a line still shows what it showed, under the type that it had."""
        row = PROPERTY_TYPES.get(before.get("type"))
        return row is not None and _equal(value, row.render(_payload(before, row), self._refs))

    def _add_known(self, row: PropertyType, value: Any, context: Context, *, is_cut: bool) -> None:
        before = row.render(context.base, context.refs)
        if _equal(value, before):
            return
        if row.parse is None:
            raise ProblemError("is computed by Notion and cannot be set; remove the line")
        payload = row.empty if _is_empty(value) else row.parse(value, context)
        if _equal(row.render(payload, context.refs), before):
            return
        if is_cut:
            raise ProblemError(
                "has more entries than Notion showed so far; take this change back, save, and open"
                " the file again when Notion answers"
            )
        self.patch[context.schema.id] = {context.schema.type: payload}


def _explain_retyped(name: str, old: str, new: str) -> str:
    return (
        f"“{name}” was changed from {old} to {new} in Notion: compare the file with its .remote.md"
        " sibling, write the value in its new form, and remove the sibling."
    )


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


def _by_id(values: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return values by property id: ids stay when a column is renamed."""
    return {value.get("id", name): value for name, value in values.items()}


def _payload(value: JSON, row: PropertyType) -> JSON:
    """Return what a value holds, or what an empty one would."""
    return row.empty if value is None else value.get(value.get("type"), row.empty)


def is_title_cut(values: Mapping[str, JSON]) -> bool:
    """Tell whether only the beginning of a page's title is known."""
    return any(v.get("type") == "title" and v.get("has_more") for v in values.values())


def _explain_unknown(
    name: str, value: Any, source: DataSource | None, base: Mapping[str, JSON]
) -> str | None:
    """Return what is wrong with a key that is no property, or None if it does no harm."""
    if source is None:
        if _is_empty(value) or value is False:
            return None  # what a row kept of its empty columns when it left the database
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
    titles = [value["title"] for value in base.values() if value.get("title")]
    return plain_text(titles[0]) if titles else None
