"""The other rows of the demo's tables, and all rows in the order in which they were added."""

from __future__ import annotations

from collections.abc import Mapping

from notionfs.simulator.seeds.demo.planting import Row
from notionfs.simulator.seeds.demo.projects import ACTIVE, PROJECTS, TASK_ROWS, TASKS

MEETINGS = "Engineering/Meetings"
REQUESTS = "Product/Feature Requests"
DIRECTORY = "People/Directory"

# Relations are written as titles of rows that were added before.
RELATIONS: Mapping[str, str] = {"Project": ACTIVE, "Related": ACTIVE, "Blocked by": TASKS}

MEETING_ROWS: Mapping[str, Row] = {
    f"{MEETINGS}/Engineering Weekly May 18": Row(
        {"When": "2026-05-18T10:00:00+01:00", "Kind": "Weekly", "Recorded": True,
         "Attendees": ["Ada Lovelace", "Bob Babbage", "Katherine Johnson"]},
        """
### Since last week

- Merge measured on real documents: **96.3 %** without questions
- Search prototype answers in a minute

### Decisions

1. Move teams in groups of 500, smallest first.
2. Search stays behind a switch until July.

### Actions

- [ ] @{Bob Babbage}: dry run on the second group
- [x] @{Katherine Johnson}: write down the numbers
""",
        "💬",
    ),
    f"{MEETINGS}/Engineering Weekly May 25": Row(
        {"When": "2026-05-25T10:00:00+01:00", "Kind": "Weekly",
         "Attendees": ["Ada Lovelace", "Bob Babbage", "Alan Turing", "Katherine Johnson"]},
        """
### Since last week

- Second group moved, no complaints
- The audit log waits for legal, again

### Decisions

- Nothing to decide. First time this year.

### Actions

- [ ] @{Alan Turing}: ask legal, in person
""",
        "💬",
    ),
    f"{MEETINGS}/Retro Spring": Row(
        {"When": "2026-04-30T14:00:00+01:00", "Kind": "Retro",
         "Attendees": ["Ada Lovelace", "Grace Hopper", "Alan Turing"]},
        """
<columns>
<column>
**Keep**

- No meetings on Wednesdays
- Reviews within four hours

</column>
<column>
**Change**

- Fewer projects at once
- Say earlier when stuck

</column>
<column>
**Try**

- One demo a week, five minutes
- A quiet hour after lunch

</column>
</columns>
""",
        "🪞",
        "Grace Hopper",
    ),
    f"{MEETINGS}/On-call Hand-over Week 22": Row(
        {"When": "2026-05-26", "Kind": "Hand-over",
         "Attendees": ["Katherine Johnson", "Bob Babbage"]},
        "Three pages, all before midnight. The disk alarm was deleted: it never needed anybody.",
        "📟",
        "Katherine Johnson",
    ),
    f"{MEETINGS}/Kick-off Mobile Editor": Row(
        {"When": ("2026-03-16T09:30:00+00:00", "2026-03-16T11:00:00+00:00"), "Kind": "One-off",
         "Attendees": ["Grace Hopper", "Mary Somerville", "Ada Lovelace"], "Recorded": True},
        """
**Question of the day:** what would you write on a phone?

- Shopping lists. *Everybody.*
- Corrections, on the train
- Nothing with a table in it
""",
        "🎬",
        "Grace Hopper",
    ),
}  # fmt: skip

REQUEST_ROWS: Mapping[str, Row] = {
    f"{REQUESTS}/Everything as files": Row(
        {"Votes": 128, "Customer": "North School", "Source": "https://ideas.example.com/17",
         "Answered": True},
        "Asked three times in one interview: [[Product/Customer Interviews/North School]].",
        by="Mary Somerville",
    ),
    f"{REQUESTS}/Print a page": Row(
        {"Votes": 64, "Customer": "Harbour Logistics",
         "Screenshots": ["https://images.example.com/requests/print-1.png"]},
        "They print it because of the quay. Would offline reading do?",
        by="Mary Somerville",
    ),
    f"{REQUESTS}/Dark mode for images": Row(
        {"Votes": 12, "Customer": "Studio Lumen",
         "Screenshots": ["https://images.example.com/requests/dark-1.png",
                         "https://images.example.com/requests/dark-2.png"]},
        by="Grace Hopper",
    ),
    f"{REQUESTS}/Search inside attachments": Row({"Votes": 41, "Customer": "Harbour Logistics"},
                                                 by="Mary Somerville"),
    f"{REQUESTS}/Sign in with a class list": Row(
        {"Votes": 33, "Customer": "North School", "Answered": True},
        "Answer: *yes, in autumn.*",
        by="Mary Somerville",
    ),
}  # fmt: skip


COLLEAGUES = """
Ada Lovelace      | Sync engine        | Engineering | +44 20 7946 0101 | 1989-12-10 | remote
Bob Babbage       | Gateway and tools  | Engineering | +44 20 7946 0102 | 1991-12-26 | office
Grace Hopper      | Editor             | Product     | +1 555 0103      | 1986-12-09 | remote
Katherine Johnson | Operations         | Engineering | +1 555 0104      | 1988-08-26 | remote
Alan Turing       | Storage engine     | Engineering | +44 20 7946 0105 | 1992-06-23 | office
Mary Somerville   | Product and people | People      | +44 20 7946 0106 | 1984-12-26 | office
"""


def _person(line: str) -> tuple[str, Row]:
    """Return path and row of one line of the directory."""
    name, role, team, phone, birthday, place = (part.strip() for part in line.split("|"))
    properties = {
        "Account": [name],
        "Role": role,
        "Team": team,
        "Email": f"{name.split()[0].lower()}@example.com",
        "Phone": phone,
        "Birthday": birthday,
        "Remote": place == "remote",
    }
    return f"{DIRECTORY}/{name}", Row(properties, by="Mary Somerville")


DIRECTORY_ROWS: Mapping[str, Row] = dict(map(_person, COLLEAGUES.strip().splitlines()))

ROWS: Mapping[str, Row] = {
    **PROJECTS,
    **TASK_ROWS,
    **MEETING_ROWS,
    **REQUEST_ROWS,
    **DIRECTORY_ROWS,
}
