"""The door: tokens, versions, capabilities, routes, rate limits and faults."""

from __future__ import annotations

import time

import httpx
import pytest
import trio
import trio.testing

from notionfs.simulator import ConnectionDropped, Simulator

from .conftest import NOW, Api, client_of


async def test_a_wrong_token_is_401_and_a_revoked_one_too(sim: Simulator, api: Api) -> None:
    """With the real message."""
    async with client_of(sim, token="other") as http:
        answer = await http.get("/v1/users/me")
        assert answer.status_code == 401
        assert answer.json()["message"] == "API token is invalid."
    await api.ok("GET", "users/me")
    sim.revoke()
    await api.refused("GET", "users/me", status=401)


async def test_a_token_can_be_connected_to_a_part_of_the_workspace(sim: Simulator) -> None:
    """It sees its roots and what is below them."""
    mine, other = sim.add_page("Mine"), sim.add_page("Other")
    below = sim.add_page("Below", parent=mine)
    sim.connect("narrow", [mine])
    async with client_of(sim, token="narrow") as http:
        found = (await http.post("/v1/search", json={})).json()["results"]
        assert {page["id"] for page in found} == {mine, below}
        assert (await http.get(f"/v1/pages/{other}")).status_code == 404


async def test_the_version_header_is_needed_and_known(sim: Simulator, api: Api) -> None:
    """Missing, nonsense and too old are three refusals."""
    for version, code in (
        (None, "missing_version"),
        ("x", "validation_error"),
        ("2022-06-28", "validation_error"),
    ):
        headers = {"Authorization": "Bearer demo-token"}
        if version:
            headers["Notion-Version"] = version
        transport = httpx.ASGITransport(sim.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://x") as http:
            answer = await http.get("/v1/users/me", headers=headers)
        assert answer.status_code == 400
        assert answer.json()["code"] == code


async def test_the_older_version_says_archived_and_takes_after(sim: Simulator) -> None:
    """The new version refuses both words."""
    root = sim.add_page("Root", markdown="one\n\ntwo")
    page = sim.add_page("Page", parent=root)
    first = sim.children(root)[0]["id"]
    append = {"children": [{"divider": {}}], "after": first}
    async with client_of(sim, version="2025-09-03") as http:
        shown = (await http.get(f"/v1/pages/{page}")).json()
        assert shown["archived"] is False
        assert (await http.patch(f"/v1/blocks/{root}/children", json=append)).status_code == 200
        trashed = (await http.patch(f"/v1/pages/{page}", json={"archived": True})).json()
        assert trashed["in_trash"] is True
        listed = (await http.get(f"/v1/blocks/{root}/children")).json()["results"]
        assert all("archived" in block for block in listed)
    async with client_of(sim) as http:
        assert "archived" not in (await http.get(f"/v1/pages/{page}")).json()
        answer = await http.patch(f"/v1/pages/{page}", json={"archived": False})
        assert answer.status_code == 400
        answer = await http.patch(f"/v1/blocks/{root}/children", json=append)
        assert answer.status_code == 400


async def test_a_missing_capability_is_403(sim: Simulator, api: Api) -> None:
    """Reading goes on when only writing is not allowed."""
    page = sim.add_page("Page")
    sim.capabilities.discard("update")
    await api.ok("GET", f"pages/{page}")
    message = await api.refused("PATCH", f"pages/{page}", {"icon": None}, status=403)
    assert "Insufficient permissions" in message


async def test_unknown_routes_and_bad_json_are_400(api: Api) -> None:
    """Each with its own code."""
    for path in ("nothing", "pages", "pages/x/y/z", "databases/x/query"):
        answer = await api.http.get(f"/v1/{path}")
        assert answer.json()["code"] == "invalid_request_url"
    answer = await api.http.post("/v1/search", content=b"{nope")
    assert answer.json()["code"] == "invalid_json"
    answer = await api.http.post("/v1/search")  # no body at all is an empty one
    assert answer.status_code == 200


async def test_the_rate_limit_is_a_fixed_window(sim: Simulator, api: Api) -> None:
    """A burst may spend it all; then Retry-After says when the window ends."""
    sim.rate_limit = 3
    for _ in range(3):
        await api.ok("GET", "users/me")
    sim.advance(20.5)
    answer = await api.ask("GET", "users/me")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "40"
    assert answer.json()["additional_data"] == {
        "rate_limit_reason": "public_api_request_rate_limit",
        "retry_after": "40",
    }
    sim.advance(40)
    await api.ok("GET", "users/me")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "rate_limited"),
        (500, "internal_server_error"),
        (502, "bad_gateway"),
        (503, "service_unavailable"),
        (504, "gateway_timeout"),
        (529, "service_overload"),
        (409, "conflict_error"),
    ],
)
async def test_a_fault_hits_as_often_as_asked(
    sim: Simulator, api: Api, status: int, code: str
) -> None:
    """Only matching requests, and none of them is applied."""
    page = sim.add_page("Page")
    sim.fail_next(operation="update_page", times=2, status=status, retry_after=7)
    await api.ok("GET", f"pages/{page}")
    for _ in range(2):
        answer = await api.ask("PATCH", f"pages/{page}", {"icon": {"emoji": "🚀"}})
        assert answer.status_code == status
        assert answer.json()["code"] == code
        assert answer.headers["retry-after"] == "7"
    assert sim.page(page)["icon"] is None
    await api.ok("PATCH", f"pages/{page}", {"icon": {"emoji": "🚀"}})
    assert sim.count("update_page") == 3
    assert [r.status for r in sim.requests] == [200, status, status, 200]


async def test_a_503_after_applying_names_what_was_made(sim: Simulator, api: Api) -> None:
    """The page exists, and the error says under which id; appends name parent and children."""
    root = sim.add_page("Root")
    sim.fail_next(operation="create_page", status=503, after_applying=True)
    answer = await api.ask("POST", "pages", {"parent": {"page_id": root}})
    made = answer.json()["additional_data"]["committed_resource_id"]
    assert sim.page(made)["parent"]["page_id"] == root
    sim.fail_next(operation="append_*", status=503, after_applying=True)
    body = {"children": [{"divider": {}}]}
    answer = await api.ask("PATCH", f"blocks/{root}/children", body)
    data = answer.json()["additional_data"]
    assert data["committed_resource_id"] == root
    assert data["committed_child_ids"] == [sim.children(root)[-1]["id"]]


async def test_a_dropped_connection_is_an_exception(sim: Simulator, api: Api) -> None:
    """Before applying nothing happened; after applying everything did."""
    page = sim.add_page("Page")
    body = {"icon": {"emoji": "🚀"}}
    for after, icon in ((False, None), (True, {"type": "emoji", "emoji": "🚀"})):
        sim.fail_next(drop=True, after_applying=after)
        with pytest.raises(ConnectionDropped):
            await api.ask("PATCH", f"pages/{page}", body)
        assert sim.page(page)["icon"] == icon


async def test_a_hanging_request_never_answers(
    sim: Simulator, api: Api, autojump_clock: trio.testing.MockClock
) -> None:
    """Until whoever asked gives up."""
    sim.fail_next(hang=True)
    with trio.move_on_after(3600) as scope:
        await api.ask("GET", "users/me")
    assert scope.cancelled_caught


async def test_slow_cut_and_foreign_answers(
    sim: Simulator, api: Api, autojump_clock: trio.testing.MockClock
) -> None:
    """A delay, half a body, a page of a proxy."""
    sim.fail_next(delay=5)
    started = trio.current_time()
    assert (await api.ask("GET", "users/me")).status_code == 200
    assert trio.current_time() - started == 5
    sim.fail_next(truncate=True)
    cut = await api.ask("GET", "users/me")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        cut.json()
    sim.fail_next(html=True)
    foreign = await api.ask("GET", "users/me")
    assert foreign.status_code == 502
    assert foreign.headers["content-type"].startswith("text/html")
    assert "x-notion-request-id" not in foreign.headers


async def test_faults_can_skip_and_be_forgotten(sim: Simulator, api: Api) -> None:
    """`skip` lets some pass first, `path` narrows, `heal` ends all."""
    sim.fail_next(skip=1, status=500)
    await api.ok("GET", "users/me")
    await api.refused("GET", "users/me", status=500)
    sim.fail_next(path="users/me", times=100)
    await api.ok("GET", "users")
    await api.refused("GET", "users/me", status=429)
    sim.heal()
    await api.ok("GET", "users/me")


async def test_users_and_emojis_are_listed(sim: Simulator, api: Api) -> None:
    """People with their addresses, the bot with its workspace, emojis by name."""
    me = await api.ok("GET", "users/me")
    assert me["bot"]["owner"] == {"type": "workspace", "workspace": True}
    assert me["bot"]["workspace_name"] == "Acme"
    users = await api.ok("GET", "users")
    assert users["type"] == "user"
    assert users["results"][0]["person"] == {"email": "ada@example.com"}
    ada = await api.ok("GET", f"users/{users['results'][0]['id']}")
    assert ada["name"] == "Ada Lovelace"
    await api.refused("GET", "users/00000000-0000-4000-8000-0000000000aa", status=404)
    sim.add_emoji("acme", "https://example.com/a.png")
    assert len((await api.ok("GET", "custom_emojis?name=acme"))["results"]) == 1
    assert (await api.ok("GET", "custom_emojis?name=other"))["results"] == []


async def test_every_answer_names_its_request(sim: Simulator, api: Api) -> None:
    """In the body and in a header, errors too."""
    for path in ("users/me", "users/nobody"):
        answer = await api.ask("GET", path)
        assert answer.json()["request_id"] == answer.headers["x-notion-request-id"]


async def test_a_thousand_small_requests_a_second(sim: Simulator) -> None:
    """Tests stay fast; half of it is asked for here, because machines are busy."""
    page = sim.add_page("Page", markdown="text")
    async with client_of(sim) as http:
        await http.get(f"/v1/pages/{page}")
        started = time.process_time()
        for _ in range(300):
            await http.get(f"/v1/pages/{page}")
        assert 300 / (time.process_time() - started) > 500


def test_the_clock_can_be_set_and_turned(sim: Simulator) -> None:
    """Times of pages follow it, rounded down to the minute."""
    assert sim.clock() == NOW
    sim.clock.set(NOW + 59.9)
    page = sim.add_page("Page")
    assert sim.page(page)["created_time"] == "2026-06-09T10:14:00.000Z"
    sim.advance(60)
    sim.edit_title(page, "Renamed")
    assert sim.page(page)["last_edited_time"] == "2026-06-09T10:15:00.000Z"
