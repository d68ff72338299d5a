"""The text of `.notionfs/README.md`: what people and agents need to know while they are there."""

from __future__ import annotations

GUIDE = """\
# This directory is a Notion workspace

Every page is a Markdown file with YAML frontmatter. Teamspaces are directories, databases are
folders of rows, and the sub-pages of `page.md` stand in `page/`.

## Reading

`ls`, `cat`, `grep -r` and every other program work. A page is fetched when it is first opened and
is read from the local store after that. `.schema.yaml` in a database folder lists its data sources,
properties and allowed values; `.rows.csv` and `.rows.jsonl` beside it, which `ls` does not show,
hold all rows as a table.

## Writing

- Edit a page in any editor. What you changed, and nothing else, is sent to Notion two seconds after
  you close the file.
- The keys `notion_id` to `notion_url` and everything below `computed:` cannot be changed. A key you
  remove is left alone; a key with an empty value is cleared.
- The first `# ` heading is the title. Lines such as `<columns>` are Notion's: edit around them.
- A new `name.md` in a database folder becomes a row; in a page's folder, a sub-page. To put the
  first sub-page under `page.md`, `mkdir page` first. `mkdir` elsewhere makes a page.
- `mv` renames or moves a page; `rm` moves it to Notion's trash;
  `notionfs restore PATH` brings it back, and `notionfs undo PATH` an earlier text.
- Names that do not end in `.md`, hidden names and editors' temporary files stay on this computer.

## When something is wrong

If a text cannot be sent, closing the file fails, the text is kept, and `name.md.error` beside it
says why. Correct the text and save it again.

`name.remote.md` beside a page means that the same place was changed in Notion meanwhile: it shows
Notion's text, and nothing is sent until you decide. Edit `name.md` as it should be, then remove
`name.remote.md`.

"Operation not permitted" means that Notion's API cannot do it, such as a page at the top level, or
that a row would lose properties by a move (`notionfs mv` says which).
"Device or resource busy" means that the workspace is still being listed for the first time
(`first_listing` in `.notionfs/status.json`): not every page is here yet, and none can be made or
removed until it is complete. `notionfs sync` returns when it is.

## Finding your way

`notionfs search WORDS` finds pages by title, properties and text without asking Notion, with
`--json` for programs. `notionfs path URL` leads from an address in Notion to the file, and
`notionfs url PATH` back.

`.notionfs/by-id/<page id>` leads from a Notion id to the file. `notionfs status` shows what waits
to be sent, and `.notionfs/status.json` says the same to programs: `queue`, `errors` and `conflicts`
are empty when everything is in Notion.
"""
