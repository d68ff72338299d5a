"""Public connections: the authorization page, codes, access tokens and refresh tokens.

The page has nobody to ask, so it agrees at once. Tokens end when a test says so; a refresh token
can be used once, and its successor comes with the next access token.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from notionfs.simulator.errors import ApiError


@dataclass(slots=True)
class OAuth:
    """Who may ask for tokens, and what was given out. *tokens* is the door's list of them."""

    tokens: dict[str, frozenset[str] | None]
    clients: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refreshers: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def authorize(self, query: Mapping[str, list[str]]) -> str:
        """Return where the browser is sent with a fresh code; raises a 400."""
        given = {name: values[-1] for name, values in query.items()}
        target = given.get("redirect_uri", "")
        if given.get("client_id") not in self.clients or not urlsplit(target).scheme:
            raise ApiError(400, "validation_error", "Missing or invalid client_id or redirect_uri.")
        if given.get("response_type") != "code" or given.get("owner") != "user":
            raise ApiError(400, "validation_error", "response_type must be code, owner user.")
        code = f"code-{next(self._numbers)}"
        self.codes[code] = target
        answer = {"code": code, "state": given.get("state", "")}
        return f"{target}?{urlencode(answer)}"

    def token(self, header: str, body: Any, bot_id: str | None, name: str) -> dict[str, Any]:
        """Return the answer of `POST /v1/oauth/token`; raises 400 and 401."""
        self._check_client(header)
        if not isinstance(body, dict):
            raise ApiError(400, "validation_error", "body failed validation.")
        kind = body.get("grant_type")
        if kind == "authorization_code":
            is_good = self.codes.pop(str(body.get("code")), None) == body.get("redirect_uri")
        elif kind == "refresh_token":
            old = self.refreshers.pop(str(body.get("refresh_token")), None)
            is_good = old is not None
            self.tokens.pop(old or "", None)
        else:
            raise ApiError(400, "unsupported_grant_type", "Unsupported grant type.")
        if not is_good:
            raise ApiError(400, "invalid_grant", "Invalid code or refresh token.")
        return self._granted(bot_id, name)

    def _check_client(self, header: str) -> None:
        kind, _, rest = header.partition(" ")
        try:
            client, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = secret = ""
        if kind.lower() != "basic" or not client or self.clients.get(client) != secret:
            raise ApiError(401, "invalid_client", "Client authentication failed.")

    def _granted(self, bot_id: str | None, name: str) -> dict[str, Any]:
        number = next(self._numbers)
        access, refresher = f"ntn_access{number}", f"nrt_refresh{number}"
        self.tokens[access] = None
        self.refreshers[refresher] = access
        return {
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresher,
            "bot_id": bot_id,
            "workspace_name": name,
            "workspace_icon": None,
            "owner": {"type": "user"},
            "duplicated_template_id": None,
        }
