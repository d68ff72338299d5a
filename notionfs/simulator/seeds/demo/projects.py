"""The demo's projects and their tasks, in the order in which they were added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.simulator.seeds.demo.planting import Row

ACTIVE = "Engineering/Projects/Active Projects"
ARCHIVED = "Engineering/Projects/Archived Projects"
TASKS = "Engineering/Tasks"

PROJECTS: Mapping[str, Row] = {
    f"{ACTIVE}/Project Alpha": Row(
        {
            "Status": "In progress", "Priority": "High", "Tags": ["backend", "docs"],
            "Due": "2026-06-30", "Timeline": ("2026-02-02", "2026-06-30"),
            "Assignee": ["Ada Lovelace", "Bob Babbage"], "Budget": 48_000, "Progress": 0.65,
            "Approved": True, "Summary": "Offline edits that merge by themselves.",
            "Repository": "https://git.example.com/acme/sync", "Contact": "alpha@example.com",
            "Hotline": "+44 20 7946 0018", "Documents": ["https://files.example.com/alpha-plan.pdf"],
            "Where": {"lat": 51.5074, "lon": -0.1278, "name": "London", "address": "London, UK"},
        },
        """
The new sync engine. If this works, nobody will notice, and that is the point.

## Goals

- Edits made offline merge without questions in **95 %** of cases
- No save takes longer than 5 ms on the device
- The old engine can be switched back on for a single team

## State

<callout icon="🟢" color="green_bg">
The merge is done and measured. What is left is moving old documents.
</callout>

- [x] Write ahead, acknowledge later
- [x] Three-way merge of blocks
- [ ] Move the last 4,000 teams
- [ ] Delete the old code

## Risks

1. Documents older than 2021 have blocks without identities.
2. Two large customers pin their client version.

Talk to @{Bob Babbage} before touching the migration.
""",
        "🅰️",
    ),
    f"{ACTIVE}/Project Alpha/Notes": Row(
        {},
        """
Loose ends, newest first.

- Compaction during a merge is fine as long as the base is pinned.
- The test with 40,000 random edits found *one* bug in a week. It was in the test.
- Idea: show the other person's cursor only when it is within a screen.
""",
        "🗒️",
    ),
    f"{ACTIVE}/Mobile Editor": Row(
        {
            "Status": "In progress", "Priority": "High", "Tags": ["frontend"], "Due": "2026-09-15",
            "Timeline": ("2026-03-16", "2026-09-15"), "Assignee": ["Grace Hopper"],
            "Budget": 60_000, "Progress": 0.3, "Approved": True,
            "Summary": "Write on a phone without hating it.",
            "Related": ["Project Alpha"],
        },
        """
Reading works. Writing on a small screen needs fewer buttons, not smaller ones.

### Decided

- One toolbar, above the keyboard, with five buttons
- Dragging blocks is for tablets only

### Undecided

- What a long press does
""",
        "📱",
        "Grace Hopper",
    ),
    f"{ACTIVE}/Plain Text Export": Row(
        {
            "Status": "Planning", "Priority": "Medium", "Tags": ["backend", "research"],
            "Due": "2026-08-01", "Assignee": ["Bob Babbage"], "Budget": 12_000, "Progress": 0.1,
            "Summary": "Every document as a file, without our software.",
            "Related": ["Project Alpha"],
        },
        """
See [[Engineering/Wiki/RFCs/RFC 3 Plain text export]] for the proposal and its open questions.

```text
acme/
  engineering/
    wiki.md
    wiki/
  projects/
    project-alpha.md
```
""",
        "📄",
        "Bob Babbage",
    ),
    f"{ACTIVE}/Audit Log": Row(
        {
            "Status": "Blocked", "Priority": "Medium", "Tags": ["backend"], "Due": "2026-07-10",
            "Assignee": ["Alan Turing"], "Budget": 20_000, "Progress": 0.45, "Approved": True,
            "Summary": "Who read what, and when. Waits for legal.",
        },
        "Blocked since <date start=\"2026-05-12\" />: legal wants to know how long we keep it.",
        "🧾",
        "Alan Turing",
    ),
    f"{ACTIVE}/Faster Search": Row(
        {
            "Status": "In progress", "Priority": "Low", "Tags": ["backend", "research"],
            "Due": "2026-10-01", "Assignee": ["Katherine Johnson"], "Budget": 15_000,
            "Progress": 0.2, "Summary": "From an hour behind to a minute behind.",
        },
        """
| Step | Before | After |
| --- | ---: | ---: |
| collect changes | 40 min | 20 s |
| build the index | 15 min | 15 s |
| swap | 5 min | 1 s |
""",
        "🔎",
        "Katherine Johnson",
    ),
    f"{ACTIVE}/Style Guide": Row(
        {
            "Status": "Done", "Priority": "Low", "Tags": ["docs"], "Due": "2026-04-30",
            "Assignee": ["Mary Somerville"], "Progress": 1, "Approved": True,
            "Summary": "How we write: short, kind, without exclamation marks.",
        },
        "> Write as if the reader were clever and in a hurry. They are both.",
        "✍️",
        "Mary Somerville",
    ),
    f"{ARCHIVED}/Old Project": Row(
        {
            "Outcome": "Shipped", "Finished": "2024-11-29", "Assignee": ["Ada Lovelace"],
            "Lessons": "Start with the migration, not with the feature.",
        },
        "The first sync engine. It served well for four years.",
    ),
    f"{ARCHIVED}/Desktop Widget": Row(
        {
            "Outcome": "Stopped", "Finished": "2025-06-13", "Assignee": ["Grace Hopper"],
            "Lessons": "Nine people used it. Eight of them worked here.",
        },
        "We stopped because nobody missed it during the two weeks it was broken.",
    ),
    f"{ARCHIVED}/Built-in Chat": Row(
        {
            "Outcome": "Stopped", "Finished": "2025-09-05", "Assignee": ["Mary Somerville"],
            "Lessons": "There are enough of them.",
        },
        "A prototype of three weeks, a decision of one hour.",
    ),
    f"{ARCHIVED}/Team Accounts": Row(
        {
            "Outcome": "Merged", "Finished": "2025-12-19",
            "Assignee": ["Alan Turing", "Bob Babbage"],
            "Lessons": "Two half projects are one whole meeting.",
        },
        "Became a part of the audit log.",
    ),
}  # fmt: skip


def _task(
    status: str,
    who: str,
    due: str | None,
    estimate: int,
    labels: list[str],
    project: str,
    **more: Any,
) -> Row:
    properties = {
        "Status": status, "Assignee": [who], "Estimate": estimate, "Labels": labels,
        "Project": [project] if project else [], **more,
    }  # fmt: skip
    markdown = properties.pop("text", "")
    if due:
        properties["Due"] = due
    return Row(properties, markdown, by=who)


TASK_ROWS: Mapping[str, Row] = {
    f"{TASKS}/{title}": row
    for title, row in {
        "Pin the base during compaction": _task(
            "Done", "Ada Lovelace", "2026-03-20", 5, ["bug"], "Project Alpha",
            text="Without the pin the merge reads a base that is being rewritten.\n\n"
            "```python\nwith store.pinned(base):\n    merged = merge(base, mine, theirs)\n```",
        ),
        "Give old blocks identities": _task(
            "In progress", "Bob Babbage", "2026-06-12", 8, ["chore"], "Project Alpha", Urgent=True,
            text="- [x] Count them: 1.2 million\n- [x] Dry run\n- [ ] Real run, at night\n"
            "- [ ] Check samples",
        ),
        "Switch back per team": _task(
            "In review", "Ada Lovelace", "2026-06-05", 3, ["feature"], "Project Alpha",
            Issue="https://git.example.com/acme/sync/issues/412",
        ),
        "Delete the old engine": _task(
            "Backlog", "Ada Lovelace", "2026-06-30", 5, ["chore"], "Project Alpha",
            **{"Blocked by": ["Give old blocks identities"]},
        ),
        "Toolbar above the keyboard": _task(
            "In progress", "Grace Hopper", "2026-06-19", 8, ["feature"], "Mobile Editor",
            text="Five buttons: **bold**, *list*, `code`, link, undo.",
        ),
        "Long press": _task("Backlog", "Grace Hopper", None, 2, ["feature"], "Mobile Editor"),
        "Cursor jumps on rotation": _task(
            "Ready", "Grace Hopper", "2026-06-08", 2, ["bug"], "Mobile Editor", Urgent=True,
            text="1. Open any page\n2. Type a word\n3. Turn the phone\n\nThe cursor is at the top.",
        ),
        "Write the tag grammar": _task(
            "In progress", "Bob Babbage", "2026-06-26", 5, ["docs"], "Plain Text Export",
        ),
        "Ask legal again": _task("Ready", "Alan Turing", "2026-06-02", 1, ["chore"], "Audit Log"),
        "Log reads of shared pages": _task(
            "In review", "Alan Turing", "2026-06-10", 5, ["feature"], "Audit Log",
            **{"Blocked by": ["Ask legal again"]},
        ),
        "Measure the swap": _task(
            "Done", "Katherine Johnson", "2026-05-08", 2, ["chore"], "Faster Search",
        ),
        "Index titles first": _task(
            "In progress", "Katherine Johnson", "2026-06-22", 3, ["feature"], "Faster Search",
        ),
        "Practise a rollback": _task(
            "Ready", "Katherine Johnson", "2026-06-17", 1, ["chore"], "", Urgent=True,
            text="Follows from [[Engineering/Wiki/Incident Response/Postmortem March]].",
        ),
        "Fix typos in the handbook": _task(
            "Done", "Mary Somerville", "2026-05-04", 1, ["docs"], "Style Guide",
        ),
    }.items()
}  # fmt: skip
