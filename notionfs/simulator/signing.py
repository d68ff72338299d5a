"""Addresses of hosted files: signed, different at every read, and worthless after an hour."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

HOSTED = "https://prod-files-secure.s3.us-west-2.amazonaws.com"
SERVED = "/_files"  # what stands before the path of a file that a server on loopback hosts


@dataclass(slots=True)
class Signer:
    """Signs addresses below *base*. Stored addresses stand below `HOSTED` and carry no query."""

    base: str = HOSTED
    secret: bytes = b"simulated"
    lifetime: int = 3600
    rotate: bool = True
    count: int = 0

    def sign(self, stored: str, now: float) -> str:
        """Return *stored* with a signature that holds for an hour from *now*."""
        if self.rotate:
            self.count += 1
        path = urlsplit(stored).path
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        facts = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={stamp}&X-Amz-Expires={self.lifetime}"
            f"&X-Amz-Security-Token={self.count:08d}&X-Amz-SignedHeaders=host"
        )
        return f"{self.base}{path}?{facts}&X-Amz-Signature={self._mac(path, facts)}"

    def _mac(self, path: str, facts: str) -> str:
        return hmac.new(self.secret, f"{path}?{facts}".encode(), hashlib.sha256).hexdigest()

    def accepts(self, path: str, query: str, now: float) -> bool:
        """Say whether an address is one we signed and still good."""
        facts, mark, signature = query.rpartition("&X-Amz-Signature=")
        if not mark or not hmac.compare_digest(signature, self._mac(path, facts)):
            return False
        signed = parse_qs(facts)["X-Amz-Date"][0]
        moment = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return now < moment.timestamp() + self.lifetime

    def stored_form(self, url: str) -> str | None:
        """Return the stored address behind a signed one, or None if the file is not hosted here."""
        address = url.partition("?")[0]
        for base in (self.base, HOSTED):
            if address.startswith(f"{base}/"):
                return f"{HOSTED}{address.removeprefix(base)}"
        return None


def stored_address(workspace_id: str, file_id: str, filename: str) -> str:
    """Return the address under which a hosted file is kept."""
    return f"{HOSTED}/{workspace_id}/{file_id}/{quote(filename, safe='')}"


def file_id_of(path: str) -> str | None:
    """Return the file id in the path of a hosted address."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) == 3 else None


def hosted_file(stored: str, **extra: Any) -> dict[str, Any]:
    """Return the file object of a hosted file in stored form."""
    return {"type": "file", "file": {"url": stored}, **extra}
