"""ultimate-notion takes its usual paths through the simulator.

Usage: python ultimate.py BASE_URL ROOT_PAGE; prints one line of JSON. It runs in an environment of
its own.
"""

import json
import sys

import notion_client
import ultimate_notion as uno


class Book(uno.Schema, db_title="Books"):
    """A table as ultimate-notion describes it."""

    name = uno.PropType.Title("Name")
    pages = uno.PropType.Number("Pages")
    kind = uno.PropType.Select("Kind", options=[uno.Option("Novel", color=uno.Color.RED)])


def main(base_url: str, root_id: str) -> None:
    """Create, query, change, append, read, trash."""
    client = notion_client.Client(auth="demo-token", base_url=base_url)
    with uno.Session(client=client) as notion:
        root = notion.get_page(root_id)
        table = notion.create_ds(parent=root, schema=Book)
        rows = [table.create_page(name=f"Book {n}", pages=n * 100, kind="Novel") for n in range(3)]
        long = table.query.filter(uno.prop("Pages") > 50).execute().to_pages()
        rows[0].props.pages = 7
        rows[0].append([uno.Heading1("Chapter"), uno.Paragraph("First words.")])
        rows[0].reload()
        rows[1].delete()
        page = notion.create_page(parent=root, title="A page")
        page.append(uno.Callout("Look", icon="💡"))
        shown = {
            "whoami": notion.whoami().name,
            "long": sorted(row.title for row in long),
            "pages": rows[0].props.pages,
            "blocks": [type(block).__name__ for block in rows[0].children],
            "markdown": rows[0].to_markdown(),
            "left": len(table.get_all_pages()),
            "found": [found.title for found in notion.search_page("A page")],
            "subpages": sorted(sub.title for sub in root.subpages),
        }
    sys.stdout.write(json.dumps(shown, default=str))


main(*sys.argv[1:])
