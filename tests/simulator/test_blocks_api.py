"""Blocks one by one through the API."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.simulator import Simulator

from .conftest import Api


def paragraph(text: str, *children: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"rich_text": [{"text": {"content": text}}]}
    if children:
        body["children"] = list(children)
    return {"type": "paragraph", "paragraph": body}


async def test_appended_blocks_have_ids_times_and_parents(sim: Simulator, api: Api) -> None:
    """And the envelope that real blocks have."""
    page = sim.add_page("Page")
    body = {"children": [paragraph("one", paragraph("inner")), paragraph("two")]}
    made = await api.ok("PATCH", f"blocks/{page}/children", body)
    assert [block["has_children"] for block in made["results"]] == [True, False]
    block = made["results"][0]
    assert set(block) == {
        "object", "id", "parent", "created_time", "last_edited_time", "created_by",
        "last_edited_by", "has_children", "in_trash", "type", "paragraph",
    }  # fmt: skip
    inner = (await api.ok("GET", f"blocks/{block['id']}/children"))["results"][0]
    assert inner["parent"] == {"type": "block_id", "block_id": block["id"]}
    assert (await api.ok("GET", f"blocks/{inner['id']}"))["paragraph"] == inner["paragraph"]


async def test_an_answer_to_an_insertion_goes_on_with_what_follows(
    sim: Simulator, api: Api
) -> None:
    """Seen in real exchanges: the new blocks, then the siblings behind them."""
    page = sim.add_page("Page", markdown="one\n\ntwo")
    first, second = (block["id"] for block in sim.children(page))
    position = {"type": "after_block", "after_block": {"id": first}}
    body = {"children": [paragraph("new")], "position": position}
    made = await api.ok("PATCH", f"blocks/{page}/children", body)
    assert [block["id"] for block in made["results"]][1:] == [second]
    assert sim.markdown(page) == "one\n\nnew\n\ntwo"
    body = {"children": [paragraph("first")], "position": {"type": "start"}}
    await api.ok("PATCH", f"blocks/{page}/children", body)
    assert sim.markdown(page).startswith("first")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "body.children should be defined"),
        ({"children": [paragraph("x")] * 101}, "≤ `100`"),
        (
            {"children": [paragraph("1", paragraph("2", paragraph("3", paragraph("4"))))]},
            "not present",
        ),
        ({"children": [{"type": "child_page", "child_page": {"title": "x"}}]}, "child_page"),
        ({"children": [{"type": "link_preview", "link_preview": {"url": "x"}}]}, "link_preview"),
        ({"children": [paragraph("x" * 2001)]}, "≤ `2000`"),
        ({"children": [{"divider": {"children": [paragraph("x")]}}]}, "children"),
        ({"children": [], "after": "00000000-0000-4000-8000-0000000000aa"}, "body.after"),
        ({"children": [], "position": {"type": "start", "x": 1}, "extra": 1}, "body.extra"),
        (
            {
                "children": [
                    {"table": {"table_width": 2, "children": [{"table_row": {"cells": [[]]}}]}}
                ]
            },
            "table",
        ),
    ],
)
async def test_bad_blocks_are_refused_and_nothing_is_added(
    sim: Simulator, api: Api, body: dict[str, Any], complaint: str
) -> None:
    """Counts, depth, types, lengths and shapes."""
    page = sim.add_page("Page")
    assert complaint in await api.refused("PATCH", f"blocks/{page}/children", body)
    assert sim.children(page) == []


async def test_more_than_a_thousand_blocks_in_one_request_are_refused(
    sim: Simulator, api: Api
) -> None:
    """However they are nested."""
    page = sim.add_page("Page")
    inner = [paragraph("x") for _ in range(100)]
    body = {"children": [paragraph("x", *inner) for _ in range(11)]}
    assert "1000" in await api.refused("PATCH", f"blocks/{page}/children", body)


async def test_a_body_over_500_kilobytes_is_refused(sim: Simulator, api: Api) -> None:
    """Whatever is in it."""
    page = sim.add_page("Page")
    texts = [{"text": {"content": "x" * 2000}}] * 60
    body = {"children": [{"paragraph": {"rich_text": texts}}] * 5}
    assert "500KB" in await api.refused("PATCH", f"blocks/{page}/children", body)


async def test_updating_replaces_given_fields_only(sim: Simulator, api: Api) -> None:
    """The type stays, and another type is refused."""
    page = sim.add_page("Page", markdown="- [ ] do it")
    block = sim.children(page)[0]["id"]
    changed = await api.ok("PATCH", f"blocks/{block}", {"to_do": {"checked": True}})
    assert changed["to_do"]["checked"] is True
    assert changed["to_do"]["rich_text"][0]["plain_text"] == "do it"
    assert "type" in await api.refused("PATCH", f"blocks/{block}", {"paragraph": {"rich_text": []}})
    assert sim.markdown(page) == "- [x] do it"


async def test_a_deleted_block_can_come_back(sim: Simulator, api: Api) -> None:
    """With its children, at its old place; until then edits of it are not found."""
    page = sim.add_page("Page", markdown="one\n\n- two\n    - inner\n\nthree")
    whole = sim.markdown(page)
    block = sim.children(page)[1]["id"]
    inner = sim.children(block)[0]["id"]
    deleted = await api.ok("DELETE", f"blocks/{block}")
    assert deleted["in_trash"] is True
    assert sim.markdown(page) == "one\n\nthree"
    assert (await api.ok("GET", f"blocks/{inner}"))["in_trash"] is True
    body = {"bulleted_list_item": {"rich_text": []}}
    await api.refused("PATCH", f"blocks/{block}", body, status=404)
    await api.ok("PATCH", f"blocks/{block}", {"in_trash": False})
    assert sim.markdown(page) == whole


async def test_a_page_is_a_block_too(sim: Simulator, api: Api) -> None:
    """Retrieved as child_page, deleted as a block, titled by its page."""
    root = sim.add_page("Root")
    child = sim.add_page("Child", parent=root)
    block = await api.ok("GET", f"blocks/{child}")
    assert block["child_page"] == {"title": "Child"}
    sim.edit_title(child, "Renamed")
    listed = await api.ok("GET", f"blocks/{root}/children")
    assert listed["results"][0]["child_page"] == {"title": "Renamed"}
    await api.ok("DELETE", f"blocks/{child}")
    assert sim.page(child)["in_trash"] is True


async def test_a_synced_copy_lists_the_children_of_its_original(sim: Simulator, api: Api) -> None:
    """A copy of nothing is refused."""
    page = sim.add_page("Page")
    original = {"synced_block": {"synced_from": None, "children": [paragraph("shared")]}}
    made = await api.ok("PATCH", f"blocks/{page}/children", {"children": [original]})
    source = made["results"][0]["id"]
    copy = {"synced_block": {"synced_from": {"block_id": source}}}
    made = await api.ok("PATCH", f"blocks/{page}/children", {"children": [copy]})
    listed = await api.ok("GET", f"blocks/{made['results'][0]['id']}/children")
    assert listed["results"][0]["paragraph"]["rich_text"][0]["plain_text"] == "shared"
    lost = {"synced_block": {"synced_from": {"block_id": page.replace("-81", "-99")}}}
    await api.refused("PATCH", f"blocks/{page}/children", {"children": [lost]}, status=404)


async def test_children_come_in_pages(sim: Simulator, api: Api) -> None:
    """A hundred at most, and cursors for the rest."""
    page = sim.add_page("Page", markdown="\n\n".join(f"line {n}" for n in range(120)))
    first = await api.ok("GET", f"blocks/{page}/children")
    assert len(first["results"]) == 100
    assert first["block"] == {}
    rest = await api.ok("GET", f"blocks/{page}/children?start_cursor={first['next_cursor']}")
    assert len(rest["results"]) == 20
    assert rest["has_more"] is False


async def test_meeting_notes_are_made_and_listed_by_their_own_endpoints(
    sim: Simulator, api: Api
) -> None:
    """And are called transcription in the older version."""
    page = sim.add_page("Page")
    body = {"parent": {"page_id": page}, "title": "Weekly", "notes": "We met."}
    made = await api.ok("POST", "blocks/meeting_notes", body)
    assert made["meeting_notes"]["status"] == "notes_ready"
    listed = await api.ok("POST", "blocks/meeting_notes/query", {})
    assert [block["id"] for block in listed["results"]] == [made["id"]]
    older = await api.ok("GET", f"blocks/{made['id']}", headers={"Notion-Version": "2025-09-03"})
    assert older["type"] == "transcription"
    assert older["archived"] is False
