"""Bodies of a server that knows only the older Markdown (v1): shown and edited line by line.

There one line is one block, children are indented by tabs, and blank lines mean nothing. Nothing is
shown in another form, so nothing can be misread; code and formulas are one block each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from notionfs.errors import UnplannableEdit
from notionfs.markdown.aligning import Region, changed_regions
from notionfs.markdown.hunks import BodyPlan
from notionfs.markdown.restore import refuse_changes
from notionfs.markdown.scanning import closes_fence
from notionfs.markdown.stretches import Stretches
from notionfs.markdown.suspects import storable
from notionfs.markdown.unique import Hunk, Widener
from notionfs.model import References
from notionfs.patterns import late

_FENCE = late(r"\t*(`{3,})[^`\n]*$")
_REFERENCE = "<synced_block_reference"


def split_lines(body: str) -> list[str]:
    """Return the lines of *body*, each with the line ends behind it; code is one line."""
    lines = body.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    starts = [offsets[at] for at in _starts(lines)]
    bounds = [0, *starts[1:], len(body)]
    return [body[a:b] for a, b in pairwise(bounds) if a < b]


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines at which blocks begin."""
    end = ""
    for at, line in enumerate(lines):
        bare = line.lstrip("\t")
        if end:
            is_end = bare.strip() == "$$" if end == "$$" else closes_fence(bare, end)
            end = "" if is_end else end
        elif line.strip():
            yield at
            fence = _FENCE.match(line)
            end = fence[1] if fence else "$$" * (bare.strip() == "$$")


def join_lines(blocks: Iterable[str]) -> str:
    """Return a body of *blocks*, each on lines of its own."""
    return "\n".join(text for block in blocks if (text := block.strip("\n")))


def same_lines(one: str, other: str) -> bool:
    """Tell whether two bodies are equal but for blank lines and spaces at line ends."""
    return one == other or _keys(one) == _keys(other)


def _keys(body: str) -> list[str]:
    return [block.rstrip() for block in split_lines(body)]


def show_lines(body: str, refs: References) -> str:
    """Return *body* as it is."""
    return storable(body)


def restore_lines(shown: str, base: str, refs: References, first_line: int = 1) -> str:
    """Return the body that an edited one stands for: itself, without blank lines.

    Raises InvalidPageFile if a part was edited or removed that only Notion can change.
    """
    if same_lines(shown, base):
        return base
    restored = join_lines(split_lines(shown))
    refuse_changes(_untouchable(base), _untouchable(restored), shown, first_line)
    return restored


def _untouchable(body: str) -> Counter[str]:
    """Return what only Notion can change: unknown blocks, and copies of synced blocks."""
    found: Counter[str] = Counter()
    copied: list[str] = []
    for block in split_lines(body):
        text = block.strip()
        if copied or text.startswith(_REFERENCE):
            copied.append(text)
            if text.endswith(("</synced_block_reference>", "/>")) or len(copied) > 10_000:
                found["\n".join(copied)] += 1
                copied = []
        elif text.startswith("<unknown"):
            found[text] += 1
    return found


def plan_lines(base: str, new: str) -> BodyPlan:
    """Return how to make the body *base* read as *new*; see `hunks.plan_body`."""
    if same_lines(base, new):
        return BodyPlan()
    if not base.strip():
        return BodyPlan(replace=new.strip("\n"))
    before = [block.rstrip("\n") for block in split_lines(base)]
    after = [block.rstrip("\n") for block in split_lines(new)]
    keys = [[text.rstrip() for text in texts] for texts in (before, after)]
    regions = list(changed_regions(*keys))
    if len(regions) == 1 and regions[0][0] == regions[0][1] == len(before):
        return BodyPlan(append=join_lines(after[regions[0][2] :]))
    starts = _positions(base)
    hunks = [_hunk(region, before, after, starts) for region in regions]
    return BodyPlan(edits=Widener(base, Stretches(base)).edits(hunks))


def plan_apart(base: str, new: str) -> tuple[BodyPlan, str]:
    """Every line here can be part of an old text, so an addition is never what is in the way."""
    raise UnplannableEdit("A changed part cannot be told from others like it.")


def _positions(base: str) -> list[int]:
    starts = []
    position = 0
    for block in split_lines(base):
        starts.append(position)
        position += len(block)
    return starts


def _hunk(
    region: Region, before: Sequence[str], after: Sequence[str], starts: Sequence[int]
) -> Hunk:
    i1, i2, j1, j2 = region
    text = "\n".join(after[j1:j2])
    ends = [start + len(line) for start, line in zip(starts, before, strict=True)]
    if i1 < i2 and j1 < j2:
        return Hunk(starts[i1], ends[i2 - 1], text)
    if i1 == i2:
        return Hunk(ends[i1 - 1], ends[i1 - 1], f"\n{text}") if i1 else Hunk(0, 0, f"{text}\n")
    if i2 < len(before):
        return Hunk(starts[i1], starts[i2], "")
    return Hunk(ends[i1 - 1] if i1 else 0, ends[-1], "")
