"""Rich text, an array of styled runs, as one string of inline v2 Markdown, and back.

The plainest spelling that reads back as the same runs is chosen: text as it is, then Markdown
marks, then tags with every special character escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from notionfs.markdown.runs import (
    ATTRIBUTE,
    DATE_ATTRIBUTES,
    Run,
    json_from_runs,
    merge_runs,
    runs_from_json,
)
from notionfs.model import JSON, normalize_id
from notionfs.patterns import late

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_ESCAPES = str.maketrans({c: "\\" + c for c in r"\`*_{}[]<>~$&!|^"})
_MARKS: Mapping[str, tuple[str, str, str]] = {
    # annotation: the Markdown mark, the opening and the closing tag
    "bold": ("**", "<b>", "</b>"),
    "italic": ("*", "<i>", "</i>"),
    "strikethrough": ("~~", "<s>", "</s>"),
    "underline": ("", "<u>", "</u>"),
}
_TAG_STYLES = {"b": "bold", "i": "italic", "s": "strikethrough", "u": "underline"}
_TOKEN_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_TAG = late(r"<(/?)([a-z]+)((?:\s+[a-z-]+=\"[^\"]*\")*)\s*(/?)>")


# --- runs to Markdown -----------------------------------------------------------------------------


_PLAIN = Run("").style
_INERT = late(r"[^\\`*_~\[<&$]*")
"""No inline rule begins with any of these: no need to parse them to see that they come back."""


def render_rich_text(rich_text: Iterable[JSON]) -> str:
    """Return *rich_text* as inline Markdown; `parse_rich_text` gives the same runs back."""
    runs = runs_from_json(rich_text)
    if len(runs) == 1 and runs[0].style == _PLAIN:
        return _spell_only(runs[0])
    for spell in (_spell_plain, _spell_marks, _spell_tags):
        text = spell(runs)
        if text is not None and parse_runs(text) == runs:
            return text
    # Only a line break inside code gets here: Markdown makes it a space.
    return _spell_tags(runs)


def _spell_only(run: Run) -> str:
    """Spell a run that has no style and no neighbours; escaped, it always reads back."""
    if _INERT.fullmatch(run.text) or parse_runs(run.text) == [run]:
        return run.text
    return _spell_text(run)


def _spell_plain(runs: Sequence[Run]) -> str | None:
    if all(run.style == _PLAIN for run in runs):
        return "".join(run.text for run in runs)
    return None


def _spell_marks(runs: Sequence[Run]) -> str:
    return "".join(_spell(run, tags=False) for run in runs)


def _spell_tags(runs: Sequence[Run]) -> str:
    return "".join(_spell(run, tags=True) for run in runs)


def _spell(run: Run, *, tags: bool) -> str:
    text = _BODIES.get(run.kind, _spell_text)(run)
    if run.link is not None:
        text = f"[{text}]({_destination(run.link)})"
    for style, (mark, opening, closing) in _MARKS.items():
        if style in run.styles:
            text = f"{opening}{text}{closing}" if tags or not mark else f"{mark}{text}{mark}"
    if run.color != "default":
        color = run.color.removesuffix("_background")
        suffix = "_bg" if run.color != color else ""
        text = f'<span color="{color}{suffix}">{text}</span>'
    return text


def _spell_text(run: Run) -> str:
    return run.text.translate(_ESCAPES)


def _spell_code(run: Run) -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`+", run.text)), default=0)
    fence = "`" * (longest + 1)
    padded = run.text[:1] in " `" or run.text[-1:] in " `"
    return (
        f"{fence} {run.text} {fence}"
        if padded and run.text.strip(" ")
        else fence + run.text + fence
    )


def _spell_equation(run: Run) -> str:
    return f"${run.text}$"


def _spell_mention(run: Run) -> str:
    mention = run.mention or ""
    if "://" not in mention:
        return f"<date {mention} />"
    scheme, _, target = mention.partition("://")
    kind = ' type="database"' if scheme == "database" else ""
    if scheme in ("page", "database"):
        mention = f"https://app.notion.com/p/{target.replace('-', '')}"
    return f'<mention url="{mention}"{kind}>{run.text}</mention>'


_BODIES: Mapping[str, Callable[[Run], str]] = {
    "code": _spell_code,
    "equation": _spell_equation,
    "mention": _spell_mention,
}


def _destination(url: str) -> str:
    if re.search(r"[\s()<>\\]", url):
        return "<" + re.sub(r"([\\<>])", r"\\\1", url).replace("\n", "%0A") + ">"
    return url


# --- Markdown to runs -----------------------------------------------------------------------------


def parse_rich_text(text: str) -> list[JSON]:
    """Return inline Markdown as the rich text that Notion accepts."""
    return json_from_runs(parse_runs(text))


def parse_runs(text: str) -> list[Run]:
    """Return the runs of *text*."""
    tokens: list[Token] = []
    parser = _parser()
    parser.inline.parse(text, parser, {}, tokens)
    return merge_runs(_RunBuilder().build(tokens))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # only a save pays for this import

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 40})
    parser.enable("strikethrough")
    # Line breaks and the spaces around them are text here, and an image is no inline thing.
    parser.disable(["newline", "image"])
    parser.inline.ruler.before("escape", "equation", _equation_rule)
    parser.inline.ruler.before("html_inline", "mention", _mention_rule)
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


_EQUATION = late(r"\$(?!\s)((?:\\.|[^$\\])+?)(?<!\s)\$(?!\d)", re.DOTALL)


def _equation_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    found = _EQUATION.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("equation", "", 0).content = found[1]
    state.pos = found.end()
    return True


# A label is literal text, as in Notion's own dialect.
_MENTION = late(
    r'<mention url="([^"]+)"( type="database")?>([^<]*(?:<(?!/mention>)[^<]*)*)</mention>'
)


def _mention_rule(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("<mention ", state.pos):
        return False
    found = _MENTION.match(state.src, state.pos, state.posMax)
    target = _mention_target(found[1], bool(found[2])) if found else None
    if found is None or target is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = found[3]
        token.info = target
    state.pos = found.end()
    return True


def _mention_target(url: str, is_database: bool) -> str | None:
    if url.startswith(("user://", "template://", "emoji://")):
        return url
    found = normalize_id(url)
    return f"{'database' if is_database else 'page'}://{found}" if found else None


class _RunBuilder(Struct):
    """Walks inline tokens with the styles that are open."""

    styles: list[str] = field(default_factory=list)
    colors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def build(self, tokens: Iterable[Token]) -> list[Run]:
        """Return the runs of *tokens*."""
        for token in tokens:
            if token.type == "html_inline":
                self._tag(token.content)
            elif token.nesting:
                self._mark(token)
            elif token.type == "mention":
                self.runs.append(self._styled(token.content, "mention", token.info))
            else:
                kind = {"code_inline": "code", "equation": "equation"}.get(token.type, "text")
                self._add(token.content, kind)
        return self.runs

    def _add(self, text: str, kind: str = "text") -> None:
        self.runs.append(self._styled(text, kind))

    def _styled(self, text: str, kind: str, mention: str | None = None) -> Run:
        color = self.colors[-1] if self.colors else "default"
        link = self.links[-1] if self.links and mention is None else None
        return Run(text, kind, frozenset(self.styles), color, link, mention)

    def _mark(self, token: Token) -> None:
        if token.type == "link_open":
            self.links.append(str(token.attrGet("href")))
        elif token.type == "link_close":
            self.links.pop()
        else:
            self._toggle(_TOKEN_STYLES[token.type.rpartition("_")[0]], token.nesting > 0)

    def _toggle(self, style: str, opening: bool) -> None:
        if opening:
            self.styles.append(style)
        elif style in self.styles:
            self.styles.remove(style)

    def _tag(self, source: str) -> None:
        found = _TAG.fullmatch(source)
        if found is None:
            self._add(source)
            return
        closing, name, attributes = bool(found[1]), found[2], dict(ATTRIBUTE.findall(found[3]))
        if name in _TAG_STYLES and not attributes:
            self._toggle(_TAG_STYLES[name], not closing)
        elif name == "span":
            self._span(closing, attributes)
        elif name == "date" and attributes.get("start"):
            mention = " ".join(
                f'{k}="{attributes[k]}"' for k in DATE_ATTRIBUTES if attributes.get(k)
            )
            self.runs.append(self._styled("", "mention", mention))
        elif name == "br":
            self._add("\n")
        else:
            self._add(source)

    def _span(self, closing: bool, attributes: Mapping[str, str]) -> None:
        if closing:
            if self.colors:
                self.colors.pop()
            return
        color = attributes.get("color", "default")
        self.colors.append(
            color.removesuffix("_bg") + "_background" if color.endswith("_bg") else color
        )
