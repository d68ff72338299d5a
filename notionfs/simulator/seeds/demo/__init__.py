"""The workspace a new user sees first: a small company that has been at it for a year.

Texts live in one module per part of the company (`PAGES`: path to `Text`), tables beside them. Ids
and times follow from the paths, so that the demo is the same every time.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from notionfs.simulator.seeds.demo import (
    architecture,
    company,
    engineering,
    people,
    product,
    tables,
)
from notionfs.simulator.seeds.demo.planting import LAST_DAY, Gardener

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

COLLEAGUES = (
    ("Katherine Johnson", "katherine@example.com"),
    ("Alan Turing", "alan@example.com"),
    ("Mary Somerville", "mary@example.com"),
)

PARTS = (company, engineering, architecture, product, people)


def plant(simulator: Simulator) -> None:
    """Fill an empty workspace with the demo."""
    gardener = Gardener(simulator)
    for name, email in COLLEAGUES:
        gardener.add_user(name, email)
    with gardener.at_work():
        for part in PARTS:
            gardener.plant_pages(part.PAGES)
        tables.plant_tables(gardener)
        for part in PARTS:
            gardener.plant_pages(part.LATER)
        finish(gardener)


CALENDAR = """
| When | What |
| --- | --- |
| <date start="2026-06-04" /> | Board meeting |
| <date start="2026-06-30" /> | Sync engine for everyone |
| <date start="2026-07-10" /> | Summer day out |
"""


def finish(gardener: Gardener) -> None:
    """Add what has no path: a page in a column, comments, an emoji, a picture, a template."""
    simulator = gardener.simulator
    gardener.moment = LAST_DAY
    simulator.edit_markdown(simulator.find("Team Calendar"), CALENDAR.strip())
    simulator.add_emoji("acme", "https://images.example.com/acme/emoji.png")
    picture = simulator.add_file("whiteboard.png", drawn_picture(), "image/png")
    retro = simulator.find("Retro Spring")
    simulator.append_markdown(retro, f"![The whiteboard afterwards]({picture})")
    simulator.add_comment(simulator.find("Project Alpha"), "Shall we show this to the board?")
    simulator.add_comment(retro, "The quiet hour works. Can we keep it?", by="Alan Turing")
    tasks = gardener.containers["Engineering/Tasks"]
    simulator.add_template(tasks, "Bug", "## What happens\n\n## What should happen\n", default=True)


def drawn_picture(width: int = 96, height: int = 64) -> bytes:
    """Return a small picture: stripes of four colours."""
    colors = (b"\x1f\x77\xb4", b"\xff\x7f\x0e", b"\x2c\xa0\x2c", b"\xf5\xf5\xf5")
    line = b"".join(colors[x * len(colors) // width] for x in range(width))
    pixels = zlib.compress(b"".join(b"\0" + line for _ in range(height)), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
