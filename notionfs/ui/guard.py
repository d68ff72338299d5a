"""Who may ask: whoever knows the address with its token, from a browser that it was opened in.

Other programs on this machine can reach the port, and so can pages of other sites in the user's
browser. So every address holds a secret; the name in `Host` must be ours, or another site could let
its own name point here; and what changes something must come from our own page: the right origin, a
cookie that browsers send to nobody else, and the same secret within the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe

from msgspec import Struct, field

COOKIE = "notionfs_ui"

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # with "no-referrer", forms would not say where they are from
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""With every answer: nothing from elsewhere runs here, and nobody learns the address."""


def _secret() -> str:
    return token_urlsafe(24)


class Guard(Struct):
    """The secrets of one run. *entrance* works once: other users may see it among the arguments
    of the browser's process, and it is then used up.
    """

    port: int
    token: str = field(default_factory=_secret)
    session: str = field(default_factory=_secret)
    entrance: str | None = field(default_factory=_secret)

    @property
    def base(self) -> str:
        """The path below which everything is."""
        return f"/{self.token}/"

    @property
    def url(self) -> str:
        """The address for people."""
        return f"http://127.0.0.1:{self.port}{self.base}"

    @property
    def entrance_url(self) -> str:
        """The address for a browser that is opened now."""
        return f"http://127.0.0.1:{self.port}/{self.entrance}"

    @property
    def cookie(self) -> str:
        """The header that gives a browser its cookie."""
        return f"{COOKIE}={self.session}; Path={self.base}; HttpOnly; SameSite=Strict"

    def knows_host(self, host: str) -> bool:
        """Tell whether a request was meant for us by name."""
        return host in (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def enters(self, path: str) -> bool:
        """Tell whether *path* is the entrance, and close it."""
        if self.entrance is None or not _same(path, f"/{self.entrance}"):
            return False
        self.entrance = None
        return True

    def inside(self, path: str) -> str | None:
        """Return *path* below our secret one, or None if it does not begin with that."""
        head, rest = path[: len(self.base)], path[len(self.base) :]
        return rest if _same(head, self.base) else None

    def is_ours(self, headers: Mapping[str, str], form: Mapping[str, str]) -> bool:
        """Tell whether a form was sent by our own page, in the browser that has our cookie."""
        origin = headers.get("origin", "")
        return (
            origin == f"http://{headers.get('host', '')}"
            and headers.get("sec-fetch-site", "same-origin") == "same-origin"
            and _same(_cookie(headers.get("cookie", "")), self.session)
            and _same(form.get("session", ""), self.session)
        )


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if morsel is None else morsel.value


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
