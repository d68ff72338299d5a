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


def plant(simulator: Simulator, shares: list[int]) -> str:
    """Add a database with a data source for each share of rows; returns its id."""
    sources = {f"Source {n}": COLUMNS for n in range(len(shares))}
    database_id, ids = simulator.add_database("Table", sources=sources)
    begin = simulator.world.now - 86_400 * 30
    for source, share in zip(ids, shares, strict=True):
        for n in range(share):
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
            simulator.add_page(f"Row {n}", parent=source, properties=values, created=begin + n)
    return database_id
