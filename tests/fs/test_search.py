"""`notionfs search` finds what is on this machine, at once, and what Notion has when asked to."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notionfs.cli.search import show
from notionfs.errors import InvalidArgument, InvalidPageFile, NoSuchEntry
from notionfs.simulator import Simulator
from notionfs.store.fulltext import INDEX_NAME
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


async def paths(desk: Desk, words: str, **more: object) -> list[str]:
    return [hit["path"] for hit in (await desk.ask("search", words=words, **more))["hits"]]


async def test_titles_are_found_before_anything_is_read(desk: Desk) -> None:
    """No call is made; pages and databases are found, and the answer says its age."""
    before = dict(desk.client.calls)
    answer = await desk.ask("search", words="project")
    assert {hit["path"] for hit in answer["hits"]} == {
        "acme/projects",
        "acme/projects/project-alpha.md",
        "acme/projects/project-beta.md",
        "acme/projects/old-project.md",
    }
    assert {hit["kind"] for hit in answer["hits"]} == {"page", "database"}
    assert answer["unread"] == 6
    assert not any(hit["is_read"] for hit in answer["hits"] if hit["kind"] == "page")
    assert answer["as_of"] is not None
    assert dict(desk.client.calls) == before


async def test_texts_are_found_once_they_are_read(desk: Desk) -> None:
    """With an excerpt that says where the words stand; case, accents and endings do not matter."""
    assert await paths(desk, "paragraphs") == []
    await desk.read(WIKI)
    answer = await desk.ask("search", words="PARAGRÁPHS first")
    [hit] = answer["hits"]
    assert hit["path"] == WIKI
    words = [hit["excerpt"][start:end] for start, end in hit["matches"]]
    assert {word.lower() for word in words} == {"first", "paragraph"}


async def test_properties_are_found_and_identity_keys_are_not(desk: Desk) -> None:
    """Everybody's page has a notion_id; nobody looks for that word."""
    await desk.read(ALPHA)
    assert await paths(desk, "backend") == [ALPHA]
    assert await paths(desk, "notion_id") == []


async def test_a_text_is_found_as_it_was_saved_last(desk: Desk) -> None:
    """Before it is sent, and the old words are gone with it."""
    await desk.edit(WIKI, "Last paragraph.", "Zebra crossing.")
    assert await paths(desk, "zebra") == [WIKI]
    assert await paths(desk, '"last paragraph"') == []
    await desk.write("acme/projects/fresh.md", "# Fresh\n\nQuagga.\n")
    assert await paths(desk, "quagga") == ["acme/projects/fresh.md"]


async def test_a_refused_text_is_found(desk: Desk) -> None:
    """It is on this machine and nowhere else."""
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, "---\nStatus: Nonsense\n---\n\nOkapi.\n")
    assert await paths(desk, "okapi") == [ALPHA]


async def test_removed_and_renamed_pages_are_no_longer_found_under_their_old_names(
    desk: Desk,
) -> None:
    """A path in the answer can be opened."""
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/outlook.md")
    assert await paths(desk, "outlook") == ["acme/wiki/outlook.md"]
    assert await paths(desk, "roadmap") == []
    desk.rm("acme/projects/project-beta.md")
    await desk.sent()
    assert await paths(desk, "beta") == []


async def test_a_search_below_a_directory(desk: Desk) -> None:
    """Its own folder counts; one that is not there is an error."""
    inside = await paths(desk, "project", path="acme/projects")
    assert len(inside) == 4
    assert await paths(desk, "project", path="acme/wiki") == []
    with pytest.raises(NoSuchEntry):
        await paths(desk, "project", path="acme/nowhere")


async def test_the_best_come_first_and_the_rest_is_counted(desk: Desk) -> None:
    """A word in a title weighs more than one in a text."""
    desk.sim.add_page("Alpha", parent="workspace", markdown="nothing\n")
    await desk.edit(WIKI, "Last paragraph.", "alpha " * 3)
    await desk.ask("sync")
    answer = await desk.ask("search", words="alpha", limit=1)
    assert (answer["total"], len(answer["hits"])) == (3, 1)
    assert answer["hits"][0]["title"] == "Alpha"


async def test_writing_without_spaces_is_found_inside_a_clause(desk: Desk) -> None:
    """An index of words would hold the whole clause as one."""
    await desk.edit(WIKI, "Last paragraph.", "明日は東京に行きます。")
    answer = await desk.ask("search", words="東京")
    [hit] = answer["hits"]
    [[start, end]] = hit["matches"]
    assert hit["excerpt"][start:end] == "東京"
    assert await paths(desk, "東京 plan") == [WIKI]


async def test_fresh_asks_notion_too(desk: Desk) -> None:
    """What was made there a moment ago is found, at the cost of two calls; so are its own hits."""
    desk.sim.add_page("Brand new aardvark", parent="workspace", markdown="Hello.\n")
    desk.sim.reset_counts()
    assert await paths(desk, "aardvark") == []
    answer = await desk.ask("search", words="aardv", fresh=True)
    assert [hit["path"] for hit in answer["hits"]] == ["acme/brand-new-aardvark.md"]
    assert (answer["asked_notion"], desk.sim.count("search")) == (True, 2)


async def test_fresh_without_notion_answers_from_here_and_says_so(desk: Desk) -> None:
    """A search never fails because the network does."""
    desk.sim.fail_next(status=503, times=20)
    answer = await desk.ask("search", words="roadmap", fresh=True)
    assert [hit["path"] for hit in answer["hits"]] == ["acme/wiki/roadmap.md"]
    assert answer["problem"]
    assert answer["asked_notion"] is False


async def test_no_word_is_an_error(desk: Desk) -> None:
    """Everything would be an answer."""
    with pytest.raises(InvalidArgument):
        await desk.ask("search", words=" ++ ")


async def test_an_index_that_is_damaged_is_made_anew(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It holds nothing that is not in the store; and only its owner can read it."""
    assert len(await paths(desk, "wiki")) == 1
    index = tmp_path / "store" / INDEX_NAME
    assert index.stat().st_mode & 0o777 == 0o600
    index.write_bytes(b"no database at all " * 400)
    assert len(await paths(desk, "wiki")) == 1
    assert "made anew" in caplog.text


async def test_the_index_survives_and_follows_what_changed_meanwhile(
    sim: Simulator, tmp_path: Path
) -> None:
    """A restart searches what there is, not what there was."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        assert await paths(desk, "paragraph") == [WIKI]
    async with open_desk(sim, tmp_path) as desk:
        await desk.edit(WIKI, "First paragraph.", "Second thoughts.")
        assert await paths(desk, "thoughts") == [WIKI]
        assert await paths(desk, '"first paragraph"') == []


async def test_the_screen_shows_paths_and_excerpts_and_nothing_harmful(desk: Desk) -> None:
    """Whatever a page says, the terminal gets printable characters."""
    await desk.edit(WIKI, "Last paragraph.", "A \x1b[31m wombat \x1b[0m.")
    answer: Any = await desk.ask("search", words="wombat")
    json.dumps(answer)
    with redirect_stdout(io.StringIO()) as out:
        show(answer, now=datetime.now(UTC))
    assert "acme/wiki.md" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "1 hit; as of" in out.getvalue()
