"""`notionfs ui`: a page in the browser that shows what a mount does."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import click

from notionfs import control, registry
from notionfs.cli.screen import say
from notionfs.errors import UsageError

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""One of these is set where a browser can be opened beside the terminal."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Listen on this port of 127.0.0.1; a free one by default.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, open nothing.")
@click.argument("mountpoint", type=click.Path(), required=False)
def command(mountpoint: str | None, port: int, no_browser: bool) -> None:
    """Show in the browser what a mount does, until Ctrl-C.

    The page shows the queue, the requests of the last hour, how much is read, and
    conflicts side by side, to decide them with a click. Only programs on this machine
    reach it, and only who knows the address with its token sees anything: do not
    pass it on. MOUNTPOINT can be left out while only one mount is running.

    \b
    Examples:
      notionfs ui
      notionfs ui --no-browser --port 8080 ~/notion
    """
    serving = registry.find_mount(registry.canonical(mountpoint) if mountpoint else None)
    control.call(serving.socket, "ping")
    import trio

    wants_browser = not no_browser and any(os.environ.get(name) for name in _SCREENS)
    trio.run(_show, Path(serving.mountpoint), port, wants_browser)


async def _show(mountpoint: Path, port: int, wants_browser: bool) -> None:
    import webbrowser

    import trio

    from notionfs.ui.guard import Guard
    from notionfs.ui.mount import RunningMount
    from notionfs.ui.server import serve

    async def run(task_status: trio.TaskStatus[Guard]) -> None:
        try:
            await serve(RunningMount(mountpoint), port, task_status=task_status)
        except* OSError as group:
            raise UsageError(f"Port {port} cannot be used; choose another.") from group

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as stops:
        async with trio.open_nursery() as nursery:
            guard: Guard = await nursery.start(run)
            say(f"{mountpoint} is shown at {guard.url}")
            if wants_browser:
                await trio.to_thread.run_sync(webbrowser.open, guard.entrance_url)
            await anext(stops)
            nursery.cancel_scope.cancel()
