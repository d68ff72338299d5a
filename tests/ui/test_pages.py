"""The pages of `notionfs ui`, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from notionfs.ui.app import Application
from notionfs.ui.frame import frame
from notionfs.ui.guard import COOKIE, Guard
from notionfs.ui.mount import RunningMount
from notionfs.ui.overview import Answers, overview
from tests.ui.conftest import Visitor

WIKI = "acme/wiki.md"


async def disagree(visitor: Visitor) -> str:
    """Change the last paragraph on both sides, and the first one in Notion alone."""
    desk = visitor.desk
    page_id = str(desk.page_id(WIKI))
    text = await desk.read(WIKI)
    desk.sim.replace_text(page_id, "Last paragraph.", "Last remote.")
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await desk.write(WIKI, text.replace("Last paragraph.", "Last local."))
    await desk.sent()
    return page_id


# --- who may ask ----------------------------------------------------------------------------------


async def test_nothing_is_shown_without_the_token(visitor: Visitor) -> None:
    """A program that finds the port learns nothing, not even what answers."""
    for path in ("/", "/conflicts", "/style.css", "/wrong/", visitor.guard.base[:-2]):
        answer = await visitor.web.get(f"http://127.0.0.1:8099{path}")
        assert answer.status_code == 404
        assert "Acme" not in answer.text


async def test_another_name_for_this_address_is_refused(visitor: Visitor) -> None:
    """A site that lets its own name point to 127.0.0.1 is no way in (DNS rebinding)."""
    for host in ("evil.example:8099", "127.0.0.1:80", "127.0.0.1.evil.example:8099", ""):
        answer = await visitor.web.get(visitor.guard.url, headers={"host": host})
        assert answer.status_code == 404
    good = await visitor.web.get(visitor.guard.url, headers={"host": "localhost:8099"})
    assert good.status_code == 200


async def test_the_entrance_opens_once(visitor: Visitor) -> None:
    """What other users may read among a browser's arguments is used up when they do."""
    entrance = visitor.guard.entrance_url
    first = await visitor.web.get(entrance)
    assert (first.status_code, first.headers["location"]) == (303, visitor.guard.base)
    assert (await visitor.web.get(entrance)).status_code == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:80"])
async def test_a_form_of_another_site_changes_nothing(visitor: Visitor, origin: str) -> None:
    """Even one that knows every secret, because browsers say where a form is from."""
    await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    answer = await visitor.send("resolve", how="theirs", origin=origin)
    assert answer.status_code == 403
    assert (await visitor.desk.ask("conflicts"))["conflicts"]


async def test_a_form_needs_the_cookie_and_its_own_secret(visitor: Visitor) -> None:
    """Each of them alone is not enough."""
    await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    fields = dict(visitor.fields)
    assert (await visitor.send("resolve", how="theirs", session="guess")).status_code == 403
    visitor.fields = fields
    visitor.web.cookies.clear()
    assert (await visitor.send("resolve", how="theirs")).status_code == 403
    assert (await visitor.desk.ask("conflicts"))["conflicts"]


async def test_every_answer_forbids_what_is_from_elsewhere(visitor: Visitor) -> None:
    """No script, style or picture of another server, no frame around it, no copy in a cache."""
    for place in ("", "conflicts", "search", "style.css", "live.js", "nothing"):
        headers = (await visitor.open(place)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "unsafe" not in headers["content-security-policy"]
    cookie = (await visitor.open()).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", f"Path={visitor.guard.base}"} <= set(cookie.split("; "))


async def test_too_large_a_form_is_refused(visitor: Visitor) -> None:
    """It is not kept in memory until it ends."""
    assert (await visitor.send("merge", text="x" * (9 << 20))).status_code == 413


async def test_nothing_is_loaded_from_elsewhere(visitor: Visitor) -> None:
    """Every address that the pages load is on this machine, below the token."""
    for place in ("", "conflicts", "search"):
        await visitor.open(place)
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', visitor.page)
        assert loaded
        assert all(address.startswith(visitor.guard.base) for address in loaded)


# --- what is shown --------------------------------------------------------------------------------


async def test_titles_are_text_and_nothing_else(visitor: Visitor) -> None:
    """Whoever may write a title in Notion cannot write a page here."""
    await visitor.open()
    assert "&lt;script&gt;alert(1)" in visitor.page
    assert "<script>alert" not in visitor.page
    await visitor.open("search", words='alert"><script>alert(2)')
    assert "<script>alert" not in visitor.page


async def test_the_overview_tells_what_waits(visitor: Visitor) -> None:
    """Without JavaScript it loads itself again."""
    await visitor.open()
    assert "Everything is sent." in visitor.page
    assert '<noscript><meta http-equiv="refresh"' in visitor.page
    await visitor.desk.edit(WIKI, "First paragraph.", "Changed.")
    await visitor.open()
    assert "Everything is sent." not in visitor.page
    assert "<td><bdi>acme/wiki.md</bdi></td><td>save</td>" in visitor.page


async def test_what_happened_last_is_told(visitor: Visitor) -> None:
    """As notionfs log has it, the newest first."""
    await visitor.desk.edit(WIKI, "First paragraph.", "Changed.")
    await visitor.desk.sent()
    await visitor.open()
    happened = visitor.page.partition("Recent activity")[2]
    saved, sent = (happened.index(f"<td>{word}</td>") for word in ("saved", "sent"))
    assert sent < saved


async def test_what_waits_in_a_teamspace_of_another_connection_is_shown(visitor: Visitor) -> None:
    """Its queue, conflicts and refused texts with their buttons, and what is wrong with it."""
    facts = dict(await visitor.desk.ask("status"))
    entry = {"age": 5.0, "attempts": 1, "reason": "No.", "remedy": "Do.", "commands": ["discard"]}
    space = {
        **facts,
        "teamspace": "client",
        "workspace": "Client <Inc>",
        "online": False,
        "problem": "The token is refused.",
        "queue": [{**entry, "path": "client/a.md", "action": "save", "state": "queued"}],
        "conflicts": [{**entry, "path": "client/b.md"}],
        "errors": [{**entry, "path": "client/c.md"}],
    }
    pace = await visitor.desk.ask("pace")
    page = overview(Answers({**facts, "teamspaces": [space]}, pace), "secret", datetime.now(UTC))
    shown = str(frame(page, "/"))
    assert "client: The token is refused." in shown
    assert "client: Notion cannot be reached" in shown
    assert "Client &lt;Inc&gt;, as" in shown
    assert "Try again: client/a.md" in shown
    assert 'href="conflict?path=client/b.md"' in shown
    assert 'href="discard?path=client/c.md"' in shown
    assert "1</p><p>conflict waits for you" in shown
    await visitor.open()
    assert "Other connections" not in visitor.page


async def test_the_budget_is_told_in_words_as_well(visitor: Visitor) -> None:
    """A plot is a picture; who cannot see it reads its title."""
    await visitor.open()
    calls = sum(visitor.desk.client.calls.values())
    assert f"<title>Requests in any 60 seconds of the last hour: {calls} requests of 180 now" in (
        visitor.page
    )


async def test_looking_costs_no_call(visitor: Visitor) -> None:
    """However often the pages are renewed."""
    before = sum(visitor.desk.client.calls.values())
    for place in ("", "conflicts", "search"):
        await visitor.open(place)
    await visitor.open("search", words="wiki")
    assert sum(visitor.desk.client.calls.values()) == before


async def test_pages_are_found_by_their_words(visitor: Visitor) -> None:
    """Matches are marked in the excerpt."""
    await visitor.desk.read(WIKI)
    await visitor.open("search", words="paragraph")
    assert "acme/wiki.md" in visitor.page
    assert "<mark>paragraph</mark>" in visitor.page
    assert (await visitor.open("search", words="*")).status_code == 200


async def test_fields_have_labels(visitor: Visitor) -> None:
    """Whoever hears the page knows what to type and where."""
    await visitor.open("search")
    assert '<label for="words">' in visitor.page


# --- conflicts ------------------------------------------------------------------------------------


async def test_a_conflict_shows_both_texts(visitor: Visitor) -> None:
    """Words that differ are marked, and not by colour alone."""
    await disagree(visitor)
    await visitor.open("conflicts")
    assert 'href="conflict?path=acme/wiki.md"' in visitor.page
    await visitor.open("conflict", path=WIKI)
    assert '<td class="sign theirs">−</td>' in visitor.page
    assert "Last <del>remote</del>." in visitor.page
    assert "Last <ins>local</ins>." in visitor.page


@pytest.mark.parametrize(
    ("how", "first", "last"),
    [("mine", "First remote.", "Last local."), ("theirs", "First remote.", "Last remote.")],
)
async def test_a_button_decides(visitor: Visitor, how: str, first: str, last: str) -> None:
    """As notionfs resolve does."""
    page_id = await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    assert (await visitor.send("resolve", how=how)).status_code == 200
    await visitor.desk.sent()
    assert not (await visitor.desk.ask("conflicts"))["conflicts"]
    for text in (visitor.desk.sim.markdown(page_id), await visitor.desk.read(WIKI)):
        assert first in text
        assert last in text


async def test_differences_are_chosen_one_by_one_and_read_before_they_are_sent(
    visitor: Visitor,
) -> None:
    """The merged text can still be changed; what it says then is what Notion gets."""
    page_id = await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    numbers = [key for key in visitor.fields if key.startswith("choice-")]
    choices = dict.fromkeys(numbers, "theirs") | {numbers[-1]: "both"}
    await visitor.send("resolve", how="merge", **choices)
    text = visitor.fields["text"]
    assert "First remote." in text
    assert text.index("Last remote.") < text.index("Last local.")
    assert "Last remote." not in await visitor.desk.read(WIKI)

    answer = await visitor.send("merge", text=text.replace("- one", "- uno"))
    assert "Decided, and sent to Notion." in answer.text
    for found in (visitor.desk.sim.markdown(page_id), await visitor.desk.read(WIKI)):
        assert "First remote." in found
        assert "Last remote." in found
        assert "Last local." in found
        assert "- uno" in found
        assert "\r" not in found


async def test_a_text_that_changed_meanwhile_is_looked_at_again(visitor: Visitor) -> None:
    """Nobody decides about what was not seen."""
    await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    await visitor.desk.edit(WIKI, "Last local.", "Last local, better.")
    await visitor.send("resolve", how="theirs")
    assert "changed since you looked" in visitor.page
    assert "Last local, better." in await visitor.desk.read(WIKI)
    await visitor.send("resolve", how="theirs")
    assert "Last remote." in await visitor.desk.read(WIKI)


async def test_a_merge_that_is_refused_says_why(visitor: Visitor) -> None:
    """What was typed is in the file and still on the page."""
    await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    await visitor.send("resolve", how="merge")
    text = visitor.fields["text"].replace("---\r\n", "---\r\nStatus: [\r\n", 1)
    await visitor.send("merge", text=text)
    assert 'role="alert"' in visitor.page
    assert visitor.fields["text"] == text


async def test_an_empty_merge_is_not_saved(visitor: Visitor) -> None:
    """A slip of the keyboard empties no page."""
    await disagree(visitor)
    await visitor.open("conflict", path=WIKI)
    await visitor.send("resolve", how="merge")
    await visitor.send("merge", text=" \r\n")
    assert "An empty text is not saved." in visitor.page
    assert "Last local." in await visitor.desk.read(WIKI)


@pytest.mark.parametrize("path", ["../../etc/passwd", "acme/nothing.md", "", WIKI])
async def test_only_a_page_in_conflict_is_decided(visitor: Visitor, path: str) -> None:
    """No other file is ever read or written, whatever a form says."""
    assert (await visitor.open("conflict", path=path)).status_code == 404
    fields = {"path": path, "session": visitor.guard.session}
    assert (await visitor.send("merge", text="x", **fields)).status_code == 404


# --- what was refused -----------------------------------------------------------------------------


async def refused(visitor: Visitor) -> str:
    """Let Notion refuse a changed text; return the page."""
    visitor.desk.sim.fail_next(operation="patch_markdown", status=403)
    await visitor.desk.edit(WIKI, "Last paragraph.", "Last words.")
    await visitor.desk.sent()
    await visitor.open()
    return str(visitor.desk.page_id(WIKI))


async def test_a_refused_text_is_sent_again_by_a_button(visitor: Visitor) -> None:
    """As notionfs retry does; what is refused again says why."""
    page_id = await refused(visitor)
    assert visitor.fields["path"] == WIKI
    visitor.desk.sim.fail_next(operation="patch_markdown", status=403)
    answer = await visitor.send("retry")
    assert 'class="notice error"' in answer.text
    await visitor.open()
    assert "Sent to Notion." in (await visitor.send("retry")).text
    assert "Last words." in visitor.desk.sim.markdown(page_id)
    await visitor.open()
    assert "Try again" not in visitor.page


async def test_a_refused_text_is_discarded_after_a_second_question(visitor: Visitor) -> None:
    """The file shows Notion's text, and undo could bring the other one back."""
    page_id = await refused(visitor)
    assert 'href="discard?path=acme/wiki.md"' in visitor.page
    await visitor.open("discard", path=WIKI)
    assert "Yours goes to the history" in visitor.page
    assert "Last words." in await visitor.desk.read(WIKI)
    assert "Notion’s text stands." in (await visitor.send("discard")).text
    assert "Last paragraph." in await visitor.desk.read(WIKI)
    assert "Last paragraph." in visitor.desk.sim.markdown(page_id)
    assert "Last words." in (await visitor.desk.ask("history", path=WIKI, number=1))["text"]


@pytest.mark.parametrize("place", ["retry", "discard"])
async def test_only_what_waits_is_sent_again_or_discarded(visitor: Visitor, place: str) -> None:
    """A form that is out of date, or made up, does nothing."""
    fields = {"path": WIKI, "session": visitor.guard.session}
    assert (await visitor.send(place, **fields)).status_code == 404
    await refused(visitor)
    fields["session"] = "wrong"
    assert (await visitor.send(place, **fields)).status_code == 403
    assert "Last words." in await visitor.desk.read(WIKI)


async def test_what_is_tried_again_later_can_be_tried_now(visitor: Visitor) -> None:
    """A change that Notion could not take a moment ago has the button, too."""
    visitor.desk.sim.fail_next(operation="patch_markdown", status=503, times=9)
    await visitor.desk.edit(WIKI, "Last paragraph.", "Last words.")
    await visitor.desk.engine.uploader.drain(3)
    await visitor.open()
    assert "Why it still waits" in visitor.page
    visitor.desk.sim.fail_next(operation="patch_markdown", status=503, times=0)
    assert "Try again: acme/wiki.md" in visitor.page


# --- trouble --------------------------------------------------------------------------------------


async def test_trouble_is_said_first(visitor: Visitor) -> None:
    """And that nothing is lost."""
    now = datetime.now(UTC)
    facts = dict(await visitor.desk.ask("status")) | {
        "online": False,
        "offline_since": (now - timedelta(minutes=5)).isoformat(),
        "problem": "Notion refuses the token.",
    }
    pace = await visitor.desk.ask("pace")
    shown = frame(overview(Answers(facts, pace), "", now), "/")
    assert "Notion cannot be reached (since 5 min ago). Changes are kept and sent later." in shown
    assert shown.index("Notion refuses the token.") < shown.index("Requests in the last hour")


async def test_progress_refusals_and_files_are_told(visitor: Visitor) -> None:
    """How long the rest will take, and what can be done about a refusal."""
    facts = dict(await visitor.desk.ask("status")) | {
        "pages": 900,
        "unread": 300,
        "all_local_in": 120.0,
        "paused_for": 20.0,
        "first_listing": {"pages": 3400, "waiting": 12},
        "errors": [
            {
                "path": "acme/x.md",
                "age": 7200.0,
                "reason": "It is <b>bad</b>.",
                "remedy": "Correct it.",
                "commands": [],
            }
        ],
        "uploads": [{"path": "a.pdf", "page": "acme/x.md", "size": 9_000_000, "sent": 1_000_000}],
    }
    pace = await visitor.desk.ask("pace")
    shown = frame(overview(Answers(facts, pace), "", datetime.now(UTC)), "/")
    for words in (
        "600 of 900",
        "the rest in about 2 min",
        "nothing for 20 s",
        "Correct it.",
        "2 h",
    ):
        assert words in shown
    assert "for the first time: 3,400 pages so far" in shown
    assert "It is &lt;b&gt;bad&lt;/b&gt;." in shown
    assert "1.0 MB of 9.0 MB" in shown


async def test_a_mount_that_ended_is_said_in_a_sentence(tmp_path: Path) -> None:
    """The page can be loaded again when it is mounted again."""
    guard = Guard(8099)
    app = Application(RunningMount(tmp_path / "nowhere"), guard)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as web:
        answer = await web.get(guard.url)
    assert answer.status_code == 503
    assert "No running notionfs serves" in answer.text
