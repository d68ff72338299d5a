"""What is done here, against what is done in Notion, at three moments: one table of outcomes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.planning.states import DocState
from notionfs.simulator import Simulator
from notionfs.store.dentries import NodeKind
from tests.desk import Desk, open_desk

SUBJECT = "acme/wiki/subject.md"
BODY = "One.\n\nTwo.\n\nThree.\n"

# --- acts -----------------------------------------------------------------------------------------


def _save(old: str, new: str) -> Callable[[Desk, str], object]:
    def act(desk: Desk, text: str) -> object:
        return desk.write(SUBJECT, text.replace(old, new))

    return act


HERE: Mapping[str, Callable[[Desk, str], object]] = {
    "text": _save("Two.", "Two here."),
    "other": _save("One.", "One here."),
    "append": _save("Three.\n", "Three.\n\nFour here.\n"),
    "title": _save("# Subject", "# Subject here"),
    "rename": lambda desk, _: desk.mv(SUBJECT, "acme/wiki/Subject here.md"),
    "move": lambda desk, _: desk.mv(SUBJECT, "acme/wiki/here/subject.md"),
    "remove": lambda desk, _: desk.rm(SUBJECT),
}


def _rewrite(sim: Simulator, page: str) -> None:
    now = next(words for words in ("Two here.", "Two.") if words in sim.markdown(page))
    sim.replace_text(page, now, "Two there.")


THERE: Mapping[str, Callable[[Simulator, str], object]] = {
    "text": _rewrite,
    "append": lambda sim, page: sim.append_markdown(page, "Five there."),
    "title": lambda sim, page: sim.edit_title(page, "Subject there"),
    "move": lambda sim, page: sim.move(page, sim.find("There")),
    "trash": lambda sim, page: sim.trash(page),
    "delete": lambda sim, page: sim.delete_forever(page),
}

# --- outcomes -------------------------------------------------------------------------------------

BOTH = "both are in Notion, and the file shows both"
CONFLICT = "both are kept, here and there, and a person decides"
WAITS = "the text stays here with a reason; nothing of it is in Notion"
OURS = "what was done here is what Notion has"
THEIRS = "what was done there is what the file shows"
TRASHED = "the page is in the trash, with what was done there"
GONE = "there is neither file nor live page"

DURING = ("before", "during")
"""A change in Notion that nobody here saw when the act began, or that came while it was sent."""

TABLE: Mapping[tuple[str, str, str], str] = {
    **{("text", "text", moment): CONFLICT for moment in DURING},
    **{(here, "title", moment): CONFLICT for here in ("title", "rename") for moment in DURING},
    # A place is no text: whoever moves the page last has it.
    **{("move", "move", moment): OURS for moment in DURING},
    **{("text", "text", "after"): THEIRS},
    **{(here, "title", "after"): THEIRS for here in ("title", "rename")},
    **{("move", "move", "after"): THEIRS},
    **{("remove", there, moment): TRASHED for there in THERE for moment in (*DURING, "after")},
    **{
        (here, there, moment): WAITS
        for here in ("text", "other", "append", "title", "rename")
        for there in ("trash", "delete")
        for moment in DURING
    },
    **{("move", there, moment): GONE for there in ("trash", "delete") for moment in DURING},
    **{(here, there, "after"): GONE for here in HERE for there in ("trash", "delete")},
    **{("remove", "delete", moment): GONE for moment in (*DURING, "after")},
    **{("remove", "trash", moment): GONE for moment in (*DURING, "after")},
}
"""By act here, act there, and moment; what is not in it is BOTH."""

CASES = [(here, there, moment) for here in HERE for there in THERE for moment in (*DURING, "after")]


# --- looking --------------------------------------------------------------------------------------


def has_here(desk: Desk, page_id: str, act: str) -> bool:
    """Tell whether Notion has what was done here."""
    if act == "move":
        return desk.sim.page(page_id)["parent"].get("page_id") == desk.sim.find("Here")
    shown = f"# {desk.sim.title(page_id)}\n{desk.sim.markdown(page_id)}"
    marks = {"text": "Two here.", "other": "One here.", "append": "Four here."}
    return marks.get(act, "# Subject here") in shown


def has_there(desk: Desk, page_id: str, act: str) -> bool:
    """Tell whether Notion still has what was done there."""
    if act == "move":
        return desk.sim.page(page_id)["parent"].get("page_id") == desk.sim.find("There")
    shown = f"# {desk.sim.title(page_id)}\n{desk.sim.markdown(page_id)}"
    return {"text": "Two there.", "append": "Five there."}.get(act, "# Subject there") in shown


def is_trashed(desk: Desk, page_id: str) -> bool:
    try:
        return bool(desk.sim.page(page_id)["in_trash"])
    except KeyError:
        return True


def file_of(desk: Desk, page_id: str) -> str | None:
    """Return the path of the page's file, None if it has none."""
    doc = desk.engine.store.docs.find(page_id)  # type: ignore[arg-type]
    if doc is None:
        return None
    ino = desk.engine.store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
    return None if ino is None else desk.engine.store.dentries.path_of(ino)


SHOWN: Mapping[str, str] = {
    "text": "Two {}.",
    "other": "One {}.",
    "append": "{}.\n",
    "title": "# Subject {}",
    "rename": "# Subject {}",
}


async def shows(desk: Desk, path: str, act: str, whose: str) -> bool:
    """Tell whether the file shows an act: in its text, or by its place."""
    if act == "move":
        return path.startswith(f"acme/wiki/{whose}/")
    return SHOWN[act].format(whose) in await desk.read(path)


# --- the test -------------------------------------------------------------------------------------


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    from tests.desk import wall

    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace")
    for title in ("Here", "There"):
        folder = sim.add_page(title, parent=wiki)
        sim.add_page("Inside", parent=folder)
    sim.add_page("Subject", parent=wiki, markdown=BODY)
    async with open_desk(sim, tmp_path, trash_grace=0.0) as desk:
        yield desk


async def perform(desk: Desk, here: str, text: str) -> None:
    done = HERE[here](desk, text)
    if done is not None:
        await done  # type: ignore[misc]


@pytest.mark.parametrize(("here", "there", "moment"), CASES, ids=["-".join(c) for c in CASES])
async def test_no_text_is_lost_whoever_does_what_and_when(
    desk: Desk, autojump_clock: MockClock, here: str, there: str, moment: str
) -> None:
    """Disjoint changes are both there; what clashes has the outcome of the table."""
    page_id = str(desk.page_id(SUBJECT))
    text = await desk.read(SUBJECT)
    await trio.sleep(600)
    if moment == "before":
        THERE[there](desk.sim, page_id)
        await perform(desk, here, text)
    elif moment == "during":
        desk.sim.fail_next(operation="*_page", delay=5, path=page_id)
        desk.sim.fail_next(operation="patch_markdown", delay=5, path=page_id)
        await perform(desk, here, text)
        await trio.sleep(4)
        THERE[there](desk.sim, page_id)
        await desk.sent()
        desk.sim.heal()
    else:
        await perform(desk, here, text)
        await desk.sent()
        await trio.sleep(120)
        THERE[there](desk.sim, page_id)
    await desk.sent()
    await trio.sleep(120)
    await desk.engine.refresher.reconcile(at_once=True)
    await check(desk, page_id, here, there, TABLE.get((here, there, moment), BOTH))


async def check(desk: Desk, page_id: str, here: str, there: str, outcome: str) -> None:
    path = file_of(desk, page_id)
    if outcome in (GONE, TRASHED):
        assert path is None
        assert is_trashed(desk, page_id)
        assert outcome is GONE or has_there(desk, page_id, there) or there == "move"
        return
    assert path is not None
    doc = desk.engine.store.docs.find(page_id)  # type: ignore[arg-type]
    assert doc is not None
    if outcome is WAITS:
        assert doc.state is DocState.PARKED
        assert doc.reason
        assert is_trashed(desk, page_id)
        assert await shows(desk, path, here, "here")
        return
    is_ours, is_theirs = has_here(desk, page_id, here), has_there(desk, page_id, there)
    assert await shows(desk, path, here, "here") is (outcome is not THEIRS)
    if outcome is CONFLICT:
        assert doc.state is DocState.CONFLICT
        assert (is_ours, is_theirs) == (False, True)
        assert await shows(desk, path.replace(".md", ".remote.md"), there, "there")
        return
    assert doc.state in (DocState.CLEAN, DocState.UNREAD)
    assert (is_ours, is_theirs) == (outcome is not THEIRS, outcome is not OURS)
    assert await shows(desk, path, there, "there") is (outcome is not OURS)
