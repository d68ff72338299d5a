"""File uploads, hosted files and their signed addresses."""

from __future__ import annotations

from typing import Any

import httpx

from notionfs.simulator import Simulator

from .conftest import Api


async def send(api: Api, upload: str, content: bytes, part: int | None = None) -> httpx.Response:
    files: dict[str, Any] = {"file": ("a.txt", content, "text/plain")}
    data = {} if part is None else {"part_number": str(part)}
    path = f"/v1/file_uploads/{upload}/send"
    return await api.http.post(path, files=files, data=data)


async def test_a_file_is_announced_sent_and_attached(sim: Simulator, api: Api) -> None:
    """As a property value, a block, an icon and a cover; its bytes can be fetched."""
    _, (source,) = sim.add_database("T", sources={"T": {"F": "files"}})
    row = sim.add_page("Row", parent=source)
    upload = await api.ok(
        "POST", "file_uploads", {"filename": "a.txt", "content_type": "text/plain"}
    )
    assert upload["status"] == "pending"
    assert upload["upload_url"].endswith("/send")
    sent = (await send(api, upload["id"], b"hello")).json()
    assert sent["status"] == "uploaded"
    assert sent["content_length"] == 5
    file = {"type": "file_upload", "file_upload": {"id": upload["id"]}}
    changed = await api.ok(
        "PATCH",
        f"pages/{row}",
        {"properties": {"F": {"files": [{"name": "mine", **file}]}}, "icon": file, "cover": file},
    )
    value = changed["properties"]["F"]["files"][0]
    assert (value["name"], value["type"]) == ("mine", "file")
    assert "expiry_time" in value["file"]
    for shown in (value, changed["icon"], changed["cover"]):
        answer = await api.http.get(shown["file"]["url"])
        assert (answer.content, answer.headers["content-type"]) == (b"hello", "text/plain")


async def test_a_signed_address_expires_and_cannot_be_forged(sim: Simulator, api: Api) -> None:
    """After an hour it is refused; reading the page again gives a good one."""
    url = sim.add_file("a.png", b"picture")
    assert (await api.http.get(url)).status_code == 200
    assert (await api.http.get(url.replace("Expires=3600", "Expires=9600"))).status_code == 403
    assert (await api.http.get(url.split("?")[0])).status_code == 403
    sim.advance(3601)
    assert (await api.http.get(url)).status_code == 403


async def test_a_large_file_goes_up_in_parts(sim: Simulator, api: Api) -> None:
    """In any order; completing without all of them is refused, and so are bad part numbers."""
    sim.limits.part_bytes_min = 4
    body = {"mode": "multi_part", "filename": "a.txt", "number_of_parts": 2}
    upload = (await api.ok("POST", "file_uploads", body))["id"]
    assert (await send(api, upload, b"5678", 2)).json()["number_of_parts"]["sent"] == 1
    await api.refused("POST", f"file_uploads/{upload}/complete")
    assert (await send(api, upload, b"12", 1)).status_code == 400
    assert (await send(api, upload, b"1234", 3)).status_code == 400
    assert (await send(api, upload, b"1234", 1)).status_code == 200
    done = await api.ok("POST", f"file_uploads/{upload}/complete")
    assert done["status"] == "uploaded"
    assert sim.workspace.records.files[upload] == b"12345678"


async def test_uploads_expire_unless_attached(sim: Simulator, api: Api) -> None:
    """An hour; what was attached stays."""
    page = sim.add_page("Page")
    kept = (await api.ok("POST", "file_uploads", {"filename": "a.txt"}))["id"]
    lost = (await api.ok("POST", "file_uploads", {"filename": "b.txt"}))["id"]
    for upload in (kept, lost):
        await send(api, upload, b"x")
    file = {"type": "file_upload", "file_upload": {"id": kept}}
    block = {"children": [{"type": "image", "image": file}]}
    await api.ok("PATCH", f"blocks/{page}/children", block)
    sim.advance(3601)
    assert (await api.ok("GET", f"file_uploads/{kept}"))["status"] == "uploaded"
    assert (await api.ok("GET", f"file_uploads/{lost}"))["status"] == "expired"
    file["file_upload"]["id"] = lost
    assert "expired" in await api.refused("PATCH", f"blocks/{page}/children", block)
    expired = await api.ok("GET", "file_uploads?status=expired")
    assert [upload["id"] for upload in expired["results"]] == [lost]


async def test_bad_uploads_are_refused(sim: Simulator, api: Api) -> None:
    """Wrong modes, names, sizes and types."""
    for body in (
        {"mode": "nonsense"},
        {"mode": "multi_part", "filename": "a"},
        {"mode": "single_part", "number_of_parts": 2},
        {"mode": "external_url", "external_url": "http://example.com/a", "filename": "a"},
        {"filename": "x" * 901},
        {"surprise": 1},
    ):
        await api.refused("POST", "file_uploads", body)
    upload = await api.ok(
        "POST", "file_uploads", {"filename": "a.png", "content_type": "image/png"}
    )
    assert (await send(api, upload["id"], b"x")).status_code == 400
    sim.limits.single_part_bytes = 3
    upload = await api.ok("POST", "file_uploads", {"filename": "a.txt"})
    assert (await send(api, upload["id"], b"1234")).status_code == 400
    assert (
        await api.http.post(f"/v1/file_uploads/{upload['id']}/send", content=b"x")
    ).status_code == 400


async def test_an_external_file_is_imported(sim: Simulator, api: Api) -> None:
    """Nothing is fetched from the network; the upload says it succeeded."""
    body = {
        "mode": "external_url",
        "external_url": "https://example.com/a.png",
        "filename": "a.png",
    }
    upload = await api.ok("POST", "file_uploads", body)
    assert upload["status"] == "uploaded"
    assert upload["file_import_result"]["type"] == "success"


async def test_comments_form_threads(sim: Simulator, api: Api) -> None:
    """On pages and blocks, with attachments; updated and deleted."""
    page = sim.add_page("Page", markdown="text")
    block = sim.children(page)[0]["id"]
    first = await api.ok("POST", "comments", {"parent": {"page_id": page}, "markdown": "**Yes**"})
    assert first["rich_text"][0]["annotations"]["bold"] is True
    assert first["display_name"]["type"] == "integration"
    reply = {"discussion_id": first["discussion_id"], "rich_text": [{"text": {"content": "No"}}]}
    second = await api.ok("POST", "comments", reply)
    assert second["discussion_id"] == first["discussion_id"]
    other = {"parent": {"block_id": block}, "rich_text": [{"text": {"content": "Here"}}]}
    await api.ok("POST", "comments", other)
    assert len((await api.ok("GET", f"comments?block_id={page}"))["results"]) == 2
    assert len((await api.ok("GET", f"comments?block_id={block}"))["results"]) == 1
    changed = await api.ok("PATCH", f"comments/{second['id']}", {"markdown": "Maybe"})
    assert changed["rich_text"][0]["plain_text"] == "Maybe"
    await api.ok("DELETE", f"comments/{first['id']}")
    await api.refused("GET", f"comments/{first['id']}", status=404)
    await api.refused("POST", "comments", {"markdown": "x"})
    await api.refused("POST", "comments", {"parent": {"page_id": page}, "markdown": "a\n\nb"})


async def test_views_are_listed_changed_and_run(sim: Simulator, api: Api) -> None:
    """Every data source begins with a table; a view's query keeps its filter and order."""
    database, (source,) = sim.add_database("T", sources={"T": {"N": "number"}})
    rows = [sim.add_page(str(n), parent=source, properties={"N": n}) for n in range(5)]
    listed = await api.ok("GET", f"views?database_id={database}")
    default = await api.ok("GET", f"views/{listed['results'][0]['id']}")
    assert default["type"] == "table"
    body = {
        "data_source_id": source,
        "name": "Large",
        "type": "list",
        "filter": {"property": "N", "number": {"greater_than": 2}},
        "sorts": [{"property": "N", "direction": "descending"}],
    }
    view = await api.ok("POST", "views", body)
    run = await api.ok("POST", f"views/{view['id']}/queries", {})
    assert [page["id"] for page in run["results"]] == [rows[4], rows[3]]
    assert run["total_count"] == 2
    path = f"views/{view['id']}/queries/{run['id']}"
    assert (await api.ok("GET", path))["results"] == run["results"]
    await api.ok("DELETE", path)
    await api.refused("GET", path, status=404)
    assert (await api.ok("PATCH", f"views/{view['id']}", {"name": "Big"}))["name"] == "Big"
    await api.ok("DELETE", f"views/{view['id']}")
    await api.refused("DELETE", f"views/{default['id']}")
    await api.refused("GET", "views")
