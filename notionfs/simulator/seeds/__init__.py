"""Workspaces to begin with."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

NAMES = ("demo", "torture", "empty")


def plant(simulator: Simulator, name: str) -> None:
    """Fill *simulator* with the workspace called *name*; raises ValueError for an unknown one."""
    if name not in NAMES:
        raise ValueError(f"there is no seed called {name!r}: choose one of {', '.join(NAMES)}")
    if name != "empty":
        import_module(f"notionfs.simulator.seeds.{name}").plant(simulator)
