"""What time it is at Notion, from the `Date` of its answers: this computer's clock may be wrong."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import trio


class ServerClock:
    """*date* is the header of the last answer that had one."""

    def __init__(self) -> None:
        self.date: str | None = None
        self._noted_at = 0.0

    def note(self, date: str | None) -> None:
        """Take the header of an answer that came just now."""
        if date is not None:
            self.date, self._noted_at = date, trio.current_time()

    def now_ns(self) -> int | None:
        """Return the time there, in ns since 1970, exact to a second or two; None if unknown."""
        try:
            then = parsedate_to_datetime(self.date or "").timestamp()
        except (TypeError, ValueError):
            return None
        return int((then + trio.current_time() - self._noted_at) * 1e9)
