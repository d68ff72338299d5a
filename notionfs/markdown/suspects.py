"""Which texts look in a file as they do in Notion: tests that are quick and sure, one way."""

from __future__ import annotations

from notionfs.patterns import late

_EMPTY_PARAGRAPHS = frozenset(("<p />", "<p/>", "<p></p>"))
_NEVER_IN_A_FILE = late("[\0\r\ud800-\udfff]")
_LEADS_ELSEWHERE = late(r"\]\((?!https?://)")


def is_hidden(block: str) -> bool:
    """Tell whether *block* is an empty paragraph, which files do not show."""
    return block.startswith("<p") and block.strip() in _EMPTY_PARAGRAPHS


def is_suspect(block: str) -> bool:
    """Tell whether *block* may look different in a file, or be taken for something else.

    Whoever asks sees to its links.
    """
    return (
        "<" in block
        or "@" in block
        or "[!" in block
        or "![" in block
        or "[[" in block
        or block.startswith(">")
        or (block.startswith("$$") and block[2:3] not in ("", "\n"))
    )


def leads_elsewhere(block: str) -> bool:
    """Tell whether *block* may have a link to something else than the web."""
    return "](" in block and _LEADS_ELSEWHERE.search(block) is not None


def storable(text: str) -> str:
    """Return *text* without the few characters that a text file cannot hold."""
    return _NEVER_IN_A_FILE.sub("\ufffd", text) if _NEVER_IN_A_FILE.search(text) else text
