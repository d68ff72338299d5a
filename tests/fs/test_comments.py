"""Comments of a page as a file beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile, NotPermitted
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
FILE = "acme/wiki.comments.md"


def said(sim: Simulator) -> list[tuple[str, str]]:
    """Thread and text of every comment, oldest first; threads are numbered as they began."""
    comments = sorted(sim.workspace.records.comments.values(), key=lambda one: one.created)
    threads = list(dict.fromkeys(one.discussion_id for one in comments))
    return [
        (
            str(threads.index(one.discussion_id)),
            "".join(run["plain_text"] for run in one.rich_text),
        )
        for one in comments
    ]


@pytest.fixture
def talk(sim: Simulator) -> Simulator:
    """The wiki has two threads, a minute apart, by Ada and Bob."""
    for name in ("Ada", "Bob"):
        sim.add_user(name)
        sim.add_comment(sim.find("Wiki"), f"{name} **says**.", by=name)
        sim.advance(60)
    sim.reset_counts()
    return sim


async def test_comments_are_found_beside_every_page_and_read_in_one_call(
    talk: Simulator, desk: Desk
) -> None:
    """They are listed once somebody read them, and again within half a minute costs nothing."""
    assert await desk.ls("acme") == ["projects", "wiki", "wiki.md"]
    assert desk.stat(FILE).size == 32 * 1024
    calls = talk.count()
    text = await desk.read(FILE)
    assert talk.count() == calls + 1
    assert text.startswith("# Comments on Wiki\n")
    assert text.index("**Ada**, 2026-") < text.index("> Ada ") < text.index("## Thread 2 <!-- ")
    assert text.endswith("\n## New comment\n\n")
    assert desk.stat(FILE).size == len(text.encode())
    await desk.read(FILE)
    assert talk.count() == calls + 1
    assert "wiki.comments.md" in await desk.ls("acme")
    await desk.read("acme/wiki/roadmap.comments.md")
    assert "roadmap.comments.md" not in await desk.ls("acme/wiki")


async def test_an_appended_paragraph_comments_on_the_page_and_one_below_a_thread_answers(
    talk: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """Each paragraph is a comment; the file keeps the user's bytes until it is read afresh."""
    text = await desk.read(FILE)
    await desk.append(FILE, "First *new* one.\n\nSecond one,\nin two lines.\n")
    mine = await desk.read(FILE)
    assert mine == text + "First *new* one.\n\nSecond one,\nin two lines.\n"
    head, mark, rest = mine.partition("\n## Thread 2")
    await desk.write(FILE, f"{head}\nAn answer.\n{mark}{rest}")
    await desk.sent()
    assert sorted(said(talk)[2:]) == [
        ("0", "An answer."),
        ("2", "First new one."),
        ("3", "Second one,\nin two lines."),
    ]
    assert talk.count("create_comment") == 3
    talk.advance(60)
    fresh = await desk.read(FILE)
    assert fresh.count("## Thread ") == 4
    assert "> First *new* one.\n" in fresh


async def test_an_editor_that_stays_open_can_save_again_and_again(
    talk: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """What it saved is in a thread by now; only what is new is sent."""
    text = await desk.read(FILE)
    await desk.write(FILE, text + "One.\n")
    await desk.sent()
    talk.advance(60)
    assert "> One.\n" in await desk.read(FILE)
    await desk.write(FILE, text + "One.\n\nTwo.\n")
    await desk.sent()
    assert [words for _, words in said(talk)[2:]] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("> Ada", "> Eve"),
        ("> Bob \\*\\*says\\*\\*.\n", ""),
        ("## New comment", "## Thread 3 <!-- 39a0bc1eedcd8142936bcca8ae692cc4 -->"),
        ("# Comments on", "Hello!\n\n# Comments on"),
    ],
)
async def test_what_others_said_cannot_be_changed(
    talk: Simulator, desk: Desk, old: str, new: str
) -> None:
    """The close fails with the line; nothing is sent and the file is as it was."""
    text = await desk.read(FILE)
    assert old in text
    with pytest.raises(InvalidPageFile, match="Line "):
        await desk.write(FILE, text.replace(old, new, 1) + "Mine.\n")
    assert await desk.read(FILE) == text
    await desk.sent()
    assert talk.count("create_comment") == 0
    with pytest.raises(NotPermitted):
        desk.mv(FILE, "acme/wiki/comments.md")


async def test_an_editor_that_saves_by_renaming_can_comment(
    talk: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """With a backup, and with a temporary file that takes the name."""
    text = await desk.read(FILE)
    desk.mv(FILE, "acme/wiki.comments.md~")
    assert await desk.read("acme/wiki.comments.md~") == text
    await desk.write("acme/.wiki.tmp", text + "By an editor.\n")
    desk.mv("acme/.wiki.tmp", FILE)
    await desk.sent()
    assert said(talk)[-1] == ("2", "By an editor.")
    assert ".wiki.tmp" not in await desk.ls("acme")


@pytest.mark.parametrize("after_applying", [True, False])
async def test_a_comment_is_never_made_twice(
    talk: Simulator, desk: Desk, autojump_clock: MockClock, after_applying: bool
) -> None:
    """An attempt without an answer is looked for before it is repeated."""
    await desk.read(FILE)
    await desk.append(FILE, "Once.\n\nOnce.\n")
    talk.fail_next(operation="create_comment", drop=True, after_applying=after_applying)
    await desk.sent()
    assert [text for _, text in said(talk)[2:]] == ["Once.", "Once."]


async def test_a_comment_survives_a_crash(
    talk: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """What close reported as saved is sent by the next mount, once."""
    async with open_desk(talk, tmp_path) as desk:
        await desk.read(FILE)
        await desk.append(FILE, "Still here.\n")
        talk.fail_next(operation="create_comment", hang=True, after_applying=True)
        await desk.engine.uploader.drain(5.0)
    talk.heal()
    async with open_desk(talk, tmp_path) as desk:
        await desk.sent()
        assert "> Still here.\n" in await desk.read(FILE)
    assert [text for _, text in said(talk)[2:]] == ["Still here."]


async def test_a_refused_comment_waits_with_its_reason(
    talk: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """A connection that may not comment; the next save tries again."""
    await desk.read(FILE)
    talk.capabilities.discard("insert_comments")
    await desk.append(FILE, "Not allowed.\n")
    await desk.engine.uploader.drain(5.0)
    assert "A comment was not added" in (desk.reason(WIKI) or "")
    [error] = (await desk.ask("status"))["errors"]
    assert error["commands"] == ["retry"]
    with pytest.raises(InvalidPageFile, match="A comment was not added"):
        await desk.ask("retry", path=WIKI)
    talk.capabilities.add("insert_comments")
    await desk.append(FILE, "\nAllowed.\n")
    await desk.engine.uploader.drain(5.0)
    assert [text for _, text in said(talk)[2:]] == ["Not allowed.", "Allowed."]
    assert desk.reason(WIKI) is None


async def test_a_refused_comment_is_sent_by_retry(
    talk: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """As a refused text is."""
    await desk.read(FILE)
    talk.capabilities.discard("insert_comments")
    await desk.append(FILE, "Patience.\n")
    await desk.engine.uploader.drain(5.0)
    talk.capabilities.add("insert_comments")
    assert (await desk.ask("retry", path=WIKI))["state"] == "sent"
    assert [text for _, text in said(talk)[2:]] == ["Patience."]
    assert desk.reason(WIKI) is None
