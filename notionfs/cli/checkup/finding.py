"""One thing that was looked at: how it is, and what to do if it is not well."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """How bad it is. Only FAILED means that something does not work or is not safe."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Struct, frozen=True):
    """*text* is one sentence without an end; *remedy* says what to do, if anything."""

    subject: str
    verdict: Verdict
    text: str
    remedy: str = ""


def ok(subject: str, text: str) -> Finding:
    """Return that all is well."""
    return Finding(subject, Verdict.OK, text)


def note(subject: str, text: str, remedy: str = "") -> Finding:
    """Return something worth knowing."""
    return Finding(subject, Verdict.NOTE, text, remedy)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Return something that will hurt one day."""
    return Finding(subject, Verdict.WARNING, text, remedy)


def failed(subject: str, text: str, remedy: str) -> Finding:
    """Return something that does not work or is not safe."""
    return Finding(subject, Verdict.FAILED, text, remedy)
