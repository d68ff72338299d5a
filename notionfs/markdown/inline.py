"""Mentions and dates inside a line: as v2 tags, and as people read and write them.

    <mention url="https://app.notion.com/p/39a0…">Plan</mention>   [Plan](../plan.md)
    <mention url="user://6d35…">Ada</mention>                      [@Ada](user://6d35…)
    <date start="2026-01-15" end="2026-01-20" />                   @2026-01-15/2026-01-20
    [the plan](https://app.notion.com/p/39a0…)                     [the plan](../plan.md)

The last is an ordinary link: it stays one as long as its page is linked in no other way.
What people bring from elsewhere is read, too, and never written: `[[Plan]]`, `[Plan][ref]`.
Code, web addresses and every other tag are left alone in both directions.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from notionfs.markdown.definitions import REFERENCE, resolve_reference
from notionfs.markdown.fences import pieces_by_code
from notionfs.markdown.known import Known
from notionfs.markdown.tags import read_attributes
from notionfs.model import PageId, References, UserId, normalize_id
from notionfs.patterns import late

_DAY = r"\d{4}-\d{2}-\d{2}"
_MOMENT = rf"{_DAY}(?:T\d{{2}}:\d{{2}})?"
_SHOWN_DATE = rf"@{_MOMENT}(?:/{_MOMENT})?(?![\w/-]|:\d)"
_TOKENS = late(
    r"(?=[`<\\!\[\]@h])(?:"  # most characters begin none of these
    r"(?P<ticks>`+)"
    r"|(?P<mention><mention [^<>\n]*>[^<\n]*</mention>)"
    r"|(?P<date><date [^<>\n]*/>)"
    r"|(?P<tag></?[a-z][^<>\n]*>)"
    r"|(?P<url>https?://[^\s<>()\[\]]+)"
    rf"|(?P<escaped>\\{_SHOWN_DATE})"
    r"|(?P<escape>\\.)"
    rf"|(?P<imageref>!{REFERENCE})"
    r"|(?P<image>!\[)"
    r"|(?P<wiki>\[\[[^\[\]\n]+\]\])"
    r"|(?P<link>\[(?P<label>(?:\\.|[^\[\]\\`<\n])*)\]\((?P<target>[^()\s<>]*|<[^<>\n]+>)"
    r'(?:[ \t]+"[^"\n]*")?\))'
    rf"|(?P<ref>{REFERENCE})"
    r"|(?P<destination>\]\([^()\s<>]*\))"
    rf"|(?P<shown>(?<![\w/@.]){_SHOWN_DATE})"
    r")"
)
_LEADS_ELSEWHERE = late(r"\]\((?!https?://)")
_CHUNK = late(r"^(?=[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t])|(?<=\n)(?=[ \t>]*\n)", re.MULTILINE)
_LABEL_SPECIAL = late(r"([\\`*_\[\]<>~$&|])")
_ESCAPED_PUNCTUATION = late(r"\\([!-/:-@\[-`{-~])")
_PATH_SPECIAL = late(r"[\x00-\x20()<>%#?:\\\"`|\[\]]")

Replacer = Callable[[re.Match[str]], str | None]
"""Returns what to put there, or None to look into what was found."""


def show_inline(text: str, refs: References, known: Known) -> str:
    """Return v2 *text* with mentions, links to pages and dates as people read them."""
    if "<" not in text and "@" not in text and not known.links:
        return text
    return _replace(
        text,
        {
            "link": lambda found: _show_link(found, refs, known),
            "mention": lambda found: _show_mention(found[0], refs),
            "date": lambda found: _show_date(found[0]),
            # What merely looks like a date must not become one on the way back.
            "shown": lambda found: "\\" + found[0],
        },
    )


def restore_inline(text: str, refs: References, known: Known) -> str:
    """Return shown *text* with mentions and dates as v2 tags."""
    has_none = "@" not in text and "[[" not in text and not known.definitions
    if has_none and ("](" not in text or not _LEADS_ELSEWHERE.search(text)):
        return text
    return _replace(
        text,
        {
            "link": lambda found: _restore_link(found, refs, known),
            "wiki": lambda found: _restore_wiki(found[0], refs, known),
            "ref": lambda found: resolve_reference(found[0], known.definitions),
            "imageref": lambda found: resolve_reference(found[0], known.definitions),
            "shown": lambda found: _restore_date(found[0]),
            "escaped": lambda found: found[0][1:],
        },
    )


# --- walking --------------------------------------------------------------------------------------


def _replace(text: str, replacers: Mapping[str, Replacer]) -> str:
    if text.startswith("$$"):
        return text  # a formula, whatever it looks like
    return "".join(
        piece if is_code else "".join(_replace_chunk(chunk, replacers) for chunk in _chunks(piece))
        for piece, is_code in pieces_by_code(text)
    )


def _chunks(text: str) -> list[str]:
    return _CHUNK.split(text) if "\n" in text else [text]


def _replace_chunk(text: str, replacers: Mapping[str, Replacer]) -> str:
    closers = _tick_runs(text) if "`" in text else {}
    result: list[str] = []
    done = position = 0
    while (found := _TOKENS.search(text, position)) is not None:
        position = found.end()
        kind = found.lastgroup or ""
        if kind in ("label", "target"):
            kind = "link"
        if kind == "ticks":
            position = _code_end(found, closers)
            continue
        if kind == "image":
            position = _image_end(text, found.end())
            continue
        if kind == "destination":
            continue
        replacer = replacers.get(kind)
        replacement = replacer(found) if replacer is not None else None
        if replacement is not None:
            result += [text[done : found.start()], replacement]
            done = position
        elif kind == "link":
            # The text of a link may hold a date; its target may not.
            position = found.start() + 1
    return "".join(result) + text[done:] if result else text


def _tick_runs(text: str) -> dict[int, list[int]]:
    runs: dict[int, list[int]] = {}
    for run in re.finditer(r"`+", text):
        runs.setdefault(len(run[0]), []).append(run.start())
    return runs


def _code_end(found: re.Match[str], closers: Mapping[int, list[int]]) -> int:
    """Return where the code that these backticks open ends, or their own end if it never does."""
    length = len(found[0])
    starts = closers.get(length, [])
    following = bisect_right(starts, found.start())
    return starts[following] + length if following < len(starts) else found.end()


def _image_end(text: str, position: int) -> int:
    found = re.compile(r"[^\[\]\n]*\]\([^()\s<>]*\)").match(text, position)
    return found.end() if found else position


# --- mentions -------------------------------------------------------------------------------------

_MENTION = late(r"<mention ([^<>\n]*)>([^<\n]*)</mention>")


def _show_mention(source: str, refs: References) -> str:
    found = _MENTION.fullmatch(source)
    url = read_attributes(found[1]).get("url", "") if found else ""
    if found is None or not url or not found[2]:
        return source
    label = escape_label(found[2])
    if url.startswith("user://"):
        return f"[@{label}]({url})" if found[1].strip() == f'url="{url}"' else source
    page_id = normalize_id(url) if url.startswith("http") else None
    path = refs.page_path(PageId(page_id)) if page_id else None
    return f"[{label}]({show_path(path)})" if path else source


def _show_link(found: re.Match[str], refs: References, known: Known) -> str | None:
    label, url = found["label"], found["target"]
    page_id = normalize_id(url) if known.links else None
    if page_id is None or known.links.get((page_id, label)) != url:
        return None
    path = refs.page_path(PageId(page_id))
    return f"[{label}]({show_path(path)})" if path else None


def _restore_link(found: re.Match[str], refs: References, known: Known) -> str | None:
    label, target = unescape_label(found["label"]), found["target"].strip("<>")
    if target.startswith("user:"):
        return _restore_user(label.removeprefix("@"), target, refs)
    if not is_page_path(target):
        return None
    if known.links and (url := _link_address(found["label"], target, refs, known)):
        return f"[{found['label']}]({url})"
    if "<" in label:
        return None
    attributes = _mention_attributes(label, target, refs, known)
    return f"<mention {attributes}>{label}</mention>" if attributes else None


def _link_address(label: str, target: str, refs: References, known: Known) -> str | None:
    """Return the address of an ordinary link of the stored body that a link in the file is."""
    candidates = refs.find_pages(read_path(target))
    if len(candidates) == 1:
        page_id = candidates[0]
        others = {url for (linked, _), url in known.links.items() if linked == page_id}
        is_free = page_id not in known.mention_of_page and len(others) == 1
        return known.links.get((page_id, label)) or (others.pop() if is_free else None)
    # The page may have been renamed since the text was shown.
    same = {url for (_, text), url in known.links.items() if text == label}
    return same.pop() if len(same) == 1 and label not in known.mention_of_label else None


def _mention_attributes(label: str, target: str, refs: References, known: Known) -> str | None:
    candidates = refs.find_pages(read_path(target))
    if len(candidates) == 1:
        page_id = candidates[0]
        plain = f'url="https://app.notion.com/p/{page_id.replace("-", "")}"'
        return known.mention_of_page.get(page_id, plain)
    # The page may have been renamed since the text was shown.
    return known.mention_of_label.get(label)


def wiki_target(link: str) -> str:
    """Return what a wiki link `[[Page#heading|label]]` names."""
    return link.strip("![]").partition("|")[0].partition("#")[0].strip()


def _restore_wiki(link: str, refs: References, known: Known) -> str | None:
    target = wiki_target(link)
    if not target or len(refs.find_pages(target)) != 1:
        return None
    label = link.strip("[]").partition("|")[2].strip() or target
    return f"<mention {_mention_attributes(label, target, refs, known)}>{label}</mention>"


def _restore_user(label: str, target: str, refs: References) -> str | None:
    user_id = normalize_id(target)
    if user_id is not None:
        return f'<mention url="user://{target.removeprefix("user:").lstrip("/")}">{label}</mention>'
    candidates = refs.find_users(label)
    if len(candidates) != 1:
        return None
    shown = refs.user_label(UserId(candidates[0])) or label
    return f'<mention url="user://{candidates[0]}">{shown}</mention>'


def is_page_path(target: str) -> bool:
    """Tell whether a link's target names a page of the mount, not a web address or an anchor."""
    path = target.split("#", 1)[0]
    return path.endswith((".md", "/")) and not re.match(r"[A-Za-z][\w+.-]*:|/|#", path)


def show_path(path: str) -> str:
    """Return *path* as the target of a link."""
    return _PATH_SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", path)


def read_path(target: str) -> str:
    """Return the path that a link's target names."""
    return unquote(target.split("#", 1)[0])


def escape_label(label: str) -> str:
    """Return *label* as the text of a link."""
    return _LABEL_SPECIAL.sub(r"\\\1", label)


def unescape_label(label: str) -> str:
    """Return the label that the text of a link stands for."""
    return _ESCAPED_PUNCTUATION.sub(r"\1", label)


# --- dates ----------------------------------------------------------------------------------------

_DATE_ORDER = ("start", "end", "start-time", "end-time")


def _show_date(source: str) -> str:
    found = read_attributes(source)
    if "start" not in found or not set(found) <= set(_DATE_ORDER):
        return source
    start = _join_moment(found["start"], found.get("start-time"))
    end = _join_moment(found.get("end", ""), found.get("end-time"))
    shown = f"@{start}/{end}" if end else f"@{start}"
    return shown if re.fullmatch(_SHOWN_DATE, shown) else source


def _join_moment(day: str, time: str | None) -> str:
    return f"{day}T{time}" if time else day


def _restore_date(shown: str) -> str:
    start, _, end = shown[1:].partition("/")
    first_day, _, first_time = start.partition("T")
    last_day, _, last_time = end.partition("T")
    values = zip(_DATE_ORDER, (first_day, last_day, first_time, last_time), strict=True)
    attributes = " ".join(f'{name}="{value}"' for name, value in values if value)
    return f"<date {attributes} />"
