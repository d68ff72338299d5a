"""Answers about texts that wait for a person, and about earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.errors import READ_ONLY_MOUNT, InvalidArgument, ReadOnly
from notionfs.naming import REMOTE_SUFFIX, stem_of
from notionfs.planning.states import PENDING, DocState
from notionfs.service.rooms import Rooms
from notionfs.sync.deciding import Subject
from notionfs.sync.status import iso

Answer = Mapping[str, Any]

_ANSWER_SECONDS = 20.0


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `conflicts`, `diff`, `resolve`, `retry`, `discard`, `history` and `undo`."""
    deciding = rooms.engine.deciding

    async def conflicts(_arguments: Mapping[str, Any]) -> Answer:
        found = rooms.engine.store.docs.list_in(DocState.CONFLICT)
        return {"conflicts": [_conflict(rooms, doc.doc_id, doc.reason) for doc in found]}

    async def diff(arguments: Mapping[str, Any]) -> Answer:
        return _both_sides(rooms, _subject(rooms, arguments))

    async def resolve(arguments: Mapping[str, Any]) -> Answer:
        subject, how = _changeable(rooms, arguments), arguments.get("how")
        if how == "theirs":
            await deciding.take_theirs(subject)
            return {"state": "discarded"}
        if how not in ("mine", "merged"):
            raise InvalidArgument("A conflict is resolved with mine, theirs or merged.")
        deciding.keep_mine(subject, as_it_is=how == "merged")
        return await _sent(rooms, subject)

    async def retry(arguments: Mapping[str, Any]) -> Answer:
        subject = _changeable(rooms, arguments)
        deciding.retry(subject)
        return await _sent(rooms, subject)

    async def discard(arguments: Mapping[str, Any]) -> Answer:
        await deciding.discard(_changeable(rooms, arguments))
        return {"state": "discarded"}

    async def history(arguments: Mapping[str, Any]) -> Answer:
        subject, number = _subject(rooms, arguments), arguments.get("number")
        if number is not None:
            return {"text": deciding.load_past(subject, int(number)).decode("utf-8", "replace")}
        past = enumerate(deciding.list_past(subject), 1)
        return {
            "texts": [
                {"number": n, "replaced": iso(p.at_ns), "by": p.why, "size": p.size}
                for n, p in past
            ]
        }

    async def undo(arguments: Mapping[str, Any]) -> Answer:
        subject = _changeable(rooms, arguments)
        deciding.undo(subject, int(arguments.get("number") or 1))
        return await _sent(rooms, subject)

    return {
        "conflicts": conflicts,
        "diff": diff,
        "resolve": resolve,
        "retry": retry,
        "discard": discard,
        "history": history,
        "undo": undo,
    }


def _subject(rooms: Rooms, arguments: Mapping[str, Any]) -> Subject:
    path = str(arguments.get("path") or "")
    return Subject(rooms.document_at(path), path)


def _changeable(rooms: Rooms, arguments: Mapping[str, Any]) -> Subject:
    """Return the subject of a command that changes something."""
    if rooms.engine.context.settings.read_only:
        raise ReadOnly(READ_ONLY_MOUNT)
    return _subject(rooms, arguments)


def _conflict(rooms: Rooms, doc_id: int, reason: str | None) -> Answer:
    path = rooms.status.path_of(doc_id)
    return {"path": path, "remote": stem_of(path) + REMOTE_SUFFIX, "reason": reason}


async def _sent(rooms: Rooms, subject: Subject) -> Answer:
    """Wait for Notion's answer while it can be reached; raises its refusal."""
    if rooms.engine.context.client.reach.down_since is None:
        await rooms.engine.uploader.settled(subject.doc_id, _ANSWER_SECONDS)
    waits = rooms.engine.store.outbox.list_changes(subject.doc_id)
    return {"state": "queued" if waits else "sent", "reason": waits[0].reason if waits else None}


def _both_sides(rooms: Rooms, subject: Subject) -> Answer:
    """Return Notion's text and the file's; None for each that there is none of."""
    store = rooms.engine.store
    doc = store.docs.load(subject.doc_id)
    text = store.docs.load_text(doc.doc_id)
    if doc.state not in PENDING or text is None:
        return {"state": doc.state.value, "notion": None, "file": None}
    theirs = rooms.engine.renditions.theirs(doc)
    return {
        "state": doc.state.value,
        "notion": None if theirs is None else theirs.decode(),
        "file": text.decode("utf-8", "replace"),
        "is_bare": rooms.engine.renditions.is_bare(text),
    }
