"""`notion_template` in a new row: Notion fills the page from a template of its data source."""

from __future__ import annotations

from collections.abc import Mapping

from notionfs.api.client import Client
from notionfs.errors import InvalidPageFile
from notionfs.markdown.document import TEMPLATE_KEY, parse_document
from notionfs.model import JSON, DataSource, DataSourceId, Parent, ParentType, normalize_id

_DEFAULT = "default"
_NONE = ("", "none")


def wanted_template(text: bytes | None) -> str | None:
    """Return the template that a page file names, None if it names none."""
    if not text or TEMPLATE_KEY.encode() not in text:
        return None
    wanted = str(parse_document(text).metadata.get(TEMPLATE_KEY) or "").strip()
    return None if wanted.casefold() in _NONE else wanted


def check_template(text: bytes, source: DataSource | None, body: str | None) -> None:
    """Raise InvalidPageFile if a new page's text and the template it names do not go together."""
    if wanted_template(text) is None:
        return
    if source is None:
        raise InvalidPageFile(
            [f"“{TEMPLATE_KEY}” is for rows: this page is in no database, so it has no templates."]
        )
    if body:
        raise InvalidPageFile(
            [
                f"A new row has text of its own or “{TEMPLATE_KEY}”, not both: remove the line, or"
                " the text, and write it once the template is there."
            ]
        )


async def find_template(client: Client, parent: Parent, wanted: str) -> Mapping[str, JSON]:
    """Return what asks Notion for the template of that name or id; one call, none for `default`.

    Raises InvalidPageFile with the names that there are.
    """
    if wanted.casefold() == _DEFAULT:
        return {"type": "default"}
    if parent.type is not ParentType.DATA_SOURCE or parent.id is None:
        raise InvalidPageFile([f"“{TEMPLATE_KEY}” is for rows of a database."])
    known = await client.fetch_templates(DataSourceId(parent.id))
    exact = [t for t in known if wanted == t.name or normalize_id(wanted) == t.id]
    found = exact or [t for t in known if wanted.casefold() == t.name.casefold()]
    if len(found) == 1:
        return {"type": "template_id", "template_id": found[0].id}
    names = ", ".join(f"“{t.name}”" for t in known) or "none at all"
    how = "several templates" if found else "no template"
    raise InvalidPageFile([f"There is {how} “{wanted}” here; there is {names}."])
