"""Notion's own MCP server works on the simulator: an agent's tools, one call each."""

from __future__ import annotations

from typing import Any

from .mcp import mcp_server
from .served import Served
from .tools import needs_node


def words(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": text}}]


def paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "paragraph": {"rich_text": words(text)}}


@needs_node("@notionhq/notion-mcp-server")
def test_every_tool_of_the_mcp_server_is_answered(served: Served):
    """All of its tools are called; only the one that says no version is refused."""
    with mcp_server(served.url) as tools:
        offered = {tool["name"] for tool in tools.ask("tools/list")["tools"]}
        called: set[str] = set()

        def call(name: str, **arguments: Any) -> dict[str, Any]:
            called.add(f"API-{name}")
            answer = tools.call(f"API-{name}", **arguments)
            assert answer.get("object") != "error", answer
            return answer

        bot = call("get-self")
        assert bot["id"] in {user["id"] for user in call("get-users", page_size=100)["results"]}
        assert call("get-user", user_id=bot["id"])["name"] == bot["name"]
        home = call("post-search", query="Company Home")["results"][0]["id"]

        page = call(
            "post-page",
            parent={"page_id": home},
            properties={"title": {"title": words("By an agent")}},
            children=[paragraph("one")],
        )["id"]
        call("patch-page", page_id=page, properties={"title": {"title": words("By a judge")}})
        shown = call("retrieve-a-page", page_id=page)["properties"]["title"]["title"]
        assert shown[0]["plain_text"] == "By a judge"
        title = call("retrieve-a-page-property", page_id=page, property_id="title")
        assert title["results"][0]["title"]["plain_text"] == "By a judge"

        first = call("get-block-children", block_id=page)["results"][0]["id"]
        call("patch-block-children", block_id=page, after=first, children=[paragraph("two")])
        call("update-a-block", block_id=first, paragraph={"rich_text": words("1")})
        assert call("retrieve-a-block", block_id=first)["type"] == "paragraph"
        call("delete-a-block", block_id=first)

        change = {"content_updates": [{"old_str": "two", "new_str": "**three**"}]}
        call("update-page-markdown", page_id=page, type="update_content", update_content=change)
        assert call("retrieve-page-markdown", page_id=page)["markdown"].strip() == "**three**"

        # Its description of this one call forgets the version, so that Notion refuses it as well.
        called.add("API-create-a-comment")
        comment = {"parent": {"page_id": page}, "rich_text": words("fine")}
        assert tools.call("API-create-a-comment", **comment)["code"] == "missing_version"
        served.sim.add_comment(page, "fine")
        assert len(call("retrieve-a-comment", block_id=page)["results"]) == 1

        rows_and_tables(call, served)
        other = call("post-search", query="Product")["results"][0]["id"]
        moved = call("move-page", page_id=page, parent={"page_id": other})
        assert moved["parent"]["page_id"] == other
        assert call("patch-page", page_id=page, in_trash=True)["in_trash"]
    assert called == offered


def rows_and_tables(call: Any, served: Served) -> None:
    """The part that needs a database: the demo's projects."""
    found = call("post-search", filter={"property": "object", "value": "data_source"})["results"]
    projects = next(one for one in found if one["title"][0]["plain_text"] == "Active Projects")
    source = call("retrieve-a-data-source", data_source_id=projects["id"])
    database = call("retrieve-a-database", database_id=source["parent"]["database_id"])
    assert [one["name"] for one in database["data_sources"]] == [
        "Active Projects",
        "Archived Projects",
    ]
    approved = {"property": "Approved", "checkbox": {"equals": True}}
    rows = call(
        "query-data-source",
        data_source_id=projects["id"],
        filter=approved,
        sorts=[{"property": "Budget", "direction": "descending"}],
    )["results"]
    assert rows
    assert all(row["properties"]["Approved"]["checkbox"] for row in rows)
    extra = {"Reviewed by": {"rich_text": {}}}
    changed = call("update-a-data-source", data_source_id=projects["id"], properties=extra)
    assert "Reviewed by" in changed["properties"]
    made = call(
        "create-a-data-source",
        parent={"database_id": database["id"]},
        properties={"Name": {"title": {}}},
        title=words("Ideas"),
    )
    assert call("list-data-source-templates", data_source_id=made["id"])["templates"] == []
