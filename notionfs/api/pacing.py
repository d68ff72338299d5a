"""When a request may leave: one sliding window for all requests of a token.

Notion counts requests in fixed windows whose phase we do not know. If any 61 seconds hold at most
`limit` departures, no fixed minute can hold more, even when requests reach Notion up to a second
sooner or later than others.

Two more things are promised. Whoever waits at a prompt goes first and finds a free slot, because
background work keeps some slots free and spreads the rest over the window instead of using
it up in a burst. And background work alone still uses more than nine tenths of the budget.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from math import inf

import trio
from msgspec import Struct, field

from notionfs.api.ledger import Ledger
from notionfs.api.tally import Tally


class Priority(IntEnum):
    """Who waits for the answer; lower goes first."""

    PROMPT = 0
    UPLOAD = 1
    AHEAD = 2  # what somebody at a prompt will probably ask for next
    REFRESH = 3
    FILL = 4


class Share(Struct, frozen=True):
    """How a priority may use the window. *burst* and *keep* are parts of the limit.

    Until *burst* of the window is used, requests leave at once. *keep* stays free for those who go
    before. After *patience* seconds without a turn, one request goes first, so that nobody starves.
    """

    burst: float
    keep: float
    patience: float


# Ten of 180 slots: a prompt every second finds one, and background work still gets 92%.
_KEPT_FREE = 1 / 18

SHARES: dict[Priority, Share] = {
    Priority.PROMPT: Share(burst=0.6, keep=0, patience=inf),
    Priority.UPLOAD: Share(burst=0.4, keep=_KEPT_FREE, patience=5),
    Priority.AHEAD: Share(burst=0.5, keep=_KEPT_FREE, patience=10),
    Priority.REFRESH: Share(burst=0.4, keep=_KEPT_FREE, patience=15),
    Priority.FILL: Share(burst=0.1, keep=_KEPT_FREE, patience=60),
}

# How many prompt requests may follow each other at once even when the window is nearly full:
# about what one `ls` and one `cat` need.
_PROMPT_CLUSTER = 5
# The part of the window that covers different travel times to Notion.
_MARGIN = 1 / 60
# Shorter waits are rounding errors of the clock.
_TICK = 1e-6


class Urgency:
    """A priority that may rise while a request waits: somebody came who needs its answer now."""

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self._risen: Callable[[Priority], None] | None = None

    def raise_to(self, priority: Priority) -> None:
        """Let what waits under this urgency go at *priority*, if that is more urgent."""
        if priority < self.priority:
            self.priority = priority
            if self._risen is not None:
                self._risen(priority)

    @contextmanager
    def watched(self, risen: Callable[[Priority], None]) -> Iterator[None]:
        """Call *risen* with the new priority if it rises while the block runs."""
        self._risen = risen
        try:
            yield
        finally:
            self._risen = None


class _Ticket(Struct, eq=False):
    """One waiting request; *poked* wakes it to look again."""

    priority: Priority
    since: float
    poked: trio.Event = field(default_factory=trio.Event)


class Pace:
    """At most *limit* departures in any *window* seconds, by priority; None is no limit.

    With a *ledger*, those of other processes with the same token count as well.
    """

    def __init__(
        self, limit: int | None = 180, window: float = 60.0, ledger: Ledger | None = None
    ) -> None:
        if (limit is not None and limit < 1) or window <= 0:
            raise ValueError("a pace needs a positive limit and window")
        self._limit = limit
        self._window = window
        self._span = window * (1 + _MARGIN)
        self._ledger = ledger
        self._departed: deque[float] = deque()  # oldest first, none older than the span
        self._prompt_due = -inf  # when the next prompt would leave if prompts were evenly spread
        self._last_of: dict[Priority, float] = {}
        self._queues: dict[Priority, deque[_Ticket]] = {p: deque() for p in Priority}
        self._paused_until = -inf
        self._tally = Tally()

    @property
    def limit(self) -> int | None:
        """The departures that any window has room for; None is no limit."""
        return self._limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        """Keep another limit from now on; who waits looks again."""
        if limit is not None and limit < 1:
            raise ValueError("a pace needs a positive limit")
        self._limit = limit
        self._poke_first()

    async def turn(self, priority: Priority | Urgency) -> None:
        """Wait until a request of this *priority* may leave; on return it counts as sent."""
        await trio.lowlevel.checkpoint()
        urgency = priority if isinstance(priority, Urgency) else Urgency(priority)
        ticket = _Ticket(urgency.priority, trio.current_time())
        self._queues[ticket.priority].append(ticket)
        try:
            with urgency.watched(lambda risen: self._promote(ticket, risen)):
                while (delay := self._leave(ticket)) > _TICK:
                    with trio.move_on_after(delay):
                        await ticket.poked.wait()
                    ticket.poked = trio.Event()
        finally:
            self._queues[ticket.priority].remove(ticket)
            self._poke_first()

    def _promote(self, ticket: _Ticket, priority: Priority) -> None:
        self._queues[ticket.priority].remove(ticket)
        ticket.priority = priority
        self._queues[priority].append(ticket)
        ticket.poked.set()

    def pause(self, seconds: float) -> None:
        """Let nothing leave for *seconds*, because Notion asked for silence."""
        self._paused_until = max(self._paused_until, trio.current_time() + seconds)
        if self._ledger is not None:
            self._ledger.pause(seconds)

    def paused_for(self) -> float:
        """Return for how many more seconds nothing will leave."""
        self._learn()
        return max(0.0, self._paused_until - trio.current_time())

    def recent(self) -> int:
        """Return how many requests left in the last window."""
        self._learn()
        start = trio.current_time() - self._window
        return sum(1 for left in self._departed if left > start)

    def history(self) -> tuple[float, list[int]]:
        """Return the length of a slot in seconds, and how many requests left in each slot of the
        last hour, the oldest first.
        """
        self._learn()
        return self._tally.seconds, self._tally.counts(trio.current_time())

    # --- whose turn it is ------------------------------------------------------------------------

    def _first(self, now: float) -> _Ticket | None:
        """Return the ticket that goes next: one whose patience ended, else the most urgent."""
        heads = [queue[0] for queue in self._queues.values() if queue]
        overdue = (head for head in heads if self._is_overdue(head, now))
        return next(overdue, heads[0] if heads else None)

    def _is_overdue(self, head: _Ticket, now: float) -> bool:
        waiting_since = max(head.since, self._last_of.get(head.priority, -inf))
        return now - waiting_since > SHARES[head.priority].patience

    def _poke_first(self) -> None:
        first = self._first(trio.current_time())
        if first is not None:
            first.poked.set()

    def _leave(self, ticket: _Ticket) -> float:
        """Let *ticket* leave if it may, and return 0; else the seconds until it looks again."""
        if self._ledger is None:
            delay = self._delay(ticket)
            if delay <= _TICK:
                self._note([trio.current_time()])
                self._depart(ticket.priority)
            return delay
        if (delay := self._delay(ticket)) > _TICK:
            return delay
        with self._ledger.locked():  # another process may have taken the slot just now
            delay = self._delay(ticket)
            if delay <= _TICK:
                self._ledger.add()
                self._learn()
                self._depart(ticket.priority)
        return delay

    def _learn(self) -> None:
        """Take in when requests of other processes left, and our own."""
        if self._ledger is None:
            return
        ahead = trio.current_time() - self._ledger.clock()
        self._note([left + ahead for left in self._ledger.take(self._span)])
        silence = self._ledger.paused_for()
        if silence > 0:
            self._paused_until = max(self._paused_until, trio.current_time() + silence)

    def _note(self, moments: Sequence[float]) -> None:
        self._departed.extend(moments)
        self._tally.note(moments)

    def _depart(self, priority: Priority) -> None:
        now = trio.current_time()
        self._last_of[priority] = now
        if priority is Priority.PROMPT and self._limit is not None:
            spacing = self._spacing(max(1, self._limit - len(self._departed)), now)
            latest = now + (_PROMPT_CLUSTER - 1) * spacing  # what left in a burst is no debt
            self._prompt_due = min(max(self._prompt_due, now), latest) + spacing

    # --- how long it waits -----------------------------------------------------------------------

    def _delay(self, ticket: _Ticket) -> float:
        """Return the seconds until *ticket* should look again; 0 when it may leave."""
        self._learn()
        now = trio.current_time()
        if self._first(now) is not ticket:
            self._poke_first()  # the order may have changed by time alone
            return inf
        self._forget(now)
        if now < self._paused_until:
            return self._paused_until - now
        if self._limit is None:
            return 0
        return self._wait_for_slot(ticket, self._limit, now)

    def _forget(self, now: float) -> None:
        while self._departed and self._departed[0] <= now - self._span:
            self._departed.popleft()

    def _wait_for_slot(self, ticket: _Ticket, limit: int, now: float) -> float:
        overdue = self._is_overdue(ticket, now)
        share = SHARES[Priority.PROMPT if overdue else ticket.priority]
        used = len(self._departed)
        room = limit - int(limit * share.keep) - used
        if room <= 0:  # wait until so many old departures have left the window
            return self._departed[-room] + self._span - now
        if overdue or used < limit * share.burst:
            return 0
        return self._flow_start(ticket.priority, self._spacing(room, now)) - now

    def _spacing(self, room: int, now: float) -> float:
        """Return the shortest even spacing at which no later request would find a full window.

        The request after the free *room* and j more needs the j-th oldest departure gone.
        """
        return max(
            ((left + self._span - now) / (room + j) for j, left in enumerate(self._departed, 1)),
            default=0,
        )

    def _flow_start(self, priority: Priority, spacing: float) -> float:
        """Return when the next request of this flow may leave if the flow is spread evenly.

        Background work is spaced from every departure, so that it yields the whole budget to
        whoever waits at a prompt; prompts are spaced from earlier prompts only, in clusters.
        """
        if priority is not Priority.PROMPT:
            return self._departed[-1] + spacing if self._departed else -inf
        return self._prompt_due - (_PROMPT_CLUSTER - 1) * spacing
