"""Programs that once broke a promise, by what went wrong."""

from __future__ import annotations

from collections.abc import Mapping

from tests.model.steps import (
    Move,
    New,
    Refresh,
    Remove,
    Save,
    Step,
    Theirs,
    Wait,
)
from tests.model.words import Edit

CASES: Mapping[str, list[Step]] = {
    "what others add where everything was rewritten here is shown in the file": [
        Theirs(0),
        Save(0),
        Theirs(0),
        Save(0, Edit.REWRITE),
    ],
    "a row that was edited leaves its database, and keeps its empty keys": [
        Save(3, Edit.REWRITE),
        Move(3, 0, rename=True),
    ],
    "a sub-page is created while the page above it is sent": [
        Save(0, Edit.REWRITE),
        Save(0),
        Refresh(),
        Save(0),
        Save(0),
        Save(0),
        New(0, 0),
    ],
    "others rewrite a page in the minute in which we trash its sub-page": [
        Save(0, Edit.REWRITE),
        Remove(1),
        Wait(2.5),
        Theirs(0, Edit.REWRITE),
    ],
}
