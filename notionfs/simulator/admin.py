"""The back door of the loopback server: remote edits, faults, the clock and counts over HTTP.

Only for programs on this machine, and only for requests with a JSON content type, which no web page
can send here without asking first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from notionfs.simulator.errors import ApiError, invalid
from notionfs.simulator.look import Looking
from notionfs.simulator.remote import RemoteEdits

if TYPE_CHECKING:
    from notionfs.simulator.app import Receive, Scope, Send
    from notionfs.simulator.simulator import Simulator

LOOPBACK = ("127.0.0.1", "::1")
SETTINGS = ("lag", "rate_limit")


def _callable_names() -> frozenset[str]:
    names = [name for holder in (RemoteEdits, Looking) for name in vars(holder)]
    added = ["add_page", "add_database", "add_user", "expire_cursors", "heal", "revoke"]
    return frozenset(name for name in (*names, *added) if not name.startswith("_"))


NAMES = _callable_names()


class Admin:
    """An ASGI application below `/_admin`."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        from notionfs.simulator.app import Answer, read_body, reply

        raw = await read_body(receive)
        try:
            status, shown = 200, self._answer(scope, raw)
        except ApiError as exc:
            status, shown = exc.status, exc.body("admin")
        except (KeyError, TypeError, ValueError) as exc:
            status, shown = 400, invalid(str(exc)).body("admin")
        body = msgspec.json.encode(shown)
        await reply(send, Answer(status, body, [(b"content-type", b"application/json")]))

    def _answer(self, scope: Scope, raw: bytes) -> Any:
        client = scope.get("client")
        if client is not None and client[0] not in LOOPBACK:
            raise ApiError(403, "restricted_resource", "Only programs on this machine may do this.")
        name = scope["path"].removeprefix("/_admin/")
        if scope["method"] == "GET":
            return self._look(name)
        headers = dict(scope["headers"])
        if not headers.get(b"content-type", b"").startswith(b"application/json"):
            raise ApiError(400, "invalid_request", "Content-Type should be application/json.")
        body = msgspec.json.decode(raw) if raw else {}
        action = ACTIONS.get(name)
        if action is None or not isinstance(body, dict):
            raise ApiError(400, "invalid_request_url", f"There is no action {name}.")
        return action(self.simulator, body)

    def _look(self, name: str) -> Any:
        if name == "counts":
            return dict(self.simulator.app.counts)
        if name == "requests":
            return [dataclasses.asdict(request) for request in self.simulator.requests[-1000:]]
        if name == "titles":
            return self.simulator.titles()
        raise ApiError(400, "invalid_request_url", f"There is nothing called {name}.")


def _do(simulator: Simulator, body: dict[str, Any]) -> Any:
    """Call a method by name: `{"call": "edit_title", "args": [id, "New"], "kwargs": {}}`."""
    name = body.get("call")
    if name not in NAMES:
        raise ApiError(400, "invalid_request", f"There is no call {name}.")
    result = getattr(simulator, name)(*body.get("args", ()), **body.get("kwargs", {}))
    return {"result": result}


def _fail(simulator: Simulator, body: dict[str, Any]) -> Any:
    """Let matching requests fail; the body holds the fields of `Fault`."""
    simulator.fail_next(**body)
    return {"waiting": len(simulator.app.faults.waiting)}


def _clock(simulator: Simulator, body: dict[str, Any]) -> Any:
    """Turn the clock: `{"set": seconds}` or `{"advance": seconds}`."""
    if "set" in body:
        simulator.clock.set(float(body["set"]))
    simulator.advance(float(body.get("advance", 0)))
    return {"now": simulator.clock()}


def _settings(simulator: Simulator, body: dict[str, Any]) -> Any:
    """Change lag, rate limit, switches or limits by name."""
    for name, value in body.items():
        holder: Any = next(
            (one for one in (simulator.switches, simulator.limits) if hasattr(one, name)), None
        )
        if name in SETTINGS:
            holder = simulator
        if holder is None:
            raise ApiError(400, "invalid_request", f"There is no setting {name}.")
        setattr(holder, name, value)
    return {"changed": list(body)}


def _reset(simulator: Simulator, body: dict[str, Any]) -> Any:
    """Begin to count anew."""
    simulator.reset_counts()
    return {}


ACTIONS: Mapping[str, Callable[[Simulator, dict[str, Any]], Any]] = {
    "do": _do,
    "fail": _fail,
    "clock": _clock,
    "settings": _settings,
    "reset": _reset,
}
