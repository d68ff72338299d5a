"""Faults on purpose: what goes wrong for which requests, and how often."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from notionfs.simulator.errors import CODE_BY_STATUS, MESSAGE_BY_STATUS, ApiError

PROXY_PAGE = (
    b"<!DOCTYPE html><html><head><title>Bad gateway</title></head>"
    b"<body><h1>502 Bad Gateway</h1><p>The proxy could not reach the service.</p></body></html>"
)


@dataclass(slots=True)
class Fault:
    """What happens to matching requests, *times* times, after *skip* of them went well.

    Without anything else said it is the error of *status*. *after_applying* lets the request happen
    first and loses only its answer.
    """

    operation: str | None = None  # a name or a pattern such as "get_*"; None: any
    path: str | None = None  # a part of the path; None: any
    times: int = 1
    skip: int = 0
    status: int | None = None
    retry_after: int | None = None
    code: str | None = None
    message: str | None = None
    additional_data: dict[str, Any] | None = None
    after_applying: bool = False
    drop: bool = False  # the connection breaks
    hang: bool = False  # no answer ever
    delay: float = 0  # seconds before anything else
    html: bool = False  # a page of some proxy instead of JSON
    truncate: bool = False  # the answer ends in the middle

    def __post_init__(self) -> None:
        quiet = not (self.drop or self.hang or self.delay or self.truncate)
        if self.status is None and (quiet or self.html):
            self.status = 502 if self.html else 429

    def matches(self, operation: str, path: str) -> bool:
        """Say whether a request is one this fault waits for."""
        if self.operation is not None and not fnmatchcase(operation, self.operation):
            return False
        return self.path is None or self.path in path

    def error(self, committed: dict[str, Any] | None = None) -> ApiError:
        """Return the error this fault answers with; *committed* tells what did happen."""
        status = self.status or 500
        data = dict(self.additional_data or {})
        if status == 429:
            data.setdefault("rate_limit_reason", "public_api_request_rate_limit")
            if self.retry_after is not None:
                data.setdefault("retry_after", str(self.retry_after))
        if status == 503 and committed:
            data.setdefault("retry_guidance", ["Read the object before repeating the write."])
            data = {**committed, **data}
        code = self.code or CODE_BY_STATUS.get(status, "internal_server_error")
        message = self.message or MESSAGE_BY_STATUS.get(status, "Unexpected error occurred.")
        return ApiError(status, code, message, additional_data=data, retry_after=self.retry_after)


@dataclass(slots=True)
class Faults:
    """The faults that wait, in the order they were asked for."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, operation: str, path: str) -> Fault | None:
        """Return the fault that hits this request, if any, and count it."""
        for fault in self.waiting:
            if not fault.matches(operation, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None


@dataclass(slots=True)
class RateLimit:
    """A fixed window of 60 seconds with room for *most* requests; None: no limit."""

    most: int | None = None
    started: float = -math.inf
    used: int = 0
    refused: int = 0

    def check(self, now: float) -> None:
        """Count a request; raises a 429 when the window is full."""
        if self.most is None:
            return
        if now >= self.started + 60 or now < self.started:
            self.started, self.used = now, 0
        if self.used < self.most:
            self.used += 1
            return
        self.refused += 1
        wait = max(1, math.ceil(self.started + 60 - now))
        raise ApiError(
            429,
            "rate_limited",
            MESSAGE_BY_STATUS[429],
            additional_data={
                "rate_limit_reason": "public_api_request_rate_limit",
                "retry_after": str(wait),
            },
            retry_after=wait,
        )
