"""The pages in a real browser, over a real mount."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import trio

from notionfs.simulator import Simulator
from tests.fuse.mounting import Mount, mounted
from tests.ui.browser import Browser, browsing

WIKI = "acme/wiki.md"
BODY = "First paragraph.\n\n## Plan\n\n- one\n- two\n\nLast paragraph.\n"


@dataclass
class Desktop:
    """A mount, a browser, and the address that `notionfs ui` printed."""

    mount: Mount
    browser: Browser
    url: str
    page_id: str


@asynccontextmanager
async def shown(mount: Mount) -> AsyncIterator[str]:
    """Run `notionfs ui` and yield the address that it prints; Ctrl-C must end it well."""
    process = await trio.lowlevel.open_process(
        [sys.executable, "-m", "notionfs", "ui", "--no-browser", str(mount.path)],
        stdout=subprocess.PIPE,
        env=mount.environment,
    )
    assert process.stdout is not None
    try:
        with trio.fail_after(30):
            line = (await process.stdout.receive_some()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+", line)
        assert found, line
        yield found[0]
    finally:
        process.terminate()
        with trio.CancelScope(shield=True), trio.fail_after(10):
            assert await process.wait() == 0
        await process.stdout.aclose()


@pytest.fixture
async def desktop() -> AsyncIterator[Desktop]:
    sim = Simulator()
    page_id = sim.add_page("Wiki", parent="workspace", markdown=BODY)
    async with (
        mounted(sim, "--poll", "off") as mount,
        shown(mount) as url,
        browsing() as browser,
    ):
        yield Desktop(mount, browser, url, str(page_id))


async def disagree(desktop: Desktop) -> None:
    """Change the last paragraph on both sides, and the first one in Notion alone."""
    text = await desktop.mount.read(WIKI)
    desktop.mount.sim.replace_text(desktop.page_id, "Last paragraph.", "Last remote.")
    desktop.mount.sim.replace_text(desktop.page_id, "First paragraph.", "First remote.")
    await desktop.mount.write(WIKI, text.replace("Last paragraph.", "Last local."))
    await desktop.mount.notionfs("sync", str(desktop.mount.path / WIKI))


async def test_a_conflict_is_merged_with_clicks(desktop: Desktop) -> None:
    """From the overview to the merged text in Notion; the page renews itself meanwhile, and
    the browser has nothing to complain about."""
    browser = desktop.browser
    await browser.open(desktop.url)
    await browser.sees("Everything is sent.")
    await disagree(desktop)
    await browser.sees(WIKI)

    await browser.click("#conflicts a")
    await browser.sees("Nothing is sent for this page until you decide.")
    await browser.click('input[name="choice-0"][value="theirs"]')
    await browser.click('button[value="merge"]')
    await browser.until("document.querySelector('textarea')?.value.includes('First remote.')")
    await browser.click("textarea")
    await browser.evaluate("document.querySelector('textarea').setSelectionRange(1e6, 1e6)")
    await browser.type("\nTyped in the browser.\n")
    await browser.click("main button")
    await browser.sees("Decided, and sent to Notion.")

    for text in (desktop.mount.sim.markdown(desktop.page_id), await desktop.mount.read(WIKI)):
        assert "First remote." in text
        assert "Last local." in text
        assert "Typed in the browser." in text
    assert browser.complaints == []


async def test_a_conflict_is_decided_without_javascript_and_without_a_mouse(
    desktop: Desktop,
) -> None:
    """Links and forms are enough, and the keyboard reaches them."""
    browser = desktop.browser
    await disagree(desktop)
    await browser.without_scripts()
    await browser.open(desktop.url + "conflicts")
    await browser.press_until("Tab", "document.activeElement.href?.includes('wiki.md')")
    await browser.press("Enter")
    await browser.sees("Nothing is sent for this page until you decide.")
    await browser.press_until("Tab", "document.activeElement.value === 'theirs'")
    await browser.press("Enter")
    await browser.sees("Notion’s text stands.")
    assert "Last remote." in await desktop.mount.read(WIKI)


async def test_a_refused_text_is_sent_again_and_another_one_discarded(desktop: Desktop) -> None:
    """One click sends; giving a text up takes two. The second half has no JavaScript."""
    browser, mount = desktop.browser, desktop.mount
    await refuse(mount, "Last paragraph.", "Last words.")
    await browser.open(desktop.url)
    await browser.click("#errors button")
    await browser.sees("Sent to Notion.")
    assert "Last words." in mount.sim.markdown(desktop.page_id)
    assert browser.complaints == []

    await refuse(mount, "Last words.", "Never mind.")
    await browser.without_scripts()
    await browser.open(desktop.url)
    await browser.press_until("Tab", "document.activeElement.innerText === 'Discard…'")
    await browser.press("Enter")
    await browser.sees("Yours goes to the history")
    assert "Never mind." in await mount.read(WIKI)
    await browser.press_until("Tab", "document.activeElement.innerText === 'Discard my text'")
    await browser.press("Enter")
    await browser.sees("Notion’s text stands.")
    assert "Last words." in await mount.read(WIKI)


async def refuse(mount: Mount, old: str, new: str) -> None:
    """Change the page; Notion refuses that."""
    text = await mount.read(WIKI)
    mount.sim.fail_next(operation="patch_markdown", status=403)
    await mount.write(WIKI, text.replace(old, new))
    await mount.sent()


async def test_pages_are_found_by_typing(desktop: Desktop) -> None:
    """The cursor is in the field already."""
    browser = desktop.browser
    await desktop.mount.read(WIKI)
    await browser.open(desktop.url + "search")
    await browser.type("paragraph")
    await browser.press("Enter")
    await browser.sees(WIKI)
    assert "paragraph" in await browser.evaluate("document.querySelector('mark').innerText")


async def test_colours_can_be_told_apart(desktop: Desktop) -> None:
    """Every text has at least 4.5 times the contrast of its ground, by day and by night."""
    browser = desktop.browser
    await disagree(desktop)
    for scheme in ("light", "dark"):
        await browser.prefer(scheme)
        for place in ("", "conflicts", f"conflict?path={WIKI}", "search?words=wiki"):
            await browser.open(desktop.url + place)
            assert await browser.evaluate(FAINT) == [], (scheme, place)


FAINT = """(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, alpha = parts(colour)[3];
      if (alpha === undefined || alpha > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = [];
  for (const element of document.body.querySelectorAll('*:not(svg *)')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const one = light(getComputedStyle(element).color), other = light(ground(element));
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push([element.outerHTML.slice(0, 80), contrast]);
  }
  return faint;
})()"""


async def test_a_taken_port_is_said_in_a_sentence(desktop: Desktop) -> None:
    """As any wrong option is."""
    port = re.search(r":(\d+)/", desktop.url)
    assert port
    done = await desktop.mount.notionfs("ui", "--no-browser", "--port", port[1])
    assert (done.code, done.out) == (2, "")
    assert done.err == f"notionfs: Port {port[1]} cannot be used; choose another.\n"


async def test_without_a_mount_nothing_is_shown() -> None:
    """There is nobody to ask; nothing listens."""
    async with mounted(Simulator(), start=False) as mount:
        done = await mount.notionfs("ui", "--no-browser")
        assert (done.code, done.err) == (4, "notionfs: No notionfs mount is running.\n")
