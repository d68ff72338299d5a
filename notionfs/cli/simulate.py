"""`notionfs simulate`: the simulator on loopback, for any Notion client."""

from __future__ import annotations

import os
import signal

import click

from notionfs.cli.screen import say
from notionfs.errors import UsageError

TOKEN = "demo-token"
SEEDS = ("demo", "torture", "empty")


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    required=True,
    metavar="N",
    help="Listen on this port of 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--seed",
    type=click.Choice(SEEDS),
    default="demo",
    show_default=True,
    help="What is in the workspace at the start.",
)
def command(port: int, seed: str) -> None:
    """Run a small Notion on this machine until Ctrl-C.

    Any Notion client can talk to it: set its base URL to the one shown and its token
    to demo-token. Everything lives in memory and is gone at the end. Only programs
    on this machine can reach it.

    \b
    Examples:
      notionfs simulate --port 8900
      NOTION_TOKEN=demo-token notionfs mount --base-url http://127.0.0.1:8900 ~/notion
    """
    import trio

    trio.run(_simulate, port, seed)


async def _simulate(port: int, seed: str) -> None:
    import trio

    from notionfs.simulator import Simulator
    from notionfs.simulator.server import Address, serve

    simulator = Simulator(token=TOKEN, seed=seed)

    async def run(task_status: trio.TaskStatus[Address]) -> None:
        try:
            await serve(simulator, host="127.0.0.1", port=port, task_status=task_status)
        except* OSError as group:
            raise UsageError(f"Port {port} cannot be used: {_reason(group)}.") from group

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as stops:
        async with trio.open_nursery() as nursery:
            address: Address = await nursery.start(run)
            say(f"A Notion with the workspace {seed!r} answers at {address.url}")
            say(f"Try: curl -H 'Authorization: Bearer {TOKEN}' {address.url}/v1/users/me")
            await anext(stops)
            nursery.cancel_scope.cancel()


def _reason(group: BaseExceptionGroup[OSError]) -> str:
    inner = group.exceptions[0]
    if isinstance(inner, BaseExceptionGroup):
        return _reason(inner)
    return os.strerror(inner.errno or 0)
