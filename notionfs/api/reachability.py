"""Whether Notion answers: learnt from every request, told to whoever waits for it to come back."""

from __future__ import annotations

from collections.abc import Callable

import trio


class Reachability:
    """*down_since* is on trio's clock, None while Notion answers; *reason* is the last trouble.

    *on_return* is called when an answer comes after silence or after a refused token.
    """

    def __init__(self) -> None:
        self.down_since: float | None = None
        self.reason: str | None = None
        self.on_return: Callable[[], None] = _nobody

    def note_silence(self, reason: str) -> None:
        """No answer came from Notion."""
        self.reason = reason
        if self.down_since is None:
            self.down_since = trio.current_time()

    def note_refusal(self, reason: str) -> None:
        """Notion answered, but does not accept the token."""
        self.reason = reason
        self.down_since = None

    def note_answer(self) -> None:
        """Notion answered."""
        was_away = self.reason is not None
        self.down_since = self.reason = None
        if was_away:
            self.on_return()


def _nobody() -> None:
    return None
