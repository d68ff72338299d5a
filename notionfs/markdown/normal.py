"""A text without what formatters change and nobody reads."""

from __future__ import annotations

from notionfs.markdown.scanning import closes_fence, nested_fence
from notionfs.patterns import late

_BLANK_LINES = late(r"\n[ \t>]*\n[ \t>]*(?:\n|\Z)")


def normal_text(text: str) -> str:
    """Return *text* without what formatters change: spaces at line ends, numbers of blank lines.

    Inside a code fence every character counts.
    """
    if "\n" not in text:
        return text.rstrip(" \t")
    if not _is_untidy(text):
        return text
    result: list[str] = []
    fence: str | None = None
    for line in text.strip("\n").split("\n"):
        if fence is not None:
            result.append(line)
            if closes_fence(line.lstrip(" \t>"), fence):
                fence = None
            continue
        bare = line.rstrip(" \t")
        if bare.strip(" \t>") or not (result and not result[-1].strip(" \t>")):
            result.append(bare)
        opening = nested_fence(line)
        fence = opening[1] if opening else None
    return "\n".join(result).strip("\n")


def _is_untidy(text: str) -> bool:
    """Tell quickly whether a text of several lines may have what formatters change."""
    return (
        " \n" in text
        or "\t\n" in text
        or text[-1] in "\n \t"
        or not text[: text.index("\n")].strip(" \t>")
        or _BLANK_LINES.search(text) is not None
    )
