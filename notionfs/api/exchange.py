"""One question until it is answered: turn, request, decoding, and patience with trouble.

Reads are asked again after any trouble, a few times. Writes are asked again only after 429 and 529,
because then nothing was applied; a lost answer to a write is the caller's to find out about.
There is no time limit here: callers draw their own around it.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import trio

from notionfs.api import failures, responses
from notionfs.api.calls import Call
from notionfs.api.failures import Answer
from notionfs.api.pacing import Pace, Priority, Urgency
from notionfs.api.reachability import Reachability
from notionfs.api.server_clock import ServerClock
from notionfs.api.shapes import repair
from notionfs.api.speech import Speech
from notionfs.api.traced import note_request
from notionfs.api.wire import Wire
from notionfs.errors import (
    BadAnswer,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorized,
    Unreachable,
)

T = TypeVar("T")
Renew = Callable[[], Awaitable[str | None]]
"""Returns a new token, or None if there is none to be had."""

logger = logging.getLogger(__name__)

MAX_TROUBLES = 3
MAX_THROTTLES = 10
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0


class Exchange:
    """Sends calls through one wire at one pace and counts what left."""

    def __init__(self, wire: Wire, pace: Pace, renew: Renew | None = None) -> None:
        self._wire = wire
        self._renewal = None if renew is None else _Renewal(wire, renew)
        self.pace = pace
        self.calls: Counter[str] = Counter()
        self.reach = Reachability()
        self.speech = Speech()
        self.server_clock = ServerClock()

    async def ask(self, call: Call, parse: Callable[[bytes], T], priority: Priority | Urgency) -> T:
        """Return the parsed answer to *call*, or raise the `RemoteError` that remains."""
        throttles = troubles = 0
        renewals = self._renewal.count if self._renewal else 0
        while True:
            await self.pace.turn(priority)
            try:
                return await self._ask_once(call, parse)
            except Throttled as exc:
                throttles += 1
                self.pace.pause(exc.retry_after or _wait_before(throttles))
                if throttles > MAX_THROTTLES:
                    raise
            except Unauthorized:
                # Nothing was applied. One new token for everybody who met the end of the old one.
                if self._renewal is None or not await self._renewal.past(renewals):
                    raise
                renewals = self._renewal.count
            except (Unreachable, ServerTrouble):
                troubles += 1
                if call.is_write or troubles > MAX_TROUBLES:
                    raise
                await trio.sleep(_wait_before(troubles))

    async def _ask_once(self, call: Call, parse: Callable[[bytes], T]) -> T:
        self.calls[call.operation] += 1
        started = trio.current_time()
        try:
            answer = await self._wire.send(call)
            result = _read(call, answer, parse)
        except RemoteError as exc:
            _log(call, started, exc.status, exc.request_id)
            self._note(exc)
            raise
        self.reach.note_answer()
        self.server_clock.note(answer.headers.get("date"))
        _log(call, started, answer.status, answer.headers.get("x-notion-request-id"))
        return result

    def _note(self, exc: RemoteError) -> None:
        if isinstance(exc, Unreachable):
            self.reach.note_silence(str(exc))
        elif isinstance(exc, Unauthorized):
            self.reach.note_refusal(str(exc))
        else:
            self.reach.note_answer()


class _Renewal:
    """Gets a new token when the old one ended: once, however many requests found out."""

    def __init__(self, wire: Wire, renew: Renew) -> None:
        self._wire = wire
        self._renew = renew
        self._lock = trio.Lock()
        self.count = 0

    async def past(self, seen: int) -> bool:
        """Tell whether there is a newer token than the one after *seen* renewals; try to get it."""
        async with self._lock:
            if self.count > seen:
                return True
            if (token := await self._renew()) is not None:
                self._wire.use_token(token)
                self.count += 1
                return True
        return False


def _read(call: Call, answer: Answer, parse: Callable[[bytes], T]) -> T:
    if not answer.is_success:
        raise failures.failure(call, answer)
    try:
        return _parse_repaired(answer.content, parse)
    except msgspec.ValidationError as exc:
        # A write that was answered like this did happen.
        raise BadAnswer(
            f"Notion's answer was not understood when asked to {call.what}.",
            status=answer.status,
            maybe_applied=call.is_write,
            committed_id=responses.parse_id(answer.content) if call.is_write else None,
        ) from exc
    except msgspec.DecodeError as exc:
        raise failures.not_from_notion(call, answer) from exc


def _parse_repaired(content: bytes, parse: Callable[[bytes], T]) -> T:
    """Parse *content*; only if that fails, look whether a broken character was the reason."""
    try:
        return parse(content)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        repaired = repair(content)
        if repaired == content:
            raise
        return parse(repaired)


def _wait_before(attempt: int) -> float:
    """Return a pause that doubles with every attempt, varied to keep clients out of step."""
    longest = min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT)
    return random.uniform(longest / 2, longest)


def _log(call: Call, started: float, status: int | None, request_id: str | None) -> None:
    note_request(request_id)
    seconds = trio.current_time() - started
    logger.debug("%s %s in %.3f s (%s)", call.operation, status, seconds, request_id)
