"""Deciding a conflict: both texts side by side, choices, the merged text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from notionfs.ui.differences import Choice, Part, compare, fingerprint, pair, pieces
from notionfs.ui.frame import Page, hidden, notice
from notionfs.ui.html import Child, Markup, name_of, tag
from notionfs.words import amount

_AROUND = 3  # equal lines that are shown next to a difference

_WAYS = (
    ("mine", "Keep mine", "Your lines stand where both changed; what only Notion changed stays."),
    ("theirs", "Take Notion’s", "Your text is replaced and kept in the history."),
    (
        "merge",
        "Merge",
        "Choose for each difference below, then look at the result before it is sent.",
    ),
)

_WORDS = {Choice.MINE: "mine", Choice.THEIRS: "Notion’s", Choice.BOTH: "both, Notion’s first"}


class Sides(Struct, frozen=True):
    """What a person has to decide about."""

    path: str
    reason: str
    theirs: str
    mine: str

    @property
    def seen(self) -> str:
        """A word for exactly these two texts."""
        return fingerprint(self.theirs, self.mine)

    @property
    def parts(self) -> list[Part]:
        """Both texts next to each other."""
        return compare(self.theirs, self.mine)


def conflict_list(entries: Sequence[Markup]) -> Page:
    """Return the page that leads to each conflict."""
    if not entries:
        content: Child = tag("p", "There is no conflict.")
    else:
        content = [
            tag(
                "p", f"{amount(len(entries), 'page')} changed here and in Notion at the same place."
            ),
            tag("ul", (tag("li", entry) for entry in entries)),
        ]
    listed = tag("div", content, id_="list", data_live=True)
    return Page("Conflicts", "conflicts", [tag("h1", "Conflicts"), listed], live=True)


def decision(sides: Sides, session: str, warning: str | None = None) -> Page:
    """Return the page on which *sides* are compared and decided."""
    ways = (
        tag(
            "div",
            tag("button", words, name="how", value=how, class_="first" if how == "mine" else None),
            tag("p", meaning, class_="quiet"),
        )
        for how, words, meaning in _WAYS
    )
    form = tag(
        "form",
        _hidden(sides, session),
        tag("div", ways, class_="choices"),
        tag("div", _comparison(sides.parts), class_="scroll"),
        method="post",
        action="resolve",
    )
    content = [
        tag("h1", name_of(sides.path)),
        notice(warning) if warning else None,
        tag("p", sides.reason, ". " if sides.reason[-1:] not in ".!?" else " "),
        tag("p", "Nothing is sent for this page until you decide.", class_="quiet"),
        form,
    ]
    return Page(f"Conflict: {sides.path}", "conflicts", content)


def review(sides: Sides, text: str, session: str, warning: str | None = None) -> Page:
    """Return the page on which a merged *text* is read, changed and sent."""
    form = tag(
        "form",
        _hidden(sides, session),
        tag("p", tag("label", "The text that will be saved and sent", for_="text")),
        # The first line end within a textarea does not count.
        tag("textarea", "\n" + text, id_="text", name="text", spellcheck="false"),
        tag("p", tag("button", "Save and send", class_="first")),
        method="post",
        action="merge",
    )
    back = tag("p", tag("a", "Back to the comparison", href="conflicts"))
    content = [
        tag("h1", "Merge ", name_of(sides.path)),
        notice(warning, kind="error") if warning else None,
        form,
        back,
    ]
    return Page(f"Merge: {sides.path}", "conflicts", content)


def outcome(path: str, sentence: str) -> Page:
    """Return the page that says what became of a decision."""
    content = [
        tag("h1", name_of(path)),
        notice(sentence, kind="done"),
        tag("p", tag("a", "All conflicts", href="conflicts")),
    ]
    return Page(f"Decided: {path}", "conflicts", content)


def _hidden(sides: Sides, session: str) -> list[Markup]:
    return hidden(session=session, path=sides.path, seen=sides.seen)


# --- the comparison -------------------------------------------------------------------------------


def _comparison(parts: Sequence[Part]) -> Markup:
    heads = tag(
        "tr",
        tag("th", "Notion", scope="col", colspan=2),
        tag("th", "Your file", scope="col", colspan=2),
    )
    widths = tag("colgroup", *(_column(name) for name in ("sign", "text", "sign", "text")))
    return tag(
        "table",
        tag("caption", "Notion’s text and yours, line by line", class_="hidden"),
        widths,
        tag("thead", heads),
        tag("tbody", (_rows(part, n, len(parts)) for n, part in enumerate(parts))),
        class_="diff",
    )


def _column(name: str) -> Markup:
    return tag("col", class_=f"column-{name}")


def _rows(part: Part, place: int, count: int) -> Iterator[Markup]:
    if part.number is None:
        yield from _equal_rows(part, is_first=place == 0, is_last=place == count - 1)
        return
    yield _choice_row(part.number)
    for theirs, mine in pair(part):
        yield tag("tr", _cells(theirs, mine, "−", "theirs"), _cells(mine, theirs, "+", "mine"))


def _equal_rows(part: Part, *, is_first: bool, is_last: bool) -> Iterator[Markup]:
    """Yield equal lines; of many, only those next to a difference."""
    lines = list(zip(part.theirs, part.mine, strict=True))
    head = 0 if is_first else _AROUND
    tail = 0 if is_last else _AROUND
    if len(lines) <= head + tail + 1:
        yield from (_equal_row(*both) for both in lines)
        return
    yield from (_equal_row(*both) for both in lines[:head])
    skipped = f"{amount(len(lines) - head - tail, 'equal line')} not shown"
    yield tag("tr", tag("td", skipped, colspan=4), class_="skipped")
    yield from (_equal_row(*both) for both in lines[len(lines) - tail :])


def _equal_row(theirs: str, mine: str) -> Markup:
    sign = tag("td", class_="sign")
    return tag("tr", sign, tag("td", name_of(theirs)), sign, tag("td", name_of(mine)))


def _choice_row(number: int) -> Markup:
    field = f"choice-{number}"
    options = (
        tag(
            "label",
            tag("input", type="radio", name=field, value=how.value, checked=how is Choice.MINE),
            f" {words}",
        )
        for how, words in _WORDS.items()
    )
    legend = tag("legend", f"Difference {number + 1}: in a merge, take")
    return tag("tr", tag("td", tag("fieldset", legend, options), colspan=4), class_="choice")


def _cells(line: str | None, other: str | None, sign: str, side: str) -> list[Markup]:
    """Return the sign and the line; a colour is never the only mark of a difference."""
    if line is None:
        return [tag("td", class_="sign"), tag("td")]
    mark = "del" if side == "theirs" else "ins"
    words = (
        tag(mark, piece.text) if piece.differs and other is not None else piece.text
        for piece in pieces(line, other)
    )
    return [tag("td", sign, class_=f"sign {side}"), tag("td", tag("bdi", words), class_=side)]
