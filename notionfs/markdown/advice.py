"""What a saved text holds that Notion cannot: said once, as a warning; it never stops a save.

Sentences name a line and a construct and never quote the text, so that they may be logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from msgspec.structs import replace

from notionfs.markdown.cutting import cut_body
from notionfs.markdown.definitions import collect_definitions, definitions_of
from notionfs.markdown.fences import code_languages, numbered_lines_outside_code
from notionfs.markdown.gaps import PASSING, RULES, Line
from notionfs.markdown.inline import unescape_label
from notionfs.markdown.known import collect_known
from notionfs.markdown.translate import Translator
from notionfs.model import References
from notionfs.patterns import late

MOST = 20
"""How many sentences are said about one text."""

FEW = 3
"""How many lines are named about which the same is said."""

_CODE = late(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\.")
_PIPE = late(r"(?<!\\)(?:\\\\)*\|")
_ADDRESS = late(r"(\]:\s*)(?:<[^<>\n]*>|\S+)")
_INDENTED = ("    ", "\t")
_SUSPECT = late(r"[<\[]|#{5}|\$\$|%%|```|~~~|^\s*\||:-|-:")
"""What every rule needs to find anything: most blocks need not be looked at."""


def find_advice(
    body: str, refs: References, *, first_line: int = 1, base: str = ""
) -> tuple[str, ...]:
    """Return a sentence for each thing in the shown *body* that Notion keeps differently.

    *first_line* is the number of the body's first line in its file, *base* what Notion has.
    """
    found: dict[str, list[int]] = {}
    known = collect_known(base)
    links = frozenset((page_id, _CODE.sub("", label)) for page_id, label in known.links)
    mentioned = frozenset(unescape_label(label) for label in known.mention_of_label)
    stored = _stored(base, body, Translator(refs, known))
    for number, read in _lines(body, refs, stored):
        line = replace(read, links=links, mentioned=mentioned) if links or mentioned else read
        for text in (text for rule in RULES for text in rule(line)):
            at = found.setdefault(text, [])
            if at[-1:] != [number + first_line]:
                at.append(number + first_line)
        if len(found) >= MOST:
            break
    said = [(line, n, text) for text, at in found.items() for line, n in _named(at)]
    said.sort(key=lambda one: one[0])
    sentences = [f"Line {line}{_and_more(n)}: {text}" for line, n, text in said]
    if len(sentences) > MOST or len(found) >= MOST:
        sentences[MOST - 1 :] = ["There is more like this below."]
    return tuple(sentences)


def renew_advice(
    said: Sequence[str], body: str, refs: References, *, first_line: int = 1, base: str = ""
) -> tuple[str, ...]:
    """Return what of *said* still holds, now that pages and pictures may have come."""
    lasting = [text for text in said if _kind(text) not in PASSING]
    if len(lasting) == len(said):
        return tuple(said)
    now = find_advice(body, refs, first_line=first_line, base=base)
    return (*lasting, *(text for text in now if _kind(text) in PASSING))


def _kind(sentence: str) -> str:
    return sentence.partition(": ")[2]


def _named(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first few of the lines about which the same is to be said, and how many follow."""
    for place, line in enumerate(lines[:FEW], start=1):
        yield line, len(lines) - FEW if place == FEW else 0


def _and_more(lines: int) -> str:
    return f" and {lines} more" if lines > 0 else ""


def _stored(base: str, body: str, translator: Translator) -> Set[str]:
    """Return the blocks of *base*, which Notion has as they are, also as a file shows them."""
    stored = {piece.text: piece for piece in cut_body(base).pieces}
    looking_different = stored.keys() - {piece.text for piece in cut_body(body).pieces}
    return stored.keys() | set(translator.show_pieces(stored[text] for text in looking_different))


def _lines(body: str, refs: References, stored: Set[str]) -> Iterator[tuple[int, Line]]:
    """Yield the lines of blocks that are not *stored*, unless code encloses them; with numbers."""
    used = collect_definitions(body)
    start = done = 0
    cut = cut_body(body)
    for place, piece in enumerate(cut.pieces):
        text = piece.text
        if text in stored or not _SUSPECT.search(text) or text.startswith(_INDENTED):
            continue
        begin = cut.start(place) + piece.source.index(text)
        start += body.count("\n", done, begin)
        done = begin
        defined = definitions_of(text)
        if defined and all(label in used for label, _ in defined):
            text = _ADDRESS.sub(r"\1", text)  # sent with the links, whatever it looks like
        is_table = text.lstrip().startswith("|")
        width = _count_cells(text.partition("\n")[0])
        for number, line in numbered_lines_outside_code(text):
            if line.strip():
                shown = _CODE.sub("", line)
                wide = is_table and _count_cells(line) > width
                yield (
                    start + number,
                    Line(shown, "\n" not in text, is_table, refs, is_too_wide=wide),
                )
        for number, language in code_languages(text):
            yield start + number, Line("", False, False, refs, language)


def _count_cells(row: str) -> int:
    return len(_PIPE.findall(row.strip().removeprefix("|").removesuffix("|"))) + 1
