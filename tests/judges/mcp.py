"""A small client of the Model Context Protocol over a program's standard streams."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .tools import PACKAGES, environment

PATIENCE = 30


class Tools:
    """The tools of a running server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        self.asked = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def send(self, method: str, params: dict[str, Any], **extra: Any) -> None:
        """Send one message."""
        assert self.process.stdin is not None
        message = {"jsonrpc": "2.0", "method": method, "params": params, **extra}
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its result."""
        self.asked += 1
        self.send(method, params, id=self.asked)
        while True:
            message = json.loads(self.lines.get(timeout=PATIENCE))
            if message.get("id") == self.asked:
                assert "error" not in message, message
                return message["result"]

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; return the answer of the API that it passes on."""
        result = self.ask("tools/call", name=tool, arguments=arguments)
        return json.loads(result["content"][0]["text"])


@contextmanager
def mcp_server(url: str) -> Iterator[Tools]:
    """Run Notion's own MCP server against the simulator at *url*."""
    script = PACKAGES / "@notionhq" / "notion-mcp-server" / "bin" / "cli.mjs"
    with subprocess.Popen(
        ["node", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(BASE_URL=url, NOTION_TOKEN="demo-token"),
    ) as process:
        try:
            tools = Tools(process)
            tools.ask(
                "initialize",
                protocolVersion="2025-06-18",
                capabilities={},
                clientInfo={"name": "judge", "version": "1"},
            )
            tools.send("notifications/initialized", {})
            yield tools
        finally:
            process.kill()
