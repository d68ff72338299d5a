"""Notion's refusals as errors of `errors.py`: the situation, and a sentence for people. Pure.

Sentences are logged and shown, so they repeat neither page text nor anything that may quote it:
what Notion says about a write reaches people without its quotations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from notionfs.api.calls import Call
from notionfs.errors import (
    CursorExpired,
    EditMissed,
    Forbidden,
    Refused,
    RemoteConflict,
    RemoteError,
    RemoteMissing,
    ServerTrouble,
    Throttled,
    Unauthorized,
    UnknownDialect,
    Unreachable,
)
from notionfs.patterns import late

# The workspace-wide limit may ask for more than a minute; more than an hour is a mistake.
MAX_RETRY_AFTER = 3600.0


class Answer(Struct, frozen=True):
    """What came back: *headers* have lower-case names."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Tell whether Notion did what it was asked."""
        return 200 <= self.status < 300


class _Complaint(msgspec.Struct):
    """Notion's error object."""

    object: Literal["error"]
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    additional_data: dict[str, Any] | None = None

    def hint(self, name: str) -> str | None:
        """Return the first text of that name in the additional data."""
        found = (self.additional_data or {}).get(name)
        if isinstance(found, list):
            found = found[0] if found else None
        return found if isinstance(found, str) else None


_DECODER = msgspec.json.Decoder(_Complaint)
_NO_COMPLAINT = _Complaint("error")


def failure(call: Call, answer: Answer) -> RemoteError:
    """Return the error that *answer*, which is not a success, means for *call*."""
    complaint = _complaint(answer)
    if answer.status in {429, 529}:
        return _throttled(call, answer, complaint or _NO_COMPLAINT)
    if complaint is None:
        return not_from_notion(call, answer)
    facts = _facts(answer, complaint)
    if answer.status >= 500:
        return ServerTrouble(
            f"Notion had trouble and could not {call.what} (error {answer.status}).",
            maybe_applied=call.is_write,
            committed_id=complaint.hint("committed_resource_id"),
            **facts,
        )
    kind, sentence = _SITUATIONS.get(answer.status, (Refused, ""))
    if kind is Refused:
        return _refused(call, complaint, facts)
    return kind(sentence.format(what=call.what), **facts)


_SITUATIONS: Mapping[int, tuple[type[RemoteError], str]] = {
    401: (
        Unauthorized,
        "Notion does not accept the token: it is wrong, expired or revoked; "
        "take another one and mount again.",
    ),
    403: (Forbidden, "The token may not {what}; its connection lacks the capability."),
    404: (
        RemoteMissing,
        "Notion could not {what}: it does not exist or is not shared with the connection.",
    ),
    409: (
        RemoteConflict,
        "Notion could not {what} because of another change at the same moment.",
    ),
}


def not_from_notion(call: Call, answer: Answer) -> Unreachable:
    """Return the error for an answer that a proxy, portal or edge server gave instead of Notion.

    A refusal means that the request was not passed on; anything else may have come too late.
    """
    if 300 <= answer.status < 400:
        reason = "the answer was a redirect, which is not followed"
    else:
        reason = f"the answer (status {answer.status}) did not come from Notion"
    return Unreachable(
        f"Notion could not be reached to {call.what}: {reason}.",
        status=answer.status,
        request_id=_request_id(answer),
        maybe_applied=call.is_write and not 300 <= answer.status < 500,
    )


def _complaint(answer: Answer) -> _Complaint | None:
    try:
        return _DECODER.decode(answer.content)
    except msgspec.DecodeError:
        return None


def _request_id(answer: Answer) -> str | None:
    return answer.headers.get("x-notion-request-id")


def _facts(answer: Answer, complaint: _Complaint) -> dict[str, Any]:
    return {
        "status": answer.status,
        "code": complaint.code,
        "request_id": complaint.request_id or _request_id(answer),
    }


# --- too fast -------------------------------------------------------------------------------------


def _throttled(call: Call, answer: Answer, complaint: _Complaint) -> RemoteError:
    facts = _facts(answer, complaint)
    if complaint.hint("rate_limit_reason") == "public_api_request_blocked":
        return Forbidden(f"Notion has blocked this connection and would not {call.what}.", **facts)
    texts = (answer.headers.get("retry-after"), complaint.hint("retry_after"))
    seconds = next((wait for text in texts if (wait := _seconds(text)) is not None), 0.0)
    state = "is overloaded" if answer.status == 529 else "asks for fewer requests"
    return Throttled(f"Notion {state} and did not {call.what}.", retry_after=seconds, **facts)


def _seconds(text: str | None) -> float | None:
    """Read a Retry-After: seconds, or the date that some edge servers send."""
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text.strip()):
        return min(float(text), MAX_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(wait, 0.0), MAX_RETRY_AFTER)


# --- not like this --------------------------------------------------------------------------------


def _refused(call: Call, complaint: _Complaint, facts: dict[str, Any]) -> Refused:
    message = complaint.message or ""
    if "start_cursor" in message:
        return CursorExpired(
            f"Notion lost its place and could not {call.what}; the listing must start again.",
            **facts,
        )
    if "markdown_version" in message:
        return UnknownDialect(
            f"This server cannot {call.what}: it does not know Notion-flavored Markdown v2.",
            **facts,
        )
    if call.operation == "patch_markdown":
        return _refused_text(call, message, facts)
    reason = _without_page_text(call, message) or complaint.code or "no reason given"
    return Refused(f"Notion refused to {call.what}: {reason}.", **facts)


_WOULD_DELETE = late(r"delet", re.IGNORECASE)
_MISSED = late(
    r"old_str|no match|(not|n't) (be )?(found|find|match)|multiple|more than one|ambiguous|occurs",
    re.IGNORECASE,
)


def _refused_text(call: Call, message: str, facts: dict[str, Any]) -> Refused:
    """Return what a refusal of a text edit means; its message may quote the page, so none of it."""
    if _WOULD_DELETE.search(message):
        return Refused(
            f"Notion refused to {call.what}: child pages or databases would be deleted.", **facts
        )
    if _MISSED.search(message):
        return EditMissed(
            f"Notion could not {call.what}: the text to replace is not there exactly once.", **facts
        )
    code = facts["code"] or "no code"
    return Refused(f"Notion refused to {call.what}: it cannot take this text ({code}).", **facts)


_QUOTED = late(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_OPEN_QUOTE = late(r"(instead was|[`\"“]).*$")
_URL = late(r"\w+://\S+")
_MAX_REASON = 300


def _without_page_text(call: Call, message: str) -> str:
    """Return Notion's own words in one printable line; for a write, without what they quote."""
    text = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    if call.is_write:
        for line in sorted(set(call.text.splitlines()), key=len, reverse=True):
            if len(line.strip()) > 3:
                text = text.replace(line.strip(), "…")
        text = _URL.sub("…", _OPEN_QUOTE.sub("…", _QUOTED.sub("…", text)))
    return text[:_MAX_REASON].rstrip(". ")
