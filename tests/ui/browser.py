"""A real browser: Chromium without a window, driven through its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import trio

PATIENCE = 30.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Browser:
    """One tab of one browser; what a person does in it."""

    def __init__(self, to: int, back: int) -> None:
        self._to = trio.lowlevel.FdStream(to)
        self._back = trio.lowlevel.FdStream(back)
        self._received = bytearray()
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        """What the page's console and its security policy complained about."""

    async def begin(self) -> None:
        """Open the tab."""
        target = (await self._do("Target.createTarget", url="about:blank"))["targetId"]
        attached = await self._do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self._do(f"{domain}.enable")

    async def open(self, url: str) -> None:
        """Go to *url* and wait until it is there."""
        await self._do("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def evaluate(self, expression: str) -> Any:
        """Return the value of *expression* in the page."""
        answer = await self._do("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until *expression* holds, also across a change of the page."""
        with trio.fail_after(PATIENCE):
            while True:
                try:
                    if await self.evaluate(expression):
                        return
                except AssertionError:
                    pass  # the page is changing
                await trio.sleep(0.05)

    async def text(self) -> str:
        """Return what a person reads."""
        return str(await self.evaluate("document.body.innerText"))

    async def sees(self, words: str) -> None:
        """Wait until *words* are on the page."""
        await self.until(f"document.body?.innerText.includes({json.dumps(words)})")

    async def click(self, selector: str) -> None:
        """Click with the mouse in the middle of an element, of its first line if it has several."""
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{found} !== null")
        box = await self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const b = e.getClientRects()[0];"
            f" return [b.x + b.width / 2, b.y + b.height / 2]; }})({found})"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self._do(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box[0],
                y=box[1],
                button="left",
                clickCount=1,
            )

    async def press(self, key: str) -> None:
        """Press one key."""
        code = {"Tab": 9, "Enter": 13}[key]
        await self._do(
            "Input.dispatchKeyEvent",
            type="keyDown",
            key=key,
            code=key,
            windowsVirtualKeyCode=code,
            text="\r" if key == "Enter" else "",
        )
        await self._do(
            "Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code
        )

    async def press_until(self, key: str, expression: str) -> None:
        """Press a key, at most fifty times, until *expression* holds."""
        for _ in range(50):
            if await self.evaluate(expression):
                return
            await self.press(key)
        raise AssertionError(f"{expression} never held")

    async def prefer(self, scheme: str) -> None:
        """Set the desktop to `light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self._do("Emulation.setEmulatedMedia", features=features)

    async def type(self, text: str) -> None:
        """Put *text* where the cursor is."""
        await self._do("Input.insertText", text=text)

    async def without_scripts(self) -> None:
        """Go on as a browser that runs no JavaScript on pages."""
        await self._do("Emulation.setScriptExecutionDisabled", value=True)

    async def picture(self, path: Path, width: int = 1100, height: int = 900) -> None:
        """Save what is seen, as PNG."""
        await self._do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        shot = await self._do("Page.captureScreenshot", format="png")
        await trio.Path(path).write_bytes(base64.b64decode(shot["data"]))

    async def _do(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        with trio.fail_after(PATIENCE):
            await self._to.send_all(json.dumps(message).encode() + b"\0")
            while True:
                answer = await self._receive()
                if answer.get("id") == self._number:
                    assert "error" not in answer, answer["error"]
                    return dict(answer["result"])
                self._note(answer)

    async def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            chunk = await self._back.receive_some(1 << 16)
            assert chunk, "the browser ended"
            self._received += chunk
        message, _, rest = bytes(self._received).partition(b"\0")
        self._received = bytearray(rest)
        return dict(json.loads(message))

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Log.entryAdded":
            entry = event["params"]["entry"]
            self.complaints.append(f"{entry['level']}: {entry['text']}")
        elif event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(event["params"]["exceptionDetails"]))


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Yield a browser with a profile of its own, gone afterwards."""
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    profile = tempfile.mkdtemp(prefix="notionfs-browser-")
    script = f'exec "$@" 3<&{to_read} 4>&{back_write} 2>/dev/null'
    words = ["bash", "-c", script, "-", CHROMIUM, *_FLAGS, f"--user-data-dir={profile}"]
    try:
        async with trio.open_nursery() as nursery:
            start = partial(trio.run_process, words, check=False, pass_fds=(to_read, back_write))
            process = await nursery.start(start)
            os.close(to_read)
            os.close(back_write)
            browser = Browser(to_write, back_read)
            await browser.begin()
            try:
                yield browser
            finally:
                process.terminate()
    finally:
        shutil.rmtree(profile, ignore_errors=True)
