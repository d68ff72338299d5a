"""Patterns that are compiled at their first use."""

from __future__ import annotations

import gc
import re
import sys
import threading

import pytest

import notionfs.app  # noqa: F401  # brings all rooms that a mount has
from notionfs import loading, patterns
from notionfs.patterns import compile_all, late


def test_a_late_pattern_is_a_pattern() -> None:
    """Its methods answer what those of `re.compile` would, from the first call on."""
    pattern = late("(a+)b", re.IGNORECASE)
    found = pattern.match("AAB")
    assert found is not None and found[1] == "AA"
    assert pattern.sub("-", "xabx") == "x-x"
    assert late(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_all_patterns_of_the_program_can_be_compiled() -> None:
    """A mistake in one would show only when somebody uses it."""
    compile_all()
    assert all("match" in vars(each) for each in patterns._ALL)
    assert len(patterns._ALL) > 50


async def test_after_its_start_a_mount_loads_what_texts_need() -> None:
    """The first text need not wait for libraries."""
    before = sys.getswitchinterval()
    await loading.load_rest()
    sys.setswitchinterval(before)
    gc.unfreeze()
    assert set(loading.LIBRARIES) <= set(sys.modules)


async def test_libraries_are_not_imported_beside_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two threads that enter a package from two ends see it half made: a save failed with EIO."""
    threads = []

    class Finder:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "a_library_for_texts":
                threads.append(threading.current_thread())

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    monkeypatch.setattr(loading, "LIBRARIES", ("a_library_for_texts",))
    before = sys.getswitchinterval()
    await loading.load_rest()
    sys.setswitchinterval(before)
    gc.unfreeze()
    assert threads == [threading.current_thread()]
