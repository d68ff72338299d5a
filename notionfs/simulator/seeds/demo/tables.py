"""The demo's tables: projects (two data sources), tasks, meetings, requests and a directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.simulator.ids import stable
from notionfs.simulator.seeds.demo import rows
from notionfs.simulator.seeds.demo.planting import Gardener, Row, Text, moment_of

Sources = Mapping[str, Mapping[str, Any]]

SIZE = 'if(prop("Estimate") >= 8, "large", if(prop("Estimate") >= 3, "medium", "small"))'
EARLY_OR_GOOD = 'if(prop("Progress") > 0.6, "🟢 good", "🟡 early")'
HEALTH = f'if(prop("Status") == "Blocked", "🔴 blocked", {EARLY_OR_GOOD})'

TASKS: Sources = {
    "Tasks": {
        "Task": "title",
        "Status": {"status": {"To-do": [("Backlog", "gray"), ("Ready", "yellow")],
                              "In progress": [("In progress", "blue"), ("In review", "purple")],
                              "Complete": [("Done", "green")]}},
        "Assignee": "people",
        "Due": "date",
        "Estimate": "number",
        "Labels": {"multi_select": [("bug", "red"), ("feature", "green"), ("chore", "gray"),
                                    ("docs", "blue")]},
        "Urgent": "checkbox",
        "Issue": "url",
        "ID": {"unique_id": "TASK"},
        "Size": {"formula": SIZE},
    },
}  # fmt: skip

ACTIVE: Mapping[str, Any] = {
    "Project": "title",
    "Status": {"status": {"To-do": [("Planning", "gray")],
                          "In progress": [("In progress", "blue"), ("Blocked", "red")],
                          "Complete": [("Done", "green"), ("Cancelled", "brown")]}},
    "Priority": {"select": [("High", "red"), ("Medium", "yellow"), ("Low", "gray")]},
    "Tags": {"multi_select": [("backend", "blue"), ("frontend", "purple"), ("docs", "green"),
                              ("research", "orange")]},
    "Due": "date",
    "Timeline": "date",
    "Assignee": "people",
    "Budget": {"number": "euro"},
    "Progress": {"number": "percent"},
    "Approved": "checkbox",
    "Summary": "rich_text",
    "Repository": "url",
    "Contact": "email",
    "Hotline": "phone_number",
    "Documents": "files",
    "Where": "place",
    "ID": {"unique_id": "PRJ"},
    "Score": {"formula": 'round(prop("Progress") * 100) / 8'},
    "Health": {"formula": HEALTH},
    "Created": "created_time",
    "Created by": "created_by",
    "Last edited": "last_edited_time",
    "Last edited by": "last_edited_by",
}  # fmt: skip

ARCHIVED: Mapping[str, Any] = {
    "Project": "title",
    "Outcome": {"select": [("Shipped", "green"), ("Stopped", "red"), ("Merged", "purple")]},
    "Finished": "date",
    "Assignee": "people",
    "Lessons": "rich_text",
}

MEETINGS: Sources = {
    "Meetings": {
        "Meeting": "title",
        "When": "date",
        "Kind": {"select": [("Weekly", "blue"), ("Retro", "purple"), ("Hand-over", "orange"),
                            ("One-off", "gray")]},
        "Attendees": "people",
        "Recorded": "checkbox",
    },
}  # fmt: skip

REQUESTS: Sources = {
    "Feature Requests": {
        "Request": "title",
        "Votes": "number",
        "Customer": {"select": ["Harbour Logistics", "North School", "Studio Lumen"]},
        "Source": "url",
        "Screenshots": "files",
        "Answered": "checkbox",
    },
}

DIRECTORY: Sources = {
    "Directory": {
        "Name": "title",
        "Account": "people",
        "Role": "rich_text",
        "Team": {"select": ["Engineering", "Product", "People"]},
        "Email": "email",
        "Phone": "phone_number",
        "Birthday": "date",
        "Remote": "checkbox",
        "Photo": "files",
    },
}


def plant_tables(gardener: Gardener) -> None:
    """Add the tables with their rows, and the properties that connect them."""
    _table(
        gardener,
        "Engineering",
        "Projects",
        {"Active Projects": ACTIVE, "Archived Projects": ARCHIVED},
        "🗂️",
    )
    _table(gardener, "Engineering", "Tasks", TASKS, "☑️")
    _table(gardener, "Engineering", "Meetings", MEETINGS, "💬")
    _table(gardener, "Product", "Feature Requests", REQUESTS, "💡")
    _table(gardener, "People", "Directory", DIRECTORY, "📇")
    _connect(gardener)
    for path, values in rows.ROWS.items():
        _row(gardener, path, values)


def _table(gardener: Gardener, parent: str, name: str, sources: Sources, icon: str) -> None:
    path = f"{parent}/{name}"
    gardener.moment = moment_of(path)
    _, source_ids = gardener.simulator.add_database(
        name,
        parent=gardener.parent_id(parent),
        sources=sources,
        icon=icon,
        id=stable("database", path),
        source_ids=[stable("source", path, source) for source in sources],
        created=gardener.moment,
        actor=gardener.person("Ada Lovelace"),
    )
    for source, source_id in zip(sources, source_ids, strict=True):
        gardener.containers[path if len(sources) == 1 else f"{path}/{source}"] = source_id


def _connect(gardener: Gardener) -> None:
    """Relate tasks and projects both ways, tasks among themselves, and roll up what tasks cost."""
    simulator = gardener.simulator
    projects = gardener.containers["Engineering/Projects/Active Projects"]
    tasks = gardener.containers["Engineering/Tasks"]
    both_ways = {"data_source_id": tasks, "dual_property": {"synced_property_name": "Project"}}
    simulator.change_schema(
        projects, {"Tasks": {"relation": both_ways}, "Related": {"relation": projects}}
    )
    rolled = {
        "relation_property_name": "Tasks",
        "rollup_property_name": "Estimate",
        "function": "sum",
    }
    counted = {
        "relation_property_name": "Tasks",
        "rollup_property_name": "Task",
        "function": "count",
    }
    simulator.change_schema(
        projects, {"Effort": {"rollup": rolled}, "Task count": {"rollup": counted}}
    )
    simulator.change_schema(tasks, {"Blocked by": {"relation": tasks}})


def _row(gardener: Gardener, path: str, values: Row) -> None:
    """Add one row, or a page below a row."""
    properties = {name: _value(gardener, name, value) for name, value in values.properties.items()}
    page = Text(values.markdown, icon=values.icon, by=values.by, properties=properties)
    gardener.plant_page(path, page)


def _value(gardener: Gardener, name: str, value: Any) -> Any:
    if name in rows.RELATIONS:
        return [stable("page", f"{rows.RELATIONS[name]}/{title}") for title in value]
    return value
