"""Edits through markdown: what matches, what is refused, and which blocks are still the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notionfs.simulator.blocks import Block, copy_tree, new_block, walk
from notionfs.simulator.dialects import parse, render
from notionfs.simulator.edits import Edited, EditError, apply_command, apply_markdown, replaced
from notionfs.simulator.richtext import of
from tests.simulator.trees import NAMES, PAGES, bodies, shape

WIKI, OTHER = sorted(PAGES)[:2]


def body_of(markdown: str) -> list[Block]:
    return parse(markdown, NAMES, version="v2").blocks


def shown(blocks: list[Block]) -> str:
    return render(blocks, NAMES, version="v2").markdown


def ids(blocks: list[Block]) -> list[str]:
    return [block.id for block in walk(blocks)]


def update(
    blocks: list[Block], *pairs: tuple[str, str], partial: bool = False, **options: Any
) -> Edited:
    updates = [{"old_str": old, "new_str": new} for old, new in pairs]
    body = {"type": "update_content", "update_content": {"content_updates": updates, **options}}
    return apply_command(blocks, body, NAMES, "v2", partial=partial)


def replace_all(blocks: list[Block], markdown: str, **options: Any) -> Edited:
    body = {"type": "replace_content", "replace_content": {"new_str": markdown, **options}}
    return apply_command(blocks, body, NAMES, "v2")


def insert(blocks: list[Block], content: str, **where: Any) -> Edited:
    body = {"type": "insert_content", "insert_content": {"content": content, **where}}
    return apply_command(blocks, body, NAMES, "v2")


def test_one_changed_letter_keeps_every_id() -> None:
    """Ten paragraphs, one letter: ten ids, and only the edited block counts as touched."""
    blocks = body_of("\n\n".join(f"Paragraph number {n} says something." for n in range(10)))

    edited = replace_all(blocks, shown(blocks).replace("number 4 says", "number 4 said"))

    assert ids(edited.blocks) == ids(blocks)
    assert edited.touched == [blocks[4].id]


def test_text_put_between_blocks_gets_new_ids_only_for_itself() -> None:
    blocks = body_of("one thing\n\ntwo things\n\nthree things")

    edited = update(blocks, ("one thing", "one thing\n\nbetween them"))

    kept = [block.id for block in edited.blocks]
    assert [kept[0], *kept[2:]] == ids(blocks)
    assert shown(edited.blocks) == "one thing\n\nbetween them\n\ntwo things\n\nthree things"


def test_a_deep_edit_keeps_the_blocks_around_it() -> None:
    blocks = body_of("<toggle>Title\n\n- item one\n  - item two\n</toggle>\n\nafter")

    edited = update(blocks, ("item two", "item 2"))

    assert ids(edited.blocks) == ids(blocks)
    assert edited.touched == [ids(blocks)[2]]


def test_a_block_that_moved_keeps_its_id() -> None:
    blocks = body_of("first of all\n\nsecond of all\n\nthird of all")

    edited = replace_all(blocks, "third of all\n\nfirst of all\n\nsecond of all")

    assert sorted(ids(edited.blocks)) == sorted(ids(blocks))
    assert edited.touched == []


def test_a_block_of_another_kind_is_a_new_block() -> None:
    blocks = body_of("same words")

    edited = replace_all(blocks, "# same words")

    assert edited.blocks[0].id != blocks[0].id


def test_a_match_must_be_unique() -> None:
    blocks = body_of("again and again")

    with pytest.raises(EditError, match=r"Multiple matches \(2\)"):
        update(blocks, ("again", "once"))


def test_all_matches_can_be_replaced_on_request() -> None:
    blocks = body_of("again and again")
    item = {"old_str": "again", "new_str": "once", "replace_all_matches": True}
    body = {"type": "update_content", "update_content": {"content_updates": [item]}}

    edited = apply_command(blocks, body, NAMES, "v2")

    assert shown(edited.blocks) == "once and once"


@pytest.mark.parametrize("wanted", ["Absent", "PRESENT", "present "])
def test_a_missing_match_is_refused(wanted: str) -> None:
    """Matching is exact: letters, case and spaces."""
    with pytest.raises(EditError, match="No match found"):
        update(body_of("present"), (wanted, "x"))


def test_empty_text_matches_nothing() -> None:
    with pytest.raises(EditError, match="should not be empty"):
        update(body_of("text"), ("", "x"))


def test_nothing_is_applied_when_one_item_is_missing() -> None:
    """All or nothing is the rule, applying what was found the exception that was once observed."""
    blocks = body_of("one\n\ntwo")

    with pytest.raises(EditError):
        update(blocks, ("one", "1"), ("three", "3"))
    edited = update(blocks, ("one", "1"), ("three", "3"), partial=True)

    assert shown(blocks) == "one\n\ntwo"
    assert shown(edited.blocks) == "1\n\ntwo"


def test_later_items_see_what_earlier_ones_did() -> None:
    edited = update(body_of("one"), ("one", "two"), ("two", "three"))

    assert shown(edited.blocks) == "three"


def test_a_child_page_is_not_deleted_by_leaving_it_out() -> None:
    """The guard names the page, and permission lifts it."""
    page = new_block("child_page", {"title": "Wiki"}, id=WIKI)
    blocks = [*body_of("before"), page, *body_of("after")]

    with pytest.raises(EditError, match=r'would delete child pages.*"Wiki"'):
        replace_all(blocks, "before\n\nafter")
    edited = replace_all(blocks, "before\n\nafter", allow_deleting_content=True)

    assert edited.removed_child_ids == [WIKI]
    assert shown(edited.blocks) == "before\n\nafter"


def test_a_child_page_that_moves_is_not_deleted() -> None:
    page = new_block("child_page", {"title": "Wiki"}, id=WIKI)
    blocks = [page, *body_of("<toggle>Fold\n\ninside\n</toggle>")]
    tag = shown([page])

    edited = replace_all(blocks, f"<toggle>Fold\n\ninside\n\n{tag}\n</toggle>")

    assert edited.removed_child_ids == []
    assert edited.blocks[0].children[1].id == WIKI


def test_a_child_page_named_twice_stands_once() -> None:
    page = new_block("child_page", {"title": "Wiki"}, id=WIKI)
    tag = shown([page])

    edited = replace_all([page], f"{tag}\n\n{tag}")

    assert ids(edited.blocks) == [WIKI]
    assert edited.warnings[0]["type"] == "duplicate"


def test_a_page_tag_without_a_url_asks_for_a_page() -> None:
    edited = replace_all([], "<page>New *one*</page>")

    assert edited.blocks[0].to_create
    assert edited.blocks[0].data == {"title": "New one"}


def test_a_tag_for_a_page_that_nobody_knows_becomes_a_link() -> None:
    edited = replace_all([], '<page url="https://app.notion.com/p/' + "9" * 32 + '">Gone</page>')

    assert edited.blocks[0].type == "paragraph"
    assert edited.warnings[0]["type"] == "unknown_page"


@pytest.mark.parametrize("where", [{}, {"position": {"type": "end"}}])
def test_insertion_appends_by_default(where: dict[str, Any]) -> None:
    blocks = body_of("one")

    edited = insert(blocks, "two\n\nthree", **where)

    assert shown(edited.blocks) == "one\n\ntwo\n\nthree"
    assert edited.blocks[0] is blocks[0]


def test_insertion_at_the_start() -> None:
    assert shown(insert(body_of("one"), "zero", position={"type": "start"}).blocks) == "zero\n\none"


def test_an_inserted_tag_of_a_page_that_is_there_does_not_double_it() -> None:
    page = new_block("child_page", {"title": "Wiki"}, id=WIKI)

    edited = insert([page], f"<toggle>Fold\n\n{shown([page])}\n</toggle>")

    assert ids(edited.blocks).count(WIKI) == 1
    assert edited.removed_child_ids == []


def test_insertion_after_a_selection() -> None:
    blocks = body_of("one thing here\n\ntwo")

    edited = insert(blocks, "between", after="one...here")

    assert shown(edited.blocks) == "one thing here\n\nbetween\n\ntwo"
    assert edited.blocks[0].id == blocks[0].id


def test_insertion_takes_one_place_only() -> None:
    with pytest.raises(EditError, match="only one of"):
        insert(body_of("one"), "two", after="one", position={"type": "end"})


def test_a_range_is_replaced() -> None:
    body = {
        "type": "replace_content_range",
        "replace_content_range": {"content": "TWO", "content_range": "two...three"},
    }

    edited = apply_command(body_of("one\n\ntwo\n\nthree\n\nfour"), body, NAMES, "v2")

    assert shown(edited.blocks) == "one\n\nTWO\n\nfour"


def test_a_range_must_be_unique() -> None:
    body = {
        "type": "replace_content_range",
        "replace_content_range": {"content": "x", "content_range": "same"},
    }
    with pytest.raises(EditError, match="Multiple matches"):
        apply_command(body_of("same same"), body, NAMES, "v2")


def test_an_edit_beside_it_leaves_hidden_content_alone() -> None:
    """What markdown does not show (captions of code, names of files) survives edits of the page."""
    code = new_block("code", {"rich_text": of("x"), "language": "python", "caption": of("why")})
    preview = new_block("link_preview", {"url": "https://github.com/a/b"})
    blocks = [code, preview, *body_of("text")]

    edited = replace_all(blocks, shown(blocks).replace("text", "texts"))

    assert edited.blocks[0] is code
    assert edited.blocks[1] is preview


def test_an_edit_of_code_keeps_its_caption() -> None:
    code = new_block("code", {"rich_text": of("x = 1"), "language": "python", "caption": of("why")})

    edited = update([code], ("x = 1", "x = 2"))

    assert edited.blocks[0].id == code.id
    assert edited.blocks[0].data["caption"] == of("why")


def hosted(kind: str = "image", **more: Any) -> Block:
    url = "https://prod-files-secure.s3.us-west-2.amazonaws.com/space/file/cat.png"
    file = {"url": url, "expiry_time": "2026-01-01T00:00:00.000Z"}
    return new_block(kind, {"caption": of("cat"), "type": "file", "file": file, **more})


def test_a_signed_address_written_back_is_the_hosted_file() -> None:
    """The address rotates at every reading; a new caption must not make the file external."""
    image = hosted()
    text = shown([image])

    edited = replace_all([image], text.replace("![cat]", "![the cat]").replace("abc", "old"))

    assert edited.blocks[0].id == image.id
    assert edited.blocks[0].data["file"] == image.data["file"]
    assert "external" not in edited.blocks[0].data


def test_a_file_keeps_its_name() -> None:
    file = hosted("file", name="Holiday picture.png")

    edited = replace_all([file], shown([file]).replace(">cat<", ">the cat<"))

    assert edited.blocks[0].data["name"] == "Holiday picture.png"


def test_a_placeholder_stands_for_the_block_that_is_there() -> None:
    preview = new_block("link_preview", {"url": "https://github.com/a/b"})
    blocks = [preview, *body_of("text")]
    placeholder = shown([preview])

    moved = replace_all(blocks, f"text\n\n{placeholder}")
    gone = replace_all(blocks, "text")

    assert moved.blocks[1] is preview
    assert ids(gone.blocks) == [blocks[1].id]


def test_a_placeholder_for_nothing_is_left_out_with_a_warning() -> None:
    edited = replace_all([], '<unknown url="https://app.notion.com/p/' + "8" * 32 + '" alt="x" />')

    assert edited.blocks == []
    assert edited.warnings[0]["type"] == "unknown_block"


def test_content_that_was_not_loaded_cannot_be_deleted() -> None:
    blocks = body_of("one\n\ntwo\n\nthree")
    body = {"type": "replace_content", "replace_content": {"new_str": "one"}}

    with pytest.raises(EditError) as refused:
        apply_command(blocks, body, NAMES, "v2", record_limit=1)

    assert refused.value.additional_data == {"limit_kind": "page_record_count"}


def test_content_that_was_loaded_can_be_edited_beside_content_that_was_not() -> None:
    blocks = body_of("one\n\ntwo\n\nthree")
    items = [{"old_str": "one", "new_str": "1 one"}]
    body = {"type": "update_content", "update_content": {"content_updates": items}}

    edited = apply_command(blocks, body, NAMES, "v2", record_limit=1)

    assert ids(edited.blocks) == ids(blocks)
    assert shown(edited.blocks) == "1 one\n\ntwo\n\nthree"


def test_a_copy_of_a_synced_block_is_not_edited_in_place() -> None:
    source = new_block("synced_block", {"synced_from": None}, body_of("shared words"))
    copy = new_block("synced_block", {"synced_from": {"type": "block_id", "block_id": source.id}})

    edited = replace_all([source, copy], shown([source, copy]))

    assert edited.blocks == [source, copy]


def test_unknown_commands_are_refused() -> None:
    with pytest.raises(EditError, match=r"body\.type should be"):
        apply_command([], {"type": "delete_content"}, NAMES, "v2")


def test_columns_keep_their_ids_when_their_content_changes() -> None:
    blocks = body_of("<columns>\n<column>\nleft\n</column>\n<column>\nright\n</column>\n</columns>")

    edited = update(blocks, ("right", "quite something else\n\nand more"))

    kept = set(ids(edited.blocks)) & set(ids(blocks))
    assert len(kept) == 4


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies)
def test_writing_back_what_was_read_changes_nothing(blocks: list[Block]) -> None:
    """Every block is the very one that was there, and none counts as touched."""
    before = [copy_tree(block) for block in unique(blocks)]

    edited = replaced(before, shown(before), NAMES, "v2")

    assert edited.blocks == before
    assert edited.touched == []
    assert edited.warnings == []


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies, bodies, st.data())
def test_reading_only_what_changed_gives_what_reading_all_gives(
    old: list[Block], new: list[Block], data: st.DataObject
) -> None:
    """The window is a shortcut: with it and without it the same body comes out."""
    blocks = unique(old)
    rendered = render(blocks, NAMES, version="v2")
    text = rendered.markdown
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 20)))
    between = data.draw(
        st.sampled_from(("", "x", "\n\n", "\n", "```\n", "- ", "</toggle>", shown(new)))
    )
    changed = text[:start] + between + text[end:]

    short = replaced(blocks, changed, NAMES, "v2", rendered.pieces)
    full = replaced(blocks, changed, NAMES, "v2")

    assert shape(short.blocks) == shape(full.blocks)
    assert sorted(short.removed_child_ids) == sorted(full.removed_child_ids)
    assert len(set(ids(short.blocks))) == len(ids(short.blocks))


def unique(blocks: list[Block]) -> list[Block]:
    """Return the trees without a second stand-in for a page that is already there."""
    seen: set[str] = set()

    def keep(block: Block) -> bool:
        fresh = block.id not in seen
        seen.add(block.id)
        block.children = [child for child in block.children if keep(child)]
        return fresh

    return [block for block in blocks if keep(block)]


def test_apply_markdown_is_a_replacement_of_everything() -> None:
    blocks, warnings = apply_markdown(body_of("one"), "one\n\n##### deep", NAMES, "v2")

    assert [block.type for block in blocks] == ["paragraph", "heading_4"]
    assert [entry["type"] for entry in warnings] == ["heading_level"]
