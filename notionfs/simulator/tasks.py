"""Work that happens after its answer: asynchronous requests and templates.

Due work is done when the next request arrives after its time, so that a settable clock decides and
nothing runs on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.clock import zulu_time
from notionfs.simulator.errors import ApiError
from notionfs.simulator.records import Task


@dataclass(frozen=True, slots=True)
class Accepted:
    """A 202: the request was taken, its outcome comes later."""

    body: dict[str, Any]


def start(call: Call, kind: str, name: str, **arguments: Any) -> Accepted:
    """Put the request of *call* off and answer with a task."""
    world = call.world
    task = Task(
        id="task_" + world.ids.free().replace("-", ""),
        kind=kind,
        due=world.now + world.switches.task_seconds,
        created=world.now,
        arguments={"ids": call.ids, "actor": call.actor, "version": call.version, "name": name}
        | arguments,
    )
    world.workspace.records.tasks[task.id] = task
    return Accepted(task_object(call, task))


def get_task(call: Call) -> dict[str, Any]:
    """Answer with the state of a task."""
    task = call.world.workspace.records.tasks.get(call.ids[0])
    if task is None or task.kind == "template":
        raise call.missing("async_task", call.ids[0])
    return task_object(call, task)


def task_object(call: Call, task: Task) -> dict[str, Any]:
    """Return a task as clients see it."""
    shown: dict[str, Any] = {
        "object": "async_task",
        "id": task.id,
        "status": task.status,
        "status_url": f"{call.world.origin}/v1/async_tasks/{task.id}",
        "created_time": zulu_time(task.created),
        "operation": {"surface": "rest", "name": task.arguments["name"]},
    }
    if task.status in ("queued", "running", "retrying"):
        shown["poll_after_seconds"] = 2
    if task.result is not None:
        shown["result"] = task.result
    if task.error is not None:
        shown["error"] = task.error
    return shown


Worker = Callable[[Call, dict[str, Any]], dict[str, Any] | None]


def run_due(call: Call, workers: Mapping[str, Worker]) -> None:
    """Do all work that is due; *call* lends the world it happens in."""
    world = call.world
    for task in list(world.workspace.records.tasks.values()):
        if task.status != "queued" or task.due > world.now:
            continue
        try:
            task.result = workers[task.kind](call, task.arguments)
            task.status = "succeeded"
        except ApiError as exc:
            task.error = exc.body(world.ids.free())
            task.status = "failed"
        world.workspace.version += 1
        if task.kind == "template":
            del world.workspace.records.tasks[task.id]
