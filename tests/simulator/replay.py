"""Recorded exchanges played again: our ids in the requests, the differences of the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from notionfs.simulator import Simulator
from notionfs.simulator.clock import seconds_of
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import Records

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "recordings"
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
VOLATILE = frozenset(
    {"request_id", "url", "next_cursor", "last_edited_time", "created_time", "href"}
)


def loaded() -> bytes:
    """Return a workspace with everything the recordings show, encoded for quick copies."""
    sim = Simulator(clock=lambda: 1_782_000_000.0)
    sim.load_recordings(RECORDINGS)
    return msgspec.json.encode(sim.workspace.records)


def fresh(encoded: bytes) -> Simulator:
    """Return a simulator of a copy of an encoded workspace."""
    return Simulator(
        records=msgspec.json.decode(encoded, type=Records), clock=lambda: 1_782_000_000.0
    )


def scenario(path: Path) -> list[dict[str, Any]]:
    """Return the exchanges of one recorded scenario."""
    return [json.loads(line) for line in path.read_text().splitlines()]


class Translation:
    """Recorded ids to ours, learned from answers that should be alike."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.ours: dict[str, str] = {}

    def learn(self, recorded: Any, answered: Any, key: str = "") -> None:
        """Walk two answers side by side and note ids that stand at the same place."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            for name in recorded.keys() & answered.keys():
                self.learn(recorded[name], answered[name], name)
        elif isinstance(recorded, list) and isinstance(answered, list):
            for one, other in _aligned(self.request(recorded), answered):
                self.learn(one, other, key)
        elif isinstance(recorded, str) and isinstance(answered, str) and recorded != answered:
            is_id = key.endswith("id") or UUID.fullmatch(recorded)
            if is_id and key not in VOLATILE:
                self.ours.setdefault(recorded, answered)

    def request(self, value: Any) -> Any:
        """Return a recorded request with our ids in it."""
        if isinstance(value, dict):
            return {self._text(name): self.request(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.request(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def path(self, path: str) -> str:
        """Return a recorded path with our ids in it."""
        return re.sub(r"[^/?=&]+", lambda match: self._text(match[0]), path)

    def _text(self, text: str) -> str:
        known = self.ours.get(text) or self.ours.get(dashed(text) or "")
        return known or text


def latest(value: Any) -> float:
    """Return the newest time anywhere in an answer."""
    times = re.findall(r'"(?:created|last_edited)_time": "([^"]+)"', json.dumps(value))
    return max(map(seconds_of, times), default=0.0)


def differences(recorded: Any, answered: Any, where: str = "") -> Iterator[str]:
    """Yield places where two answers have other keys, other types, or one null and one not."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        yield from _keys(recorded, answered, where)
        for name in sorted(recorded.keys() & answered.keys()):
            yield from differences(recorded[name], answered[name], f"{where}.{name}")
    elif isinstance(recorded, list) and isinstance(answered, list):
        for one, other in _aligned(recorded, answered):
            yield from differences(one, other, f"{where}[]")
        if len(recorded) != len(answered):
            yield f"{where} has {len(answered)} items instead of {len(recorded)}"
    elif _kind(recorded) != _kind(answered):
        yield f"{where} is {_kind(answered)} instead of {_kind(recorded)}"
    elif recorded != answered and not _excused(where, recorded, answered):
        yield f"{where} is {answered!r} instead of {recorded!r}"


def _aligned(recorded: list[Any], answered: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair things with the same id, and everything else by its place."""
    ours = {item["id"]: item for item in answered if isinstance(item, dict) and "id" in item}
    for one, other in zip(recorded, answered, strict=False):
        yield one, ours.get(one["id"], other) if isinstance(one, dict) and "id" in one else other


def _keys(recorded: dict[str, Any], answered: dict[str, Any], where: str) -> Iterator[str]:
    for name in sorted(recorded.keys() - answered.keys()):
        yield f"{where} lacks {name}"
    for name in sorted(answered.keys() - recorded.keys()):
        yield f"{where} has {name} too"


def _kind(value: Any) -> str:
    return (
        "number"
        if isinstance(value, int | float) and not isinstance(value, bool)
        else type(value).__name__
    )


def _excused(where: str, recorded: Any, answered: Any) -> bool:
    name = where.rsplit(".", 1)[-1].removesuffix("[]")
    if name in VOLATILE:
        return True
    return (
        isinstance(recorded, str)
        and bool(UUID.search(recorded))
        and bool(UUID.search(str(answered)))
    )
