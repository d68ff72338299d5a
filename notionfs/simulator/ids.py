"""Identifiers: new ones that look like the real ones, and reading those that clients send.

Real ids of one workspace made on one day share their first eight digits and more. Ours do too,
because that is what breaks programs which shorten ids.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from functools import lru_cache
from urllib.parse import quote, unquote

UUID_PATTERN = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
DAY_ZERO = 19_723  # 2024-01-01 as days since the epoch
PROPERTY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:;<=>?@[]^_`{|}~"


class IdMaker:
    """Makes new ids. Two makers with the same seed and counter make the same ids."""

    def __init__(self, seed: str = "acme", counter: int = 0) -> None:
        self.seed = seed
        self.counter = counter

    def _digest(self) -> str:
        self.counter += 1
        text = f"{self.seed}:{self.counter}".encode()
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def record(self, now: float) -> str:
        """Return the id of a new page or block: its head tells the day and the workspace."""
        digest = self._digest()
        days = int(now // 86_400) - DAY_ZERO
        head = f"{days & 0xFFF:03x}9ce7b-60a4-81{digest[:2]}"
        return f"{head}-{'89ab'[int(digest[2], 16) % 4]}{digest[3:6]}-{digest[6:18]}"

    def free(self) -> str:
        """Return an id without any structure (databases, users, files)."""
        return str(uuid.UUID(self._digest(), version=4))

    def property(self) -> str:
        """Return a short property id, URL-encoded as the service shows it."""
        number = int(self._digest()[:12], 16)
        letters = []
        for _ in range(4):
            number, rest = divmod(number, len(PROPERTY_ALPHABET))
            letters.append(PROPERTY_ALPHABET[rest])
        return quote("".join(letters), safe="~_")


@lru_cache(maxsize=65536)
def dashed(text: str) -> str | None:
    """Return *text* as a dashed lower-case id, or None if it is none."""
    if not UUID_PATTERN.fullmatch(text):
        return None
    digits = text.replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_in_url(text: str) -> str | None:
    """Return the id that a page URL ends with, or *text* itself is."""
    tail = re.split(r"[?#]", text, maxsplit=1)[0].rstrip("/")
    matches = re.findall(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", tail)
    return dashed(matches[-1]) if matches else None


def stable(*parts: str) -> str:
    """Return an id that depends only on *parts*.

    Seeds use it, so that a demo looks the same each time.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "notionfs-demo:" + "/".join(parts)))


def same_property_id(left: str, right: str) -> bool:
    """Say whether two property ids are one, however often they were URL-encoded."""
    return left == right or unquote(unquote(left)) == unquote(unquote(right))
