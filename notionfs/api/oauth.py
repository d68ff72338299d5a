"""Tokens of public connections: the two questions that `POST /v1/oauth/token` answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from notionfs.api import failures
from notionfs.api.calls import Call
from notionfs.api.wire import Wire
from notionfs.config import DEFAULT_BASE_URL
from notionfs.errors import BadAnswer, Unauthorized
from notionfs.model import JSON, Secret

_PATIENCE = 30.0


class GrantShape(msgspec.Struct):
    """What a grant consists of, on the wire."""

    access_token: str
    refresh_token: str | None = None
    workspace_name: str | None = None


class Grant(Struct, frozen=True):
    """A token, and the one that will buy the next."""

    token: Secret
    refresh_token: Secret | None
    workspace: str


class PublicConnection:
    """A public connection of Notion's: who asks people for access, and proves it by a secret."""

    def __init__(
        self,
        client_id: str,
        client_secret: Secret | str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        transport: object | None = None,
    ) -> None:
        self._client_id = client_id
        self._secret = client_secret
        self._base_url = base_url
        self._transport = transport

    def page(self, redirect_uri: str, state: str) -> str:
        """Return the address where a person decides what the connection may see."""
        query = urlencode(
            {
                "client_id": self._client_id,
                "response_type": "code",
                "owner": "user",
                "redirect_uri": redirect_uri,
                "state": state,
            }
        )
        return f"{self._base_url}/v1/oauth/authorize?{query}"

    async def redeem(self, code: str, redirect_uri: str) -> Grant:
        """Return the tokens for a *code* that the person's browser brought.

        Raises Unauthorized when Notion knows neither us nor the code.
        """
        return await self._ask(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        )

    async def renew(self, refresh_token: Secret | str) -> Grant:
        """Return new tokens; the old ones end with this. Raises Unauthorized if it is too late."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": str(refresh_token)})

    async def _ask(self, body: Mapping[str, JSON]) -> Grant:
        call = Call("oauth_token", "POST", "/v1/oauth/token", "get a token", body=body)
        pair = base64.b64encode(f"{self._client_id}:{self._secret}".encode()).decode()
        wire = Wire(
            pair,
            scheme="Basic",
            base_url=self._base_url,
            transport=self._transport,
            timeout=_PATIENCE,
        )
        try:
            answer = await wire.send(call)
        finally:
            await wire.aclose()
        if answer.status in (400, 401):
            raise Unauthorized(
                "Notion gives this public connection no token: its id or secret is wrong, or the "
                "access was taken back; log in again.",
                status=answer.status,
            )
        if not answer.is_success:
            raise failures.failure(call, answer)
        try:
            grant = msgspec.json.decode(answer.content, type=GrantShape)
        except msgspec.DecodeError as exc:
            raise BadAnswer("Notion's answer to a request for a token was not understood.") from exc
        refresh = None if grant.refresh_token is None else Secret(grant.refresh_token)
        return Grant(Secret(grant.access_token), refresh, grant.workspace_name or "")
