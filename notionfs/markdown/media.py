"""Files that Notion hosts, as they stand in a page file: by a path beside it.

    ![Plan](https://prod-files-secure.s3…/plan.png)      ![Plan](wiki/.assets/3f2a77c1-plan.png)
    <pdf source="https://prod-files-secure.s3…">…</pdf>  <pdf source="wiki/.assets/…">…</pdf>

Only the places where Notion itself puts a file are looked at, and never code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from notionfs.markdown.bodies import is_hosted_url, may_have_hosted_file
from notionfs.markdown.fences import numbered_lines_outside_code, pieces_by_code
from notionfs.markdown.inline import show_path
from notionfs.model import JSON, References
from notionfs.patterns import late

MEDIA_TAGS = ("image", "file", "pdf", "audio", "video")

_MEDIA = late(
    r"(?P<code>`+).*?(?<!`)(?P=code)(?!`)"
    r"|(?P<image>!\[(?:\\.|[^\[\]\\\n])*\]\()(?P<target>[^()\s<>]+|<[^<>\n]+>)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
    rf'|(?P<tag><(?:{"|".join(MEDIA_TAGS)})\b[^<>\n]*?\bsource=")(?P<source>[^"<>\n]*)"',
    re.DOTALL,
)
_WEB = late(r"[A-Za-z][\w+.-]*:|//|/|#")


def show_media(text: str, refs: References) -> str:
    """Return v2 *text* with the files that Notion hosts named by their paths."""
    if not may_have_hosted_file(text):
        return text
    return _replace(text, lambda url: _shown(url, refs))


def restore_media(text: str, refs: References) -> str:
    """Return shown *text* with the files that paths name as v2 has them."""
    if "![" not in text and "source=" not in text:
        return text
    restored = _replace(text, lambda target: _restored(target, refs))
    return restored if restored == text else _IMAGE_LINE.sub(_as_its_kind, restored)


_IMAGE_LINE = late(r"^([ \t>]*)!\[((?:\\.|[^\[\]\\\n])*)\]\(([^()\s<>]+)\)$", re.MULTILINE)


def _as_its_kind(found: re.Match[str]) -> str:
    """Return an image that is a document or film as the block that shows such a thing."""
    space, caption, url = found.groups()
    is_ours = url.startswith(_PLACEHOLDER) or is_hosted_url(url)
    kind = kind_of(url) if is_ours else "image"
    return found[0] if kind == "image" else f'{space}<{kind} source="{url}">{caption}</{kind}>'


_KINDS: Mapping[str, tuple[str, ...]] = {
    "pdf": ("pdf",),
    "video": ("mp4", "mov", "webm", "mkv", "avi", "m4v"),
    "audio": ("mp3", "m4a", "wav", "ogg", "oga", "flac", "aac"),
    "file": ("zip", "gz", "txt", "csv", "json", "doc", "docx", "xls", "xlsx", "ppt", "pptx"),
}
_KIND_OF: Mapping[str, str] = {end: kind for kind, ends in _KINDS.items() for end in ends}


def kind_of(url: str) -> str:
    """Return the block that shows a file, by the end of its name."""
    return _KIND_OF.get(urlsplit(url).path.rpartition(".")[2].lower(), "image")


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
        piece if is_code else _MEDIA.sub(replaced, piece) for piece, is_code in pieces_by_code(text)
    )


# --- files that are not in Notion yet -------------------------------------------------------------

_PLACEHOLDER = "https://notionfs.invalid/"
_PLACEHOLDERS = late(re.escape(_PLACEHOLDER) + r"(\d+)-([0-9a-f]{32})(?:\.[a-z0-9]+)?")


class Waiting(Struct, frozen=True):
    """A file that a text refers to and that is on its way: which one, and which bytes of it."""

    url: str
    ino: int
    digest: str


def placeholder(ino: int, digest: str, name: str) -> str:
    """Return the address that stands for a local file until Notion has it."""
    suffix = name.rpartition(".")[2].lower()
    dotted = f".{suffix}" if "." in name and suffix.isascii() and suffix.isalnum() else ""
    return f"{_PLACEHOLDER}{ino}-{digest[:32]}{dotted}"


def waiting_in(text: str) -> list[Waiting]:
    """Return the files in *text* that are on their way, each once."""
    if _PLACEHOLDER not in text:
        return []
    found = _PLACEHOLDERS.finditer(text)
    return list(dict.fromkeys(Waiting(f[0], int(f[1]), f[2]) for f in found))


def misplaced(text: str) -> bool:
    """Tell whether a file on its way stands where no block can show it: inside a line."""
    if _PLACEHOLDER not in text:
        return False
    if _PLACEHOLDER not in text:
        return False
    lines = (line for line in text.split("\n") if _PLACEHOLDERS.search(line))
    return not all(_is_alone(line) for line in lines)


def crowded_lines(shown: str) -> list[int]:
    """Return the lines of a *shown* text, from 0, in which a picture or file has neighbours."""
    return [
        number
        for number, line in numbered_lines_outside_code(shown)
        if ("![" in line or "source=" in line) and _has_media(line) and not _is_alone(line)
    ]


def _has_media(line: str) -> bool:
    return any(found["code"] is None for found in _MEDIA.finditer(line))


def _is_alone(line: str) -> bool:
    bare = line.lstrip(" \t>").rstrip()
    return (_ALONE.fullmatch(bare) or _MEDIA.fullmatch(bare)) is not None


_ALONE = late(
    r"!\[(?:\\.|[^\[\]\\\n])*\]\([^()\s<>]+\)"
    rf"|<({'|'.join(MEDIA_TAGS)})\b[^<>\n]*(?:/>|>.*</\1>)"
)

# --- which file an address means ------------------------------------------------------------------

_UUID = late(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


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
