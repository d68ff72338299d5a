"""Random edits of random pages: which blocks survive, in how many calls, for how many bytes.

A page goes the whole way that a save goes, without the network: blocks, Markdown, file, an edit of
the file, the plan, and the server's own edit of its blocks.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from notionfs.errors import UnplannableEdit
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.bodies import canonical_body, hosted_urls
from notionfs.markdown.hunks import BodyPlan, plan_apart, plan_body
from notionfs.markdown.prettify import prettify_body, restore_body
from notionfs.markdown.suspects import is_hidden
from notionfs.simulator.blocks import Block, new_block, walk
from notionfs.simulator.dialects import parse, render
from notionfs.simulator.edits import EditError, apply_command
from tests.simulator.trees import DATABASES, NAMES, PAGES
from tests.unit.tree_refs import TreeReferences

WORDS = ("alpha", "beta", "gamma", "delta", "plan", "note", "list", "page", "draft", "soon")
REFS = TreeReferences()

HOST = "prod-files-secure.s3.us-west-2.amazonaws.com"
TEXTS: Sequence[str] = (
    "Some {0} about **{1}** and *{2}*.",
    "{0} {1} {2}",
    "Same line.",
    "## {0} {1}",
    "### Notes",
    "- {0}\n- {1} {2}",
    "- [ ] {0}\n- [x] {1}",
    "1. {0}\n1. {1}",
    "- {0}\n  - {1}\n    - {2}",
    "> {0} {1}",
    "---",
    "```python\n{0} = {1}\n\nprint({2})\n```",
    "$$\n{0} + {1}\n$$",
    "| {0} | {1} |\n| --- | --- |\n| {2} | x |",
    '<callout icon="💡" color="gray_bg">{0}\n\n- {1}\n- {2}\n</callout>',
    '<callout icon="🔥" color="red_bg">{0} {1}</callout>',
    "<toggle>{0}\n\n{1}\n\n{2}\n</toggle>",
    '<toggle heading="h2">{0}\n\n{1} {2}\n</toggle>',
    "<columns>\n<column>\n{0}\n</column>\n<column>\n{1}\n\n{2}\n</column>\n</columns>",
    '<p color="blue">{0} {1}</p>',
    "<p />",
    "![{0}](https://" + HOST + "/a/x.png)",
    '<bookmark source="https://example.org/{0}">{1}</bookmark>',
    'On <date start="2026-01-15" /> by '
    '<mention url="user://00000000-0000-4000-8000-0000000000a1">Ada Lovelace</mention>: {0}',
    "<table-of-contents />",
)


@dataclass(slots=True)
class Totals:
    """What came of a number of edit scripts. Sizes are in characters.

    The address of a file that Notion hosts differs on every read, so no replacement can name it.
    *removing* are the scripts that take one away: the page is read and sent as a whole. *cornered*
    are those for which Notion has no single request, see `_is_cornered`; *in_two* of them are an
    edit and an addition.
    """

    scripts: int = 0
    removing: int = 0
    cornered: int = 0
    in_two: int = 0
    one_call: int = 0
    untouched: int = 0
    lost: int = 0
    wrong: int = 0
    sent: int = 0
    changed: int = 0
    page: int = 0
    ratios: list[float] = field(default_factory=list)


def run_scripts(count: int, seed: int = 0) -> Totals:
    """Return what came of *count* scripts."""
    dice = random.Random(seed)
    totals = Totals()
    for _ in range(count):
        _run_script(dice, totals)
    return totals


def _run_script(dice: random.Random, totals: Totals) -> None:
    blocks = _page(dice)
    base = canonical_body(render(blocks, NAMES, version="v2").markdown)
    pieces = [piece.strip("\n") for piece in split_blocks(prettify_body(base, REFS))]
    edited, touched = _edit(dice, pieces)
    wanted = restore_body(join_blocks(edited), base, REFS)
    totals.scripts += 1
    if same_text(wanted, base):
        totals.one_call += 1
        return
    try:
        plan = plan_body(base, wanted)
        after = apply_command(blocks, _command(plan), NAMES, "v2").blocks
    except (UnplannableEdit, EditError):
        _count_hindered(base, wanted, totals)
        return
    totals.one_call += 1
    got = canonical_body(render(_named(dice, after), NAMES, version="v2").markdown)
    totals.wrong += not _says(got, wanted)
    _count_kept(blocks, after, base, touched, totals)
    _count_bytes(plan, pieces, edited, base, totals)


def _count_hindered(base: str, wanted: str, totals: Totals) -> None:
    """Count a script that is no single request, if no single request could be it."""
    if Counter(hosted_urls(base)) - Counter(hosted_urls(wanted)):
        totals.removing += 1
    elif _is_cornered(base, wanted):
        totals.cornered += 1
        with contextlib.suppress(UnplannableEdit):
            plan_apart(base, wanted)
            totals.in_two += 1


def _is_cornered(base: str, wanted: str) -> bool:
    """Tell whether a change lies where no replacement can reach it.

    The addresses of hosted files cut a body into texts. A replacement names a part of one of them,
    which must occur once. So a text that occurs twice, or is one bracket, cannot be changed: most
    often what is behind the last picture of a page. An addition there is a request of its own, and
    a request is either replacements or one addition.
    """
    texts, new_texts = (_between_files(text) for text in (base, wanted))
    return len(texts) == len(new_texts) and any(
        old != new and (base.count(old) > 1 or old == ")")
        for old, new in zip(texts, new_texts, strict=True)
    )


def _between_files(body: str) -> list[str]:
    texts = []
    for address in hosted_urls(body):
        text, _, body = body.partition(address)
        texts.append(text)
    return [*texts, body]


def _page(dice: random.Random) -> list[Block]:
    """Return a page of up to 120 blocks, many of them equal to others."""
    few = [_text(dice) for _ in range(dice.randint(2, 30))]
    texts = [dice.choice(few) if dice.random() < 0.3 else _text(dice) for _ in range(_size(dice))]
    blocks = parse(join_blocks(texts), NAMES, version="v2").blocks
    for page_id, title in list(PAGES.items())[: dice.randint(0, 2)]:
        child = new_block("child_page", {"title": title}, id=page_id)
        blocks.insert(dice.randint(0, len(blocks)), child)
    for database_id in DATABASES if dice.random() < 0.3 else ():
        blocks.insert(dice.randint(0, len(blocks)), new_block("child_database", {}, id=database_id))
    if dice.random() < 0.3:
        blocks.insert(dice.randint(0, len(blocks)), new_block("breadcrumb", {}))
    return _named(dice, blocks)


def _size(dice: random.Random) -> int:
    return dice.choice((3, 10, 30, 100)) + dice.randint(0, 20)


def _text(dice: random.Random) -> str:
    words = [" ".join(dice.choices(WORDS, k=dice.randint(1, 6))) for _ in range(3)]
    return dice.choice(TEXTS).format(*words)


def _named(dice: random.Random, blocks: list[Block]) -> list[Block]:
    for block in walk(blocks):
        if not block.id:
            block.id = f"{dice.getrandbits(128):032x}"
    return blocks


# --- edits ----------------------------------------------------------------------------------------


def _edit(dice: random.Random, pieces: Sequence[str]) -> tuple[list[str], set[int]]:
    """Return the blocks of the file after one to four edits, and which of them were touched."""
    texts: list[tuple[int | None, str]] = list(enumerate(pieces))
    touched: set[int] = set()
    for _ in range(dice.randint(1, 4)):
        if texts:
            dice.choice(EDITS)(dice, texts, touched)
    return [text for _, text in texts], touched


Texts = list[tuple[int | None, str]]


def _change(dice: random.Random, texts: Texts, touched: set[int]) -> None:
    at = dice.randrange(len(texts))
    number, text = texts[at]
    words = [word for word in WORDS if word in text]
    if not words or text.startswith(("[", "<unknown", "!")) or "http" in text:
        return
    texts[at] = (number, text.replace(dice.choice(words), dice.choice(WORDS).upper(), 1))
    _touch(number, touched)


def _insert(dice: random.Random, texts: Texts, touched: set[int]) -> None:
    new = [piece.strip("\n") for piece in split_blocks(prettify_body(_text(dice), REFS))]
    at = dice.randint(0, len(texts))
    texts[at:at] = [(None, piece) for piece in new if piece]


def _delete(dice: random.Random, texts: Texts, touched: set[int]) -> None:
    at = dice.randrange(len(texts))
    if "notion:" in texts[at][1] or texts[at][1].startswith("<unknown"):
        return
    number, _ = texts.pop(at)
    _touch(number, touched)


def _append(dice: random.Random, texts: Texts, touched: set[int]) -> None:
    texts.append((None, f"Appended {dice.choice(WORDS)}."))


def _touch(number: int | None, touched: set[int]) -> None:
    if number is not None:
        touched.add(number)


EDITS: Sequence[Callable[[random.Random, Texts, set[int]], None]] = (
    _change,
    _change,
    _change,
    _insert,
    _delete,
    _append,
)


# --- counting -------------------------------------------------------------------------------------


def _command(plan: BodyPlan) -> dict[str, object]:
    addition = plan.append if plan.replace is None else plan.replace
    if addition is not None:
        content = {"content": addition, "position": {"type": "end"}}
        return {"type": "insert_content", "insert_content": content}
    updates = [{"old_str": old, "new_str": new} for old, new in plan.edits]
    return {"type": "update_content", "update_content": {"content_updates": updates}}


def _says(got: str, wanted: str) -> bool:
    """Tell whether two bodies have the same letters: Notion may spell them in its own way."""
    first, second = (list(filter(str.isalnum, text)) for text in (got, wanted))
    return first == second


def _count_kept(
    before: list[Block], after: list[Block], base: str, touched: set[int], totals: Totals
) -> None:
    """Count the blocks of the file that were not touched, and those whose ids are gone."""
    pieces = [piece.strip("\n") for piece in split_blocks(base)]
    visible = [at for at, piece in enumerate(pieces) if not is_hidden(piece)]
    if len(pieces) != len(before):
        raise AssertionError("a block of ours is not one of Notion's")
    left = {block.id for block in walk(after)}
    expected: Counter[str] = Counter()  # of equal blocks it is all the same which ones are left
    kept: Counter[str] = Counter()
    for number, at in enumerate(visible):
        ids = [block.id for block in walk([before[at]])]
        kept[pieces[at]] += sum(1 for name in ids if name in left)
        expected[pieces[at]] += len(ids) if number not in touched else 0
    totals.untouched += expected.total()
    totals.lost += (expected - kept).total()


def _count_bytes(
    plan: BodyPlan, pieces: Sequence[str], edited: Sequence[str], base: str, totals: Totals
) -> None:
    sent = sum(len(old) + len(new) for old, new in plan.edits)
    sent += len(plan.append or "") + len(plan.replace or "")
    old, new = set(pieces), set(edited)
    changed = sum(len(text) for text in [*(old - new), *(new - old)])
    totals.sent += sent
    totals.changed += changed
    totals.page += len(base)
    if changed:
        totals.ratios.append(sent / changed)
