"""The bundle for a bug report: findings, versions, settings and the log, without content.

Titles, paths, ids and addresses are replaced by short marks that are the same wherever the same
thing is meant, so that whoever reads the report can follow a page without knowing which it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from notionfs import control, registry
from notionfs.cli.checkup.finding import Finding
from notionfs.cli.checkup.stores import known_workspaces
from notionfs.cli.logs import log_path
from notionfs.config import Settings
from notionfs.errors import ControlError

LOG_BYTES = 300_000
_PLAIN_KEYS = frozenset({"version", "state", "action", "online", "demo", "read_only"})
_TOKEN = re.compile(r"\b(?:ntn|nrt|secret)_[A-Za-z0-9]+")
_ID = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w.])(?:/|~/|(?=[^\s/:]+/))[^\s:'\",;()]+|[^\s/:'\",;()]+\.md\b")
_QUOTED = re.compile(r"'[^']{1,200}'|\"[^\"]{1,200}\"|“[^”]{1,200}”")


def write_report(target: Path, findings: list[Finding], settings: Settings | None) -> None:
    """Write a zip file that holds no token, no text, no title and no address of a page."""
    statuses = list(_statuses())
    parts: dict[str, str] = {"findings.json": _json([_redacted(asdict(f)) for f in findings])}
    if settings is not None:
        parts["settings.json"] = _json(_settings(settings))
        parts["log.txt"] = "".join(_log_lines(log_path(settings)))
    for number, facts in enumerate(statuses, start=1):
        parts[f"status-{number}.json"] = _json(_redacted(facts))
    for name in _names(statuses, settings):
        parts = {part: text.replace(name, mark(name)) for part, text in parts.items()}
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(descriptor, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle,
    ):
        for name, text in parts.items():
            bundle.writestr(name, text)


def _names(statuses: list[dict[str, Any]], settings: Settings | None) -> list[str]:
    """Return the names of workspaces, connections and teamspaces, the longest first."""
    found = {str(facts.get(key, "")) for facts in statuses for key in ("workspace", "connection")}
    if settings is not None:
        found.update(known_workspaces(settings), settings.teamspaces)
    return sorted(found - {""}, key=len, reverse=True)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, default=str) + "\n"


def _settings(settings: Settings) -> Mapping[str, object]:
    hidden = {"token", "teamspaces", "spaces", "space", "mountpoint"}
    plain = {name: value for name, value in asdict(settings).items() if name not in hidden}
    shown = {name: redact(str(value)) for name, value in plain.items()}
    roots = [len(team.roots) for team in settings.teamspaces.values()]
    return {**shown, "teamspaces": roots, "connections of teamspaces": len(settings.spaces)}


def _statuses() -> Iterator[dict[str, Any]]:
    for mount in registry.find_mounts():
        try:
            yield control.call(mount.socket, "status", timeout=3)
        except ControlError as exc:
            yield {"error": str(exc)}


def _redacted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _redacted(item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item, key) for item in value]
    if key in {"path", "workspace", "connection", "mountpoint", "state_dir", "title"}:
        return mark(str(value))
    return redact(value) if isinstance(value, str) and key not in _PLAIN_KEYS else value


def redact(text: str) -> str:
    """Return *text* with every token gone, and paths, ids and quoted words as marks."""
    text = _TOKEN.sub("[token]", text)
    for pattern in (_ID, _QUOTED, _PATH):
        text = pattern.sub(lambda found: mark(found[0]), text)
    return text


def mark(text: str) -> str:
    """Return a short mark for *text*, the same every time."""
    return f"<{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}>"


def _log_lines(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_BYTES))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError as exc:
        yield f"no log: {exc.strerror}\n"
        return
    for line in lines[1:]:
        yield redact(line) + "\n"
