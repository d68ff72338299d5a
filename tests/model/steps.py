"""What can happen, as plain values: a program is a list of them, and so is a named case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from hypothesis import strategies as st

from tests.model.words import Edit


class Way(StrEnum):
    """How a program writes a file."""

    TRUNCATE = "truncate"
    OVER = "over"
    PIECES = "pieces"
    ATOMIC = "atomic"
    BACKUP = "backup"
    REPLACE = "replace"


@dataclass(frozen=True)
class Save:
    """A program reads a page file, edits the text, and writes it."""

    page: int
    edit: Edit = Edit.APPEND
    way: Way = Way.TRUNCATE
    spot: int = 0


@dataclass(frozen=True)
class Append:
    """As a shell's `>>`."""

    page: int


@dataclass(frozen=True)
class Retitle:
    """A program edits the first heading."""

    page: int
    way: Way = Way.TRUNCATE


@dataclass(frozen=True)
class Score:
    """A program changes a property."""

    page: int


@dataclass(frozen=True)
class Take:
    """An editor opens a page file, and keeps the text and the handle."""

    page: int
    client: int


@dataclass(frozen=True)
class Give:
    """The editor writes its edited text through that handle, or anew, and closes."""

    client: int
    edit: Edit = Edit.APPEND
    spot: int = 0
    anew: bool = False


@dataclass(frozen=True)
class New:
    """A new file with one block; one name in three is that of a file that may have been there."""

    folder: int
    name: int
    way: Way = Way.TRUNCATE


@dataclass(frozen=True)
class Folder:
    """`mkdir`."""

    folder: int


@dataclass(frozen=True)
class Move:
    """`mv` to another name, another directory, or both."""

    page: int
    folder: int
    rename: bool = False


@dataclass(frozen=True)
class Over:
    """`mv` of one page file over another."""

    page: int
    target: int


@dataclass(frozen=True)
class Remove:
    """`rm`."""

    page: int


@dataclass(frozen=True)
class Side:
    """A side file beside a page is written."""

    folder: int
    name: int


@dataclass(frozen=True)
class Theirs:
    """Somebody edits a page in Notion."""

    page: int
    edit: Edit = Edit.APPEND
    spot: int = 0


@dataclass(frozen=True)
class TheirTitle:
    """Somebody gives a page another title in Notion."""

    page: int


@dataclass(frozen=True)
class TheirPage:
    """Somebody makes a page in Notion."""

    folder: int


@dataclass(frozen=True)
class Refresh:
    """`notionfs sync`, of one page or of everything; or one poll."""

    what: str = "poll"
    page: int = 0


@dataclass(frozen=True)
class Fails:
    """The next requests of a kind fail in one way."""

    kind: str
    operation: str
    times: int = 1
    skip: int = 0


@dataclass(frozen=True)
class Heals:
    """Notion, or the network, is well again."""


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    seconds: float


@dataclass(frozen=True)
class Restart:
    """The program dies and starts again."""


Step = (
    Save | Append | Retitle | Score | Take | Give | New | Folder | Move | Over | Remove | Side
    | Theirs | TheirTitle | TheirPage | Refresh | Fails | Heals | Wait | Restart
)  # fmt: skip

FAULTS: dict[str, dict[str, object]] = {
    "429": {"status": 429, "retry_after": 3},
    "500": {"status": 500},
    "502": {"status": 502, "html": True},
    "503": {"status": 503},
    "503-applied": {"status": 503, "after_applying": True},
    "504-applied": {"status": 504, "after_applying": True},
    "409": {"status": 409},
    "drop": {"drop": True},
    "drop-applied": {"drop": True, "after_applying": True},
    "truncate": {"truncate": True, "after_applying": True},
    "slow": {"delay": 7.0},
    "silent": {"hang": True},
    "silent-applied": {"hang": True, "after_applying": True},
}
"""The ways in which a request fails, as the simulator wants them."""

WRITES = ("create_page", "update_page", "patch_markdown", "move_page")
OPERATIONS = (*WRITES, "*", "get_markdown", "get_page", "search", "query*")


@dataclass(frozen=True)
class Program:
    """Steps, and whether the mount polls meanwhile."""

    steps: list[Step] = field(default_factory=list)
    polls: bool = False


_page = st.integers(0, 9)
_folder = st.integers(0, 3)
_spot = st.integers(0, 5)
_edit = st.sampled_from(list(Edit)[:-1])
_any_edit = st.one_of(_edit, _edit, st.just(Edit.REWRITE))
_way = st.sampled_from(list(Way))
_client = st.integers(0, 1)

_work = st.one_of(
    st.builds(Save, _page, _any_edit, _way, _spot),
    st.builds(Save, _page, _edit, _way, _spot),
    st.builds(Append, _page),
    st.builds(Retitle, _page, _way),
    st.builds(Score, _page),
    st.builds(Take, _page, _client),
    st.builds(Give, _client, _any_edit, _spot, st.booleans()),
    st.builds(New, _folder, st.integers(0, 5), _way),
    st.builds(Folder, _folder),
    st.builds(Move, _page, _folder, st.booleans()),
    st.builds(Over, _page, _page),
    st.builds(Remove, _page),
    st.builds(Side, _folder, st.integers(0, 2)),
)
_theirs = st.one_of(
    st.builds(Theirs, _page, _any_edit, _spot),
    st.builds(Theirs, _page, _edit, _spot),
    st.builds(TheirTitle, _page),
    st.builds(TheirPage, _folder),
)
_fate = st.one_of(
    st.builds(Fails, st.sampled_from(sorted(FAULTS)), st.sampled_from(WRITES)),
    st.builds(
        Fails,
        st.sampled_from(sorted(FAULTS)),
        st.sampled_from(OPERATIONS),
        st.sampled_from((1, 2, 99)),
        st.integers(0, 2),
    ),
    st.just(Heals()),
    st.just(Restart()),
)
_time = st.one_of(
    st.builds(Wait, st.sampled_from((0.5, 2.5, 2.5, 8.0, 65.0))),
    st.builds(Refresh, st.sampled_from(("poll", "page", "all")), _page),
)


def programs(acts: int) -> st.SearchStrategy[Program]:
    """Programs of up to *acts* times ten steps, half of that usually."""
    step = st.one_of(_work, _work, _theirs, _fate, _time, _time)
    parts = st.tuples(*(st.lists(step, max_size=10) for _ in range(acts)))
    return st.builds(Program, parts.map(lambda found: [*chain(*found)]), st.booleans())
