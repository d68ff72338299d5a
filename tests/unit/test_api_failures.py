"""Refusals as situations: the class says what to do, the sentence never repeats page text."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.api import calls
from notionfs.api.failures import MAX_RETRY_AFTER, Answer, failure
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
from notionfs.model import WORKSPACE, PageId

PAGE_ID = PageId("39a0bc1e-edcd-8142-936b-cca8ae692cc4")
READ = calls.fetch_page(PAGE_ID)
EDIT = calls.edit_body(PAGE_ID, [("old secret line", "new secret line")])
CHANGE = calls.update_page(PAGE_ID, {"Status": {"status": {"name": "secret"}}}, None)
CREATE = calls.create_page(WORKSPACE, {}, "# Secret plan\n\nsecret paragraph\n")


def answer(
    status: int,
    code: str = "validation_error",
    message: str = "No.",
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> Answer:
    complaint = {
        "object": "error",
        "status": status,
        "code": code,
        "message": message,
        "request_id": "r-1",
        **extra,
    }
    return Answer(status, headers or {}, json.dumps(complaint).encode())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, RemoteMissing),
        (409, RemoteConflict),
        (413, Refused),
        (418, Refused),
        (429, Throttled),
        (500, ServerTrouble),
        (502, ServerTrouble),
        (503, ServerTrouble),
        (504, ServerTrouble),
        (529, Throttled),
        (599, ServerTrouble),
    ],
)
@pytest.mark.parametrize("call", [READ, EDIT, CREATE])
def test_every_status_is_a_situation(
    status: int, kind: type[RemoteError], call: calls.Call
) -> None:
    """The class follows from the status; number, code and request id are kept for the log."""
    error = failure(call, answer(status, "some_code"))
    assert type(error) is kind
    assert (error.status, error.code, error.request_id) == (status, "some_code", "r-1")
    assert str(error).endswith(".")
    assert "\n" not in str(error)


@pytest.mark.parametrize("call", [READ, CHANGE])
def test_only_trouble_leaves_a_write_in_doubt(call: calls.Call) -> None:
    """A refusal or a full window means that nothing happened; a 5xx may come after the fact."""
    for status in (400, 401, 403, 404, 409, 429, 529):
        assert not failure(call, answer(status)).maybe_applied
    for status in (500, 502, 503, 504):
        assert failure(call, answer(status)).maybe_applied is call.is_write


@pytest.mark.parametrize("named", [str(PAGE_ID), [str(PAGE_ID), "other"]])
def test_a_create_that_was_committed_names_its_page(named: object) -> None:
    """503 may say which object exists now, as a string or a list of them."""
    error = failure(
        CREATE, answer(503, additional_data={"committed_resource_id": named, "elapsed_ms": 12})
    )
    assert error.committed_id == PAGE_ID
    assert error.maybe_applied


def test_an_expired_cursor_is_told_apart() -> None:
    """The listing has to start again, which no other refusal asks for."""
    message = "The start_cursor provided is invalid: 1b5e."
    assert type(failure(calls.search("1b5e", None, False), answer(400, message=message))) is (
        CursorExpired
    )


@pytest.mark.parametrize(
    "message",
    [
        "old_str was not found in the page content.",
        "No match for the given text.",
        "Found multiple matches for old_str.",
        'The string "x" is ambiguous.',
        "Could not find the selection.",
        "Content to replace occurs more than one time.",
    ],
)
def test_an_edit_that_finds_no_single_place_is_told_apart(message: str) -> None:
    """The page must be read again and the edit be planned anew."""
    assert type(failure(EDIT, answer(400, message=message))) is EditMissed


def test_an_edit_that_would_delete_pages_is_an_ordinary_refusal() -> None:
    """Reading again would not help; the text must keep the child pages."""
    message = "This would delete child pages not found in new_str; set allow_deleting_content."
    error = failure(EDIT, answer(400, message=message))
    assert type(error) is Refused
    assert "child pages" in str(error)


def test_a_server_without_markdown_v2_is_named() -> None:
    """A situation of its own: the mount goes on with the older Markdown."""
    message = "query failed validation: query.markdown_version should be not present."
    error = failure(calls.fetch_body(PAGE_ID), answer(400, message=message))
    assert type(error) is UnknownDialect
    assert "Markdown v2" in str(error)


# --- how long to wait -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "extra", "seconds"),
    [
        ({"retry-after": "30"}, {}, 30),
        ({"retry-after": " 2.5 "}, {}, 2.5),
        ({"retry-after": "999999"}, {}, MAX_RETRY_AFTER),
        ({"retry-after": "-5"}, {}, 0),
        ({"retry-after": "soon"}, {}, 0),
        ({"retry-after": "nan"}, {}, 0),
        ({}, {}, 0),
        ({}, {"additional_data": {"retry_after": "17"}}, 17),
        ({"retry-after": "soon"}, {"additional_data": {"retry_after": "17"}}, 17),
    ],
)
@pytest.mark.parametrize("status", [429, 529])
def test_the_wait_is_what_notion_asked_for(
    status: int, headers: dict[str, str], extra: dict[str, Any], seconds: float
) -> None:
    """From the header, else from the body; nonsense is no wait at all, the caller has its own."""
    error = failure(READ, answer(status, "rate_limited", headers=headers, **extra))
    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


def test_a_date_is_a_wait_too() -> None:
    """Edge servers may name the moment instead of the seconds."""
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    error = failure(READ, answer(429, headers={"retry-after": moment}))
    assert isinstance(error, Throttled)
    assert 90 < error.retry_after <= 100


def test_a_blocked_connection_is_not_asked_again() -> None:
    """A 429 of that reason is not about pace."""
    data = {"rate_limit_reason": "public_api_request_blocked"}
    assert type(failure(READ, answer(429, additional_data=data))) is Forbidden


# --- not from Notion ------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><title>Sign in to the hotel network</title>"


@pytest.mark.parametrize("content", [HTML, b"", b"{", b"[]", b'{"error":"blocked"}', b"\xff\xfe"])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 500, 502, 520])
def test_an_answer_in_other_words_did_not_come_from_notion(status: int, content: bytes) -> None:
    """A proxy's 404 must not make a page disappear, nor its 401 the token."""
    error = failure(READ, Answer(status, {"x-notion-request-id": "edge"}, content))
    assert type(error) is Unreachable
    assert not error.maybe_applied
    assert error.request_id == "edge"


def test_a_write_that_a_proxy_refused_did_not_happen() -> None:
    """But one whose answer was lost behind a proxy may have."""
    assert not failure(CHANGE, Answer(403, {}, HTML)).maybe_applied
    assert not failure(CHANGE, Answer(302, {"location": "https://elsewhere"}, b"")).maybe_applied
    assert failure(CHANGE, Answer(502, {}, HTML)).maybe_applied


def test_an_overloaded_edge_slows_us_down_like_notion_itself() -> None:
    """A 429 in HTML is still a 429."""
    error = failure(READ, Answer(429, {"retry-after": "5"}, HTML))
    assert isinstance(error, Throttled)
    assert error.retry_after == 5


# --- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        'No match for "old secret line".',
        "body failed validation: body.new_str should be short, instead was `new secret line`.",
        "old_str not found: old secret line",
        "Invalid text: old secret line",
    ],
)
def test_a_refused_edit_quotes_nothing(message: str) -> None:
    """Neither the old text nor the new one gets into the log."""
    assert "secret" not in str(failure(EDIT, answer(400, message=message)))


@pytest.mark.parametrize(
    "message",
    [
        'Status option "secret" does not exist.',
        "Status option 'secret' doesn't exist in `secret`.",
        'body.properties.Status.status.name should be known, instead was `"secret...',
        "Invalid URL for link: https://example.com/secret?x=secret",
    ],
)
def test_a_refused_change_says_why_without_the_value(message: str) -> None:
    """People need the reason; what they wrote they know."""
    text = str(failure(CHANGE, answer(400, message=message)))
    assert "secret" not in text.lower()
    assert any(word in text for word in ("Status option", "body.properties.Status", "Invalid URL"))


def test_a_refused_create_quotes_no_line_of_its_text() -> None:
    """Also where Notion repeats it without quotation marks."""
    text = str(failure(CREATE, answer(400, message="Cannot parse secret paragraph here.")))
    assert "secret" not in text
    assert "Cannot parse" in text


@given(st.text(), st.sampled_from([400, 401, 403, 404, 409, 429, 500]))
def test_any_message_becomes_one_printable_line(message: str, status: int) -> None:
    """Whatever a server says cannot harm a terminal or a log file."""
    text = str(failure(READ, answer(status, message=message)))
    assert text.isprintable()
    assert len(text) < 500
