"""Inline additions to CommonMark as rules for markdown-it: equations, tags, emoji."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from notionfs.simulator.dialects.tags import CLOSE_TAG, OPEN_TAG, STYLE_TAGS, attributes_of


def inline_equation(state: StateInline, silent: bool) -> bool:
    """`$…$` without spaces at its edges and no digit behind it, or with a code span inside."""
    if state.src[state.pos] != "$" or state.pending.endswith("$"):
        return False  # `$$` in a line is text
    content, end = _equation_at(state.src, state.pos, state.posMax)
    if not content:
        return False
    if not silent:
        token = state.push("equation_inline", "", 0)
        token.content = content
    state.pos = end
    return True


_PLAIN_EQUATION = re.compile(r"\$(?![\s$`])((?:[^$\\]|\\.)+)(?<!\s)\$(?!\d)", re.DOTALL)
_FENCE = re.compile(r"`+")


def _equation_at(source: str, start: int, end: int) -> tuple[str, int]:
    """Return the expression that begins at *start* and where it ends; empty if it is none."""
    plain = _PLAIN_EQUATION.match(source, start, end)
    if plain is not None:
        return plain[1], plain.end()
    fence = _FENCE.match(source, start + 1, end)
    if fence is None:
        return "", start
    for run in _FENCE.finditer(source, fence.end(), end):
        if run[0] == fence[0] and source.startswith("$", run.end(), end):
            return _unpadded(source[fence.end() : run.start()]), run.end() + 1
    return "", start


def _unpadded(content: str) -> str:
    if content[:1] == " " and content[-1:] == " " and content.strip(" "):
        return content[1:-1]
    return content


_LEAF_TAGS = frozenset(("mention", "date", "br"))


def inline_tag(state: StateInline, silent: bool) -> bool:
    """A style tag, a mention, a date or a line break. Any other tag is text."""
    start = state.pos
    if state.src[start] != "<":
        return False
    closing = CLOSE_TAG.match(state.src, start, state.posMax)
    if closing is not None and closing[1].lower() in STYLE_TAGS:
        if not silent:
            token = state.push("style_close", "", 0)
            token.meta = {"name": closing[1].lower(), "source": closing[0]}
        state.pos = closing.end()
        return True
    opening = OPEN_TAG.match(state.src, start, state.posMax)
    name = opening[1].lower() if opening else ""
    if opening is not None and name in STYLE_TAGS and not opening[3]:
        if not silent:
            token = state.push("style_open", "", 0)
            token.meta = {
                "name": name,
                "source": opening[0],
                "attributes": attributes_of(opening[2]),
            }
        state.pos = opening.end()
        return True
    if opening is not None and name in _LEAF_TAGS:
        return _leaf_tag(state, silent, name, opening)
    return False


def _leaf_tag(state: StateInline, silent: bool, name: str, opening: re.Match[str]) -> bool:
    end, label = opening.end(), ""
    if not opening[3] and name != "br":
        closing = state.src.find(f"</{name}>", end, state.posMax)
        if closing < 0:
            return False
        label, end = state.src[end:closing], closing + len(name) + 3
    if not silent:
        token = state.push(f"{name}_tag", "", 0)
        token.meta = {"attributes": attributes_of(opening[2]), "label": label}
    state.pos = end
    return True


_SHORTCODE = re.compile(r":([\w+-]+):")


def emoji(state: StateInline, silent: bool) -> bool:
    """`:name:` of an emoji that the workspace has."""
    if state.src[state.pos] != ":":
        return False
    found = _SHORTCODE.match(state.src, state.pos, state.posMax)
    known = state.env.get("emoji")
    facts = known(found[1]) if found and known else None
    if found is None or facts is None:
        return False
    if not silent:
        token = state.push("custom_emoji", "", 0)
        token.meta = dict(facts)
    state.pos = found.end()
    return True
