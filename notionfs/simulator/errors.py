"""Every way the simulated Notion says no.

Handlers raise `ApiError`; the door turns it into Notion's error object. Messages follow the style
of the real service, because clients show them to people and a few even parse them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer that is an error object: status, code, message and optional extra facts."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        additional_data: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.additional_data = dict(additional_data) if additional_data else None
        self.retry_after = retry_after

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the error object of this error."""
        answer: dict[str, Any] = {
            "object": "error",
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }
        if self.additional_data:
            answer["additional_data"] = self.additional_data
        answer["request_id"] = request_id
        return answer


class ConnectionDropped(ConnectionError):
    """The connection broke before an answer was complete.

    It leaves the ASGI application as an exception. A real server closes the socket then; a client
    that talks to the application directly (`httpx.ASGITransport`) must turn it into its own
    transport error.
    """


CODE_BY_STATUS: Mapping[int, str] = {
    400: "validation_error",
    401: "unauthorized",
    403: "restricted_resource",
    404: "object_not_found",
    409: "conflict_error",
    429: "rate_limited",
    500: "internal_server_error",
    502: "bad_gateway",
    503: "service_unavailable",
    504: "gateway_timeout",
    529: "service_overload",
}

MESSAGE_BY_STATUS: Mapping[int, str] = {
    400: "body failed validation.",
    401: "API token is invalid.",
    403: "Insufficient permissions for this endpoint.",
    404: "Could not find the object.",
    409: "Conflict occurred while saving. Please try again.",
    429: "You have been rate limited. Please try again in a few minutes.",
    500: "Unexpected error occurred.",
    502: "Bad gateway.",
    503: "Public API service is temporarily unavailable, please try again later.",
    504: "Gateway timed out.",
    529: "The service is overloaded, please try again later.",
}


def invalid(message: str, **additional_data: Any) -> ApiError:
    """Return a `validation_error` that says *message*."""
    return ApiError(400, "validation_error", message, additional_data=additional_data)


def body_invalid(
    where: str, expected: str, value: Any = None, *, missing: bool = False
) -> ApiError:
    """Return the complaint about one place of a request body."""
    if missing:
        expected = "defined"
    seen = "undefined" if missing else shown(value)
    return invalid(f"body failed validation: {where} should be {expected}, instead was `{seen}`.")


def shown(value: Any) -> str:
    """Return *value* the way the service quotes it."""
    if isinstance(value, str):
        return f'"{value[:80]}"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": ...' for key in list(value)[:3]) + "}"
    if isinstance(value, list):
        return f"[...{len(value)} items]"
    return str(value)


def status_error(status: int) -> ApiError:
    """Return the generic error of *status*."""
    code = CODE_BY_STATUS.get(status, "internal_server_error")
    return ApiError(status, code, MESSAGE_BY_STATUS.get(status, "Unexpected error occurred."))
