"""Seeds, keeping a workspace in a file, very large workspaces, and the back door."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import httpx
import pytest
import trio

from notionfs.markdown.bodies import signed_urls
from notionfs.simulator import Simulator
from notionfs.simulator.blocks import walk
from notionfs.simulator.persist import UnreadableWorkspaceError
from notionfs.simulator.seeds.torture.every import block_types_covered
from notionfs.simulator.seeds.torture.names import PROPERTY_NAMES, TITLES
from notionfs.simulator.server import serve

from .conftest import NOW, client_of


def test_an_unknown_seed_is_refused_with_the_known_ones() -> None:
    """By name."""
    with pytest.raises(ValueError, match="demo, torture, empty"):
        Simulator(seed="nonsense")


def test_the_demo_is_the_same_every_time() -> None:
    """Ids, times and texts: two demos are one file."""
    encoded = []
    for clock in (1_781_000_000.0, 1_800_000_000.0):
        sim = Simulator(seed="demo", clock=lambda clock=clock: clock)
        pages = {page.id: sim.page(page.id) for page in sim.workspace.pages.values()}
        encoded.append(json.dumps(pages, sort_keys=True).split("X-Amz")[0])
    assert encoded[0] == encoded[1]


def test_the_demo_is_worth_exploring() -> None:
    """What a new user should find in it."""
    sim = Simulator(seed="demo")
    assert 60 <= len(sim.titles()) <= 100
    top = [p for p in sim.workspace.pages.values() if p.parent.kind == "workspace"]
    assert {sim.title(page.id) for page in top} == {
        "Company Home",
        "Engineering",
        "Product",
        "People",
    }
    named = {
        d.id: sim.database(d.id)["title"][0]["plain_text"] for d in sim.workspace.databases.values()
    }
    projects = next(key for key, name in named.items() if name == "Projects")
    sources = [source["name"] for source in sim.database(projects)["data_sources"]]
    assert sources == ["Active Projects", "Archived Projects"]
    kinds = {
        prop.type
        for source in sim.workspace.data_sources.values()
        for prop in source.properties.values()
    }
    assert kinds >= {
        "title", "rich_text", "number", "select", "multi_select", "status", "date", "people",
        "files", "checkbox", "url", "email", "phone_number", "formula", "relation", "rollup",
        "unique_id", "created_time", "created_by", "last_edited_time", "last_edited_by", "place",
    }  # fmt: skip
    alpha = sim.page(sim.find("Project Alpha"))["properties"]
    assert len(alpha["Tasks"]["relation"]) == 4
    assert alpha["Effort"]["rollup"]["number"] == 21
    calendar = sim.page(sim.find("Team Calendar"))
    assert calendar["parent"]["type"] == "block_id"
    for page in list(sim.workspace.pages):
        assert "<unknown" not in sim.markdown(page)


def test_the_torture_workspace_has_everything_that_hurts() -> None:
    """All block types, all hostile names, and everything can be read."""
    sim = Simulator(seed="torture")
    kinds = {b.type for p in sim.workspace.pages.values() for b in walk(sim.workspace.body(p))}
    assert kinds >= block_types_covered()
    assert {sim.title(page) for page in sim.workspace.pages} >= set(TITLES)
    names = {p.name for s in sim.workspace.data_sources.values() for p in s.properties.values()}
    assert names >= set(PROPERTY_NAMES)
    for page in list(sim.workspace.pages):
        sim.markdown(page)
        sim.page(page)
    twins = [page for page in sim.workspace.pages if sim.title(page) == "Twin"]
    assert len({page[:8] for page in twins}) == 2


def test_a_kept_workspace_comes_back_whole(tmp_path: Path) -> None:
    """Everything a client can see is the same after writing and reading the file."""
    for seed in ("demo", "torture"):
        sim = Simulator(seed=seed, clock=lambda: NOW)
        sim.world.signer.rotate = False
        sim.save(tmp_path / "workspace.json")
        again = Simulator.load(tmp_path / "workspace.json", clock=lambda: NOW)
        again.world.signer = sim.world.signer
        for page in list(sim.workspace.pages)[:150]:
            assert again.page(page) == sim.page(page)
            assert again.children(page) == sim.children(page)
        for source in sim.workspace.data_sources:
            assert again.data_source(source) == sim.data_source(source)


def test_new_ids_do_not_repeat_after_a_restart(tmp_path: Path) -> None:
    """The counter of ids is kept too."""
    sim = Simulator.persistent(tmp_path / "w.json", seed="empty", clock=lambda: NOW)
    first = sim.add_page("One")
    again = Simulator.persistent(tmp_path / "w.json", clock=lambda: NOW)
    assert again.titles() == ["One"]
    assert again.add_page("Two") != first


async def test_a_change_is_kept_before_its_answer(tmp_path: Path) -> None:
    """Even if the answer is lost; reading writes nothing."""
    path = tmp_path / "deep" / "w.json"
    sim = Simulator.persistent(path, clock=lambda: NOW)
    page = sim.find("Glossary")
    async with client_of(sim) as http:
        written = path.stat().st_mtime_ns
        await http.get(f"/v1/pages/{page}")
        assert path.stat().st_mtime_ns == written
        sim.fail_next(status=500, after_applying=True)
        await http.patch(f"/v1/pages/{page}", json={"icon": {"emoji": "🚀"}})
    assert Simulator.load(path).page(page)["icon"] == {"type": "emoji", "emoji": "🚀"}


def test_a_broken_file_is_refused_with_its_name(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    path = tmp_path / "w.json"
    path.write_text('{"format": 1, "records": {"pages": []}}')
    with pytest.raises(UnreadableWorkspaceError, match=r"w\.json"):
        Simulator.persistent(path)
    assert path.read_text().startswith('{"format": 1')


async def test_a_hundred_thousand_pages_cost_seconds_and_little_memory() -> None:
    """Contents are made on demand, the same each time, and kept only when changed."""
    tracemalloc.start()
    started = time.process_time()
    sim = Simulator(clock=lambda: NOW)
    sim.bulk(pages=20_000, rows=5_000, blocks=20)
    spent, (memory, _) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 10
    assert memory / 25_000 < 1_000  # bytes for a page
    async with client_of(sim) as http:
        found = (await http.post("/v1/search", json={"query": "page 012345"})).json()["results"]
        page = found[0]["id"]
        assert sim.markdown(page) == sim.markdown(page)
        assert len(sim.markdown(page).splitlines()) > 20
        children = (await http.get(f"/v1/blocks/{page}/children")).json()["results"]
        block = (await http.get(f"/v1/blocks/{children[3]['id']}")).json()
        assert block["type"] == children[3]["type"]
        parent = found[0]["parent"]["page_id"]
        assert page.replace("-", "") in sim.markdown(parent)
        sim.edit_title(page, "Changed")
        assert sim.title(page) == "Changed"
        assert (await http.patch(f"/v1/pages/{page}", json={"in_trash": True})).status_code == 200
        assert page.replace("-", "") not in sim.markdown(parent)
        source = next(iter(sim.workspace.data_sources))
        body = {"filter": {"property": "Number", "number": {"less_than": 3}}}
        rows = (await http.post(f"/v1/data_sources/{source}/query", json=body)).json()["results"]
        assert [row["properties"]["Number"]["number"] for row in rows] == [2, 1, 0]


async def test_the_back_door_edits_breaks_and_turns_the_clock(sim: Simulator) -> None:
    """Over HTTP, from this machine, with a JSON content type only."""
    page = sim.add_page("Page")
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, sim)
        headers = {"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"}
        async with httpx.AsyncClient(base_url=address.url, headers=headers) as http:

            async def act(name: str, body: object) -> httpx.Response:
                return await http.post(f"/_admin/{name}", json=body)

            await act("do", {"call": "edit_title", "args": [page, "New"]})
            assert sim.title(page) == "New"
            made = await act("do", {"call": "add_page", "args": ["More"]})
            assert sim.title(made.json()["result"]) == "More"
            await act("fail", {"status": 503})
            assert (await http.get("/v1/users/me")).status_code == 503
            await act("clock", {"advance": 60})
            assert sim.clock() == NOW + 60
            await act("settings", {"lag": 5, "page_size": 10, "partial_updates": True})
            assert (sim.lag, sim.limits.page_size, sim.switches.partial_updates) == (5, 10, True)
            assert (await http.get("/_admin/counts")).json() == {"users_me": 1}
            assert (await http.get("/_admin/requests")).json()[0]["status"] == 503
            await act("reset", {})
            assert (await http.get("/_admin/counts")).json() == {}
            for name, body in (("do", {"call": "save", "args": ["x"]}), ("nonsense", {})):
                assert (await act(name, body)).status_code == 400
            plain = await http.post("/_admin/reset", content=b"{}")
            assert plain.status_code == 400
        nursery.cancel_scope.cancel()


async def test_a_dropped_connection_breaks_off_on_a_socket(sim: Simulator) -> None:
    """The client sees an answer that ends too early, and can go on afterwards."""
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, sim)
        headers = {"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"}
        async with httpx.AsyncClient(base_url=address.url, headers=headers) as http:
            sim.fail_next(drop=True)
            with pytest.raises(httpx.TransportError):
                await http.get("/v1/users/me")
            assert (await http.get("/v1/users/me")).status_code == 200
        nursery.cancel_scope.cancel()


async def test_a_file_on_loopback_is_known_as_hosted_and_can_be_fetched(sim: Simulator) -> None:
    """Its address says that it is signed, so that no client keeps the signature in a text."""
    stored = sim.add_file("a.png", b"picture")
    page = sim.add_page("Page", markdown=f"![A]({stored})")
    headers = {"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"}
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, sim)
        async with httpx.AsyncClient(base_url=address.url, headers=headers) as http:
            answer = await http.get(f"/v1/pages/{page}/markdown?markdown_version=v2")
            [(canonical, signed)] = signed_urls(answer.json()["markdown"]).items()
            assert (await http.get(signed)).content == b"picture"
            assert (await http.get(canonical)).status_code == 403
            command = {
                "type": "replace_content",
                "replace_content": {"new_str": f"![B]({signed})"},
            }
            await http.patch(f"/v1/pages/{page}/markdown", json=command)
        nursery.cancel_scope.cancel()
    assert sim.children(page)[0]["image"]["type"] == "file"


async def test_the_server_stays_on_this_machine(sim: Simulator) -> None:
    """It has no defences."""
    with pytest.raises(ValueError, match="loopback"):
        await serve(sim, host="0.0.0.0")
