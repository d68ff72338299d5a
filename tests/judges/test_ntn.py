"""Notion's own command line program talks to the simulator."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .served import TOKEN, Served
from .tools import INSTALL, environment, ntn_binary

pytestmark = pytest.mark.skipif(
    not ntn_binary().is_file(),
    reason=f"ntn is not installed, or not made for this machine ({INSTALL})",
)


class Ntn:
    """The program, pointed at a simulator."""

    def __init__(self, url: str, home: Path) -> None:
        self.environment = environment(
            NOTION_API_BASE_URL=url,
            NOTION_API_DOCS_BASE_URL=url,
            NOTION_API_TOKEN=TOKEN,
            NOTION_API_VERSION="2026-03-11",
            NOTION_HOME=str(home),
        )

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run the program; the caller looks at how it ended."""
        return subprocess.run(
            [str(ntn_binary()), *arguments],
            input=given,
            env=self.environment,
            capture_output=True,
            timeout=30,
            check=False,
        )

    def api(self, *arguments: str) -> Any:
        """Run `ntn api` and return the answer."""
        done = self.run("api", *arguments)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)


@pytest.fixture
def ntn(served: Served, tmp_path: Path) -> Ntn:
    return Ntn(served.url, tmp_path)


def test_its_main_paths_are_answered(ntn: Ntn):
    """List, query, create, update, append, read back, trash, each typed as a person would."""
    assert ntn.api("v1/users/me")["type"] == "bot"
    assert len(ntn.api("v1/users", "page_size==2")["results"]) == 2
    home = ntn.api("v1/search", "query=Company Home")["results"][0]["id"]
    titled = '{"title": [{"text": {"content": "Typed"}}]}'
    page = ntn.api("v1/pages", f"parent[page_id]={home}", f"properties[title]:={titled}")["id"]
    block = {"paragraph": {"rich_text": [{"text": {"content": "by hand"}}]}}
    children = f"v1/blocks/{page}/children"
    ntn.api(children, "-X", "PATCH", "-d", json.dumps({"children": [block]}))
    shown = ntn.api(children)["results"]
    assert shown[0]["paragraph"]["rich_text"][0]["plain_text"] == "by hand"
    assert ntn.api(f"v1/pages/{page}/markdown", "markdown_version==v2")["markdown"] == "by hand"
    found = ntn.api("v1/search", "filter[property]=object", "filter[value]=data_source")["results"]
    tasks = next(one for one in found if one["title"][0]["plain_text"] == "Tasks")
    urgent = {"filter": {"property": "Urgent", "checkbox": {"equals": True}}}
    rows = ntn.api(f"v1/data_sources/{tasks['id']}/query", "-d", json.dumps(urgent))["results"]
    assert rows
    assert all(row["properties"]["Urgent"]["checkbox"] for row in rows)
    assert ntn.api(f"v1/pages/{page}", "-X", "PATCH", "in_trash:=true")["in_trash"]


def test_files_are_sent_in_parts_and_listed(ntn: Ntn):
    """`ntn files create` sends bytes from its input; `list` and `get` show the upload."""
    done = ntn.run("files", "create", "--filename", "proof.txt", given=b"evidence")
    assert done.returncode == 0, done.stderr.decode()
    listed = ntn.run("files", "list").stdout.decode()
    line = next(line for line in listed.splitlines() if "proof.txt" in line)
    assert "uploaded" in line
    shown = ntn.run("files", "get", line.split()[0])
    assert b"proof.txt" in shown.stdout


def test_a_refusal_is_told_in_the_simulators_words(ntn: Ntn):
    """Status, code and message reach the person who typed."""
    done = ntn.run("api", "v1/pages/00000000000040008000000000000000")
    assert done.returncode != 0
    assert b"404" in done.stderr
    assert b"object_not_found" in done.stderr
    assert b"Could not find page with ID" in done.stderr
