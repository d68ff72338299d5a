"""Files that Notion hosts, as they stand in a page file: by a path beside it.

    ![Plan](https://prod-files-secure.s3…/plan.png)      ![Plan](wiki/.assets/3f2a77c1-plan.png)
    <pdf source="https://prod-files-secure.s3…">…</pdf>  <pdf source="wiki/.assets/…">…</pdf>

Only the places where Notion itself puts a file are looked at, and never code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

from notionfs.markdown.bodies import is_hosted_url
from notionfs.markdown.inline import show_path
from notionfs.markdown.known import FENCE
from notionfs.model import JSON, References

MEDIA_TAGS = ("image", "file", "pdf", "audio", "video")

_MEDIA = re.compile(
    r"(?P<code>`+).*?(?<!`)(?P=code)(?!`)"
    r"|(?P<image>!\[(?:\\.|[^\[\]\\\n])*\]\()(?P<target>[^()\s<>]+|<[^<>\n]+>)\)"
    rf'|(?P<tag><(?:{"|".join(MEDIA_TAGS)})\b[^<>\n]*?\bsource=")(?P<source>[^"<>\n]*)"',
    re.DOTALL,
)
_WEB = re.compile(r"[A-Za-z][\w+.-]*:|//|/|#")


def show_media(text: str, refs: References) -> str:
    """Return v2 *text* with the files that Notion hosts named by their paths."""
    if "://" not in text:
        return text
    return _replace(text, lambda url: _shown(url, refs))


def restore_media(text: str, refs: References) -> str:
    """Return shown *text* with the files that paths name as v2 has them."""
    if "](" not in text and "source=" not in text:
        return text
    return _replace(text, lambda target: _restored(target, refs))


def local_targets(text: str) -> list[str]:
    """Return what the media of a shown *text* refer to, unless that is on the web."""
    found: list[str] = []

    def note(target: str) -> None:
        if not _WEB.match(target):
            found.append(target)

    _replace(text, note)
    return found


def _shown(url: str, refs: References) -> str | None:
    path = refs.asset_path(url) if is_hosted_url(url) else None
    return None if path is None else show_path(path)


def _restored(target: str, refs: References) -> str | None:
    return None if _WEB.match(target) else refs.find_asset(unquote(target))


def _replace(text: str, replacement: Callable[[str], str | None]) -> str:
    """Put *replacement* of each target in its place, unless that is None."""

    def replaced(found: re.Match[str]) -> str:
        if found["code"] is not None:
            return found[0]
        target = found["target"] or found["source"] or ""
        new = replacement(target.strip("<>"))
        if new is None:
            return found[0]
        if found["image"] is not None:
            return f"{found['image']}{new})"
        return f'{found["tag"]}{new}"'

    return "".join(
        piece if is_code else _MEDIA.sub(replaced, piece) for piece, is_code in _pieces(text)
    )


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut *text* into what is fenced code and what is not."""
    if "```" not in text and "~~~" not in text:
        yield text, False
        return
    fence: str | None = None
    for line in text.splitlines(keepends=True):
        if fence is None:
            opening = FENCE.match(line)
            fence = opening[1] if opening else None
            yield line, fence is not None
            continue
        yield line, True
        stripped = line.strip(" \t>\n")
        if len(stripped) >= len(fence) and stripped == fence[0] * len(stripped):
            fence = None


# --- which file an address means ------------------------------------------------------------------

_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


def hosted_name(url: str) -> tuple[str, str]:
    """Return the id of a hosted file (hex digits, perhaps none) and the name it was given."""
    head, _, name = urlsplit(url).path.rstrip("/").rpartition("/")
    ids = _UUID.findall(head)
    return (ids[-1].replace("-", "").lower() if ids else ""), unquote(name)


def hosted_in(value: JSON) -> Iterator[str]:
    """Yield the addresses of hosted files in a decoded JSON value, signatures included."""
    if isinstance(value, str):
        if "://" in value and is_hosted_url(value):
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from hosted_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from hosted_in(item)
