"""Which address shows what: each page asks the mount, and nothing is remembered between two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources

from notionfs.errors import ControlError, InvalidArgument
from notionfs.ui import conflict, refused
from notionfs.ui.conflict import Sides
from notionfs.ui.differences import Choice, merge, texts_of
from notionfs.ui.exchange import Answer, Request
from notionfs.ui.frame import Page, frame
from notionfs.ui.guard import Guard
from notionfs.ui.html import join, name_of
from notionfs.ui.icon import ICON
from notionfs.ui.mount import Mount
from notionfs.ui.overview import Answers, conflict_link, overview
from notionfs.ui.searching import MOST_HITS, search_form, search_results
from notionfs.ui.spaces import together

CHANGED = "The page changed since you looked. Please look again, and decide again."

_EVENTS = 15

Handler = Callable[[Request], Awaitable[Answer]]


class Pages:
    """The pages of one mount."""

    def __init__(self, mount: Mount, guard: Guard) -> None:
        self._mount = mount
        self._guard = guard
        self.routes: Mapping[tuple[str, str], Handler] = {
            ("GET", ""): self.overview,
            ("GET", "conflicts"): self.conflicts,
            ("GET", "conflict"): self.conflict,
            ("POST", "resolve"): self.resolve,
            ("POST", "merge"): self.merge,
            ("POST", "retry"): self.retry,
            ("GET", "discard"): self.confirm,
            ("POST", "discard"): self.discard,
            ("GET", "search"): self.search,
            ("GET", "style.css"): self.style,
            ("GET", "live.js"): self.script,
            ("GET", "icon.svg"): self.icon,
        }

    async def overview(self, _request: Request) -> Answer:
        """Show what the mount does."""
        facts = await self._mount.ask("status")
        pace, recent = await self._mount.ask("pace"), await self._mount.ask("recent")
        events = (await self._mount.ask("log", limit=_EVENTS))["entries"]
        answers = Answers(facts, pace, recent["pages"], events)
        return self.show(overview(answers, self._guard.session, datetime.now(UTC)))

    async def conflicts(self, _request: Request) -> Answer:
        """List what waits for a decision."""
        found = (await self._mount.ask("conflicts"))["conflicts"]
        entries = [
            join([conflict_link(entry["path"]), " ", name_of(entry["reason"] or "")])
            for entry in found
        ]
        return self.show(conflict.conflict_list(entries))

    async def conflict(self, request: Request) -> Answer:
        """Compare both texts of a page."""
        sides = await self._sides(request.query.get("path", ""))
        return self._decision(sides)

    async def resolve(self, request: Request) -> Answer:
        """Do what was decided, if both texts are still those that were seen."""
        sides = await self._sides(request.form.get("path", ""))
        how = request.form.get("how", "")
        if request.form.get("seen") != sides.seen:
            return self._decision(sides, CHANGED)
        if how == "merge":
            text = merge(sides.parts, _choices(request.form))
            return self._review(sides, text)
        done = await self._mount.ask("resolve", path=sides.path, how=how)
        return self.show(conflict.outcome(sides.path, _decided(done)))

    async def merge(self, request: Request) -> Answer:
        """Save the merged text as an editor would, and send it."""
        sides = await self._sides(request.form.get("path", ""))
        text = request.form.get("text", "").replace("\r\n", "\n")
        if request.form.get("seen") != sides.seen:
            return self._review(sides, text, CHANGED)
        if not text.strip():
            return self._review(sides, text, "An empty text is not saved.")
        ends = "\r\n" if "\r\n" in sides.mine else "\n"
        try:
            await self._mount.save(sides.path, text.replace("\n", ends).encode())
        except OSError:
            return self._review(sides, text, await self._refusal(sides.path))
        done = await self._mount.ask("resolve", path=sides.path, how="merged")
        return self.show(conflict.outcome(sides.path, _decided(done)))

    async def retry(self, request: Request) -> Answer:
        """Send again what was refused or waits, and say what Notion answers."""
        path, _reason = await self._waiting(request.form.get("path", ""), "retry")
        return await self._do("retry", path)

    async def confirm(self, request: Request) -> Answer:
        """Ask once more before a text is given up."""
        path, reason = await self._waiting(request.query.get("path", ""), "discard")
        return self.show(refused.confirmation(path, reason, self._guard.session))

    async def discard(self, request: Request) -> Answer:
        """Give a text up for Notion's."""
        path, _reason = await self._waiting(request.form.get("path", ""), "discard")
        return await self._do("discard", path)

    async def search(self, request: Request) -> Answer:
        """Find pages by their words; without any, show where to type them."""
        words, fresh = request.query.get("words", ""), "fresh" in request.query
        if not words.strip():
            return self.show(search_form())
        try:
            found = await self._mount.ask("search", words=words, fresh=fresh, limit=MOST_HITS)
        except ControlError as exc:
            return self.show(search_form(words, refusal=str(exc)))
        return self.show(search_results(found, datetime.now(UTC)))

    async def style(self, _request: Request) -> Answer:
        """How the pages look."""
        return Answer(_asset("style.css"), kind="text/css; charset=utf-8")

    async def script(self, _request: Request) -> Answer:
        """What renews them."""
        return Answer(_asset("live.js"), kind="text/javascript; charset=utf-8")

    async def icon(self, _request: Request) -> Answer:
        """The picture in the browser's tab."""
        return Answer(ICON, kind="image/svg+xml")

    def show(self, page: Page, status: int = 200) -> Answer:
        """Return *page* with everything around it."""
        return Answer(frame(page, self._guard.base), status)

    def _decision(self, sides: Sides, warning: str | None = None) -> Answer:
        return self.show(conflict.decision(sides, self._guard.session, warning))

    def _review(self, sides: Sides, text: str, warning: str | None = None) -> Answer:
        return self.show(conflict.review(sides, text, self._guard.session, warning))

    async def _sides(self, path: str) -> Sides:
        """Return both texts of a page in conflict; only such a path goes any further."""
        found = (await self._mount.ask("conflicts"))["conflicts"]
        reason = next((entry["reason"] for entry in found if entry["path"] == path), None)
        if path not in (entry["path"] for entry in found):
            raise InvalidArgument(f"{path} is in no conflict; it may be decided already.")
        theirs, mine = texts_of(await self._mount.ask("diff", path=path))
        return Sides(path, reason or "It was changed here and in Notion", theirs, mine)

    async def _waiting(self, path: str, command: str) -> tuple[str, str]:
        """Return a path that *command* is offered for, and why it waits; no other goes further."""
        facts = together(await self._mount.ask("status"))
        if command not in refused.commands_for(facts).get(path, ()):
            raise InvalidArgument(f"{path} does not wait for that any more.")
        entries = [*facts["errors"], *facts["queue"]]
        return path, next(entry["reason"] or "" for entry in entries if entry["path"] == path)

    async def _do(self, command: str, path: str) -> Answer:
        try:
            done = await self._mount.ask(command, path=path)
        except ControlError as exc:  # Notion's refusal, or ours
            return self.show(refused.outcome(path, str(exc), failed=True))
        return self.show(refused.outcome(path, _told(done)))

    async def _refusal(self, path: str) -> str:
        """Return why a text was refused: it is in the file now, and waits there."""
        errors = together(await self._mount.ask("status"))["errors"]
        reasons = (entry["reason"] for entry in errors if entry["path"] == path)
        return next(reasons, None) or "The text could not be saved; the mount's log says why."


def _choices(form: Mapping[str, str]) -> dict[int, Choice]:
    """Return the choices of a form by number of the difference; others are left out."""
    values = {choice.value: choice for choice in Choice}
    return {
        int(number): values[value]
        for key, value in form.items()
        if (number := key.removeprefix("choice-")) != key and number.isdecimal() and value in values
    }


def _decided(done: Mapping[str, object]) -> str:
    return "Decided, and sent to Notion." if done["state"] == "sent" else f"Decided. {_told(done)}"


def _told(done: Mapping[str, object]) -> str:
    if done["state"] == "sent":
        return "Sent to Notion."
    if done["state"] == "discarded":
        return "Notion’s text stands. Yours is kept in the history: notionfs history shows it."
    reason = f" ({done['reason']})" if done.get("reason") else ""
    return f"It waits to be sent{reason}."


@cache
def _asset(name: str) -> str:
    return resources.files("notionfs.ui").joinpath(name).read_text()
