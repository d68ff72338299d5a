"""A table of many rows of all kinds, in several data sources."""

from __future__ import annotations

from notionfs.simulator import Simulator

_STATES = ("Not started", "In progress", "Done")
COLUMNS = {
    "Status": "status",
    "Tags": {"multi_select": {"options": [{"name": "backend"}, {"name": "docs"}]}},
    "Points": "number",
    "Due": "date",
    "Note": "rich_text",
    "Link": "url",
    "Done": "checkbox",
    "ID": {"unique_id": "ROW"},
    "Made": "created_time",
}


def thirds(rows: int) -> list[int]:
    """Return the shares of *rows* in three data sources."""
    third = rows // 3
    return [third, third, rows - 2 * third]


def plant(simulator: Simulator, shares: list[int], *, clashing: bool = False) -> str:
    """Add a database with a data source for each share of rows; returns its id.

    All titles differ, unless they are *clashing*: then each stands in every data source.
    """
    sources = {f"Source {n}": COLUMNS for n in range(len(shares))}
    database_id, ids = simulator.add_database("Table", sources=sources)
    begin = simulator.world.now - 86_400 * 30
    for number, (source, share) in enumerate(zip(ids, shares, strict=True)):
        for n in range(share):
            title = f"Row {n}" if clashing else f"Row {n} of {number}"
            values = {
                "Status": _STATES[n % 3],
                "Tags": ["backend"] if n % 2 else ["backend", "docs"],
                "Points": n,
                "Due": "2026-01-15",
                "Note": f"Row {n} has some text in it, and a *star*."
                if n % 4
                else f"Row {n}, plainly.",
                "Link": f"https://example.com/{n}",
                "Done": n % 5 == 0,
            }
            simulator.add_page(title, parent=source, properties=values, created=begin + n)
    return database_id
