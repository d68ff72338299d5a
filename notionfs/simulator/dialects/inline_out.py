"""Rich text as inline Notion-flavored Markdown, such that `inline_in` reads the same text back.

Styles are nested by how far they reach. Bold, italic and strikethrough use Markdown's marks where
CommonMark's rules leave no doubt about them, and tags elsewhere: inside words, beside spaces,
beside another mark of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace

from notionfs.simulator.dialects.escapes import CELL_BREAK, code_span, link_target, protect_cell
from notionfs.simulator.dialects.names import Names
from notionfs.simulator.dialects.runs_out import Setting, run_markdown
from notionfs.simulator.dialects.tags import open_tag, short_color
from notionfs.simulator.richtext import PLAIN

Style = tuple[str, str]  # ("link", address), ("span", color), ("u", ""), ("b", ""), …
ORDER: Mapping[str, int] = {"link": 0, "span": 1, "u": 2, "b": 3, "i": 4, "s": 5, "bi": 3}
MARKS: Mapping[str, str] = {"b": "**", "i": "*", "bi": "***", "s": "~~"}
FLAG_STYLES = (("underline", "u"), ("bold", "b"), ("italic", "i"), ("strikethrough", "s"))


@dataclass(slots=True)
class Element:
    """A stretch of runs that share a style; its opening and closing text are decided late."""

    style: Style
    opening: str = ""
    closing: str = ""
    marked: bool = False  # Markdown's mark rather than a tag


@dataclass(slots=True)
class Event:
    """One step of the nested text: the text of a run, or the edge of an element."""

    text: str = ""
    element: Element | None = None
    opens: bool = False


def inline_markdown(items: Sequence[Mapping[str, Any]], names: Names) -> str:
    """Return rich text as it stands in a paragraph, without protection of line starts."""
    return _inline(items, Setting(names))


def label_markdown(items: Sequence[Mapping[str, Any]], names: Names) -> str:
    """Return rich text as it stands between the brackets of an image."""
    return _inline(items, Setting(names, bracketed=True))


def cell_markdown(items: Sequence[Mapping[str, Any]], names: Names) -> str:
    """Return rich text as it stands in a cell of a pipe table."""
    return protect_cell(_inline(items, Setting(names, CELL_BREAK)))


def html_cell_markdown(items: Sequence[Mapping[str, Any]], names: Names) -> str:
    """Return rich text as it stands between the tags of a table cell."""
    return _inline(items, Setting(names, CELL_BREAK))


def _inline(items: Sequence[Mapping[str, Any]], setting: Setting) -> str:
    if len(items) == 1 and items[0]["annotations"] == PLAIN and items[0]["href"] is None:
        return run_markdown(items[0], setting, in_link=False)
    events = _nest(items, setting)
    for index, event in enumerate(events):
        if event.element is not None and event.opens:
            _decide(events, index, setting)
    return _join(events)


def _join(events: Sequence[Event]) -> str:
    parts: list[str] = []
    for index, event in enumerate(events):
        element = event.element
        if element is not None:
            parts.append(element.opening if event.opens else element.closing)
        elif index + 1 < len(events):
            parts.append(_beside(event.text, events[index + 1]))
        else:
            parts.append(event.text)
    return "".join(parts)


def _beside(text: str, following: Event) -> str:
    """Return a run's text, made safe against what stands right after it."""
    element = following.element
    if (
        text.endswith("!")
        and element is not None
        and following.opens
        and element.style[0] == "link"
    ):
        return f"{text[:-1]}\\!"  # `![` would begin an image
    if text.endswith("$") and text.startswith("$") and following.text[:1].isdigit():
        return _equation_before_digit(text)
    return text


def _equation_before_digit(text: str) -> str:
    """A price guard of the grammar: `$…$5` is no equation, the longer form always is."""
    return text if text.endswith("`$") else f"${code_span(text[1:-1])}$"


# --- nesting -----------------------------------------------------------------------------------


def _styles(item: Mapping[str, Any]) -> list[Style]:
    annotations = item["annotations"]
    if item["href"] is None and annotations == PLAIN:
        return []
    styles: list[Style] = []
    if item["href"] and item["type"] == "text":
        styles.append(("link", item["href"]))
    elif linked := _linked_mention(item):
        styles.append(("link", linked))
    color = short_color(annotations["color"])
    if color:
        styles.append(("span", color))
    styles.extend((tag, "") for flag, tag in FLAG_STYLES if annotations[flag])
    return styles


def _linked_mention(item: Mapping[str, Any]) -> str | None:
    """A link preview or link mention has no form of its own: it shows as an ordinary link."""
    mention = item.get("mention")
    if mention and mention["type"] in ("link_preview", "link_mention"):
        return item["href"] or None
    return None


def _nest(items: Sequence[Mapping[str, Any]], setting: Setting) -> list[Event]:
    runs = [_styles(item) for item in items]
    events: list[Event] = []
    stack: list[tuple[frozenset[Style], Element]] = []
    for index, item in enumerate(items):
        wanted = set(runs[index])
        if stack:
            keep = next((i for i, (held, _) in enumerate(stack) if not held <= wanted), len(stack))
            while len(stack) > keep:
                events.append(Event(element=stack.pop()[1]))
        if wanted:
            missing = wanted.difference(*(held for held, _ in stack))
            for held, style in _outermost_first(missing, runs, index):
                element = Element(style)
                stack.append((held, element))
                events.append(Event(element=element, opens=True))
        in_link = any(style[0] == "link" for style in wanted)
        events.append(Event(run_markdown(item, setting, in_link=in_link)))
    events.extend(Event(element=element) for _, element in reversed(stack))
    return events


def _outermost_first(
    missing: Iterable[Style], runs: Sequence[Sequence[Style]], index: int
) -> list[tuple[frozenset[Style], Style]]:
    """Return the styles to open, the farthest reaching first; bold and italic as one if equal."""
    reach = {style: _reach(style, runs, index) for style in missing}
    ordered = sorted(reach, key=lambda style: (-reach[style], ORDER[style[0]]))
    result: list[tuple[frozenset[Style], Style]] = []
    for style in ordered:
        if result and style[0] == "i" and result[-1][1][0] == "b":
            bold = result[-1][1]
            if reach[bold] == reach[style]:
                result[-1] = (frozenset((bold, style)), ("bi", ""))
                continue
        result.append((frozenset((style,)), style))
    return result


def _reach(style: Style, runs: Sequence[Sequence[Style]], index: int) -> int:
    end = index
    while end < len(runs) and style in runs[end]:
        end += 1
    return end


# --- marks or tags -----------------------------------------------------------------------------

TAGS: Mapping[str, tuple[str, str]] = {
    "u": ("<u>", "</u>"),
    "b": ("<b>", "</b>"),
    "i": ("<i>", "</i>"),
    "bi": ("<b><i>", "</i></b>"),
    "s": ("<s>", "</s>"),
}


def _decide(events: Sequence[Event], index: int, setting: Setting) -> None:
    """Write the opening and closing text of the element that opens at *index*."""
    element = events[index].element
    assert element is not None
    kind, value = element.style
    if kind == "link":
        element.opening, element.closing = "[", f"]({link_target(value)})"
    elif kind == "span":
        element.opening, element.closing = open_tag("span", {"color": value}), "</span>"
    elif kind in MARKS and _mark_is_safe(events, index):
        element.marked = True
        element.opening = element.closing = MARKS[kind]
    else:
        element.opening, element.closing = TAGS[kind]


def _mark_is_safe(events: Sequence[Event], start: int) -> bool:
    """Say whether CommonMark will read a mark at both edges of the element as we mean it."""
    element = events[start].element
    assert element is not None
    end = next(i for i in range(start + 1, len(events)) if events[i].element is element)
    letter = MARKS[element.style[0]][0]
    if _marked_with(events, start - 1, letter) or _marked_with(events, end + 1, letter):
        return False
    before, after_opening = _last(events, start - 1), _first(events, start + 1)
    before_closing, after = _last(events, end - 1), _first(events, end + 1)
    can_open, opener_closes = _flanks(before, after_opening)
    closer_opens, can_close = _flanks(before_closing, after)
    if not can_open or not can_close:
        return False
    return not (opener_closes or closer_opens) or not _within(events, start, letter)


def _within(events: Sequence[Event], index: int, letter: str) -> bool:
    """Say whether an element around *index* is marked with the same letter."""
    around: list[Element] = []
    for event in events[:index]:
        if event.element is None:
            continue
        if event.opens:
            around.append(event.element)
        else:
            around.remove(event.element)
    return any(element.marked and element.opening[0] == letter for element in around)


def _marked_with(events: Sequence[Event], index: int, letter: str) -> bool:
    if not 0 <= index < len(events):
        return False
    element = events[index].element
    return element is not None and element.marked and element.opening[0] == letter


def _last(events: Sequence[Event], index: int) -> str:
    """Return the letter that ends the event at *index*; what is undecided ends in punctuation."""
    if index < 0:
        return " "
    event = events[index]
    if event.element is None:
        return event.text[-1:] or " "
    text = event.element.opening if event.opens else event.element.closing
    return text[-1:] or ">"


def _first(events: Sequence[Event], index: int) -> str:
    """Return the character that begins the event at *index*; what is undecided begins with one."""
    if index >= len(events):
        return " "
    event = events[index]
    if event.element is None:
        return event.text[:1] or " "
    text = event.element.opening if event.opens else event.element.closing
    return text[:1] or "<"


def _flanks(before: str, after: str) -> tuple[bool, bool]:
    """Return whether a mark between the two characters is left-flanking, and right-flanking."""
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    sign_before, sign_after = _is_sign(before), _is_sign(after)
    left = not space_after and (not sign_after or space_before or sign_before)
    right = not space_before and (not sign_before or space_after or sign_after)
    return left, right


def _is_sign(letter: str) -> bool:
    return isMdAsciiPunct(ord(letter)) or isPunctChar(letter)
