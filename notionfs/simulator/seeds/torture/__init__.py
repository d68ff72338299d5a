"""A workspace made to break programs: hostile names, every type there is, huge pages, twins.

Nothing in it is impossible: all of it can exist in a real workspace, and most of it somewhere does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notionfs.simulator.seeds.torture.every import plant_every_block, plant_every_property
from notionfs.simulator.seeds.torture.names import PROPERTY_NAMES, TEXTS, TITLES, VALUES
from notionfs.simulator.seeds.torture.sizes import plant_deep, plant_huge, plant_twins

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator


def plant(simulator: Simulator) -> None:
    """Fill an empty workspace with everything that hurts."""
    plant_titles(simulator)
    plant_texts(simulator)
    plant_names(simulator)
    plant_every_block(simulator)
    plant_every_property(simulator)
    plant_twins(simulator)
    plant_deep(simulator)
    plant_huge(simulator)


def plant_titles(simulator: Simulator) -> None:
    """Add a page for each hostile title, and a sub-page below each."""
    parent = simulator.add_page("Hostile titles")
    for title in TITLES:
        page = simulator.add_page(title, parent=parent, markdown="Text.")
        simulator.add_page(title, parent=page, markdown="The same title, one level below.")


def plant_texts(simulator: Simulator) -> None:
    """Add a page with texts that look like markup."""
    page = simulator.add_page("Hostile texts")
    simulator.append_blocks(
        page, [{"paragraph": {"rich_text": [{"text": {"content": text}}]}} for text in TEXTS]
    )
    simulator.append_blocks(
        page,
        [
            {"bulleted_list_item": {"rich_text": [{"text": {"content": text}}]}}
            for text in TEXTS[:40]
        ],
    )


def plant_names(simulator: Simulator) -> None:
    """Add a table with hostile property names, options and values."""
    parent = simulator.add_page("Hostile properties")
    schema: dict[str, object] = dict.fromkeys(PROPERTY_NAMES, "rich_text")
    options = [value for value in VALUES if value.strip() and "," not in value]
    schema |= {"Choice": {"select": options}, "Choices": {"multi_select": options}}
    _, (source,) = simulator.add_database(
        "Hostile: names # and [more]", parent=parent, sources={"Hostile: names": schema}
    )
    for index, value in enumerate(VALUES):
        values: dict[str, object] = dict.fromkeys(PROPERTY_NAMES, value)
        if value in options:
            values |= {"Choice": value, "Choices": options[: index % 5]}
        simulator.add_page(f"Row {index}", parent=source, properties=values)
