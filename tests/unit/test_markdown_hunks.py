"""The smallest exact edits between two bodies, each of them possible and none of them dangerous."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.errors import UnplannableEdit
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.hunks import BodyPlan, apply_plan, plan_apart, plan_body
from notionfs.markdown.unique import MAX_EDITS

HOSTED = "https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b/name%20(1).png"
GUARDED = [
    '<unknown url="https://x" alt="breadcrumb" />',
    '<page url="https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4">Plan</page>',
    '<database url="https://app.notion.com/p/1">Tasks</database>',
    f"![caption]({HOSTED})",
    f'<file source="{HOSTED}">caption</file>',
]


def _at_once(base: str, plan: BodyPlan) -> str:
    """Apply edits to the base alone, as a server would that looks up all of them first."""
    places = sorted((base.index(old), old, new) for old, new in plan.edits)
    parts, done = [], 0
    for start, old, new in places:
        assert start >= done, "edits overlap"
        parts += [base[done:start], new]
        done = start + len(old)
    return "".join([*parts, base[done:]])


def _check(base: str, new: str) -> BodyPlan:
    plan = plan_body(base, new)
    assert same_text(apply_plan(base, plan), new)
    if plan.edits:
        assert same_text(_at_once(base, plan), new)
        assert all(base.count(old) == 1 for old, _ in plan.edits)
        assert len(plan.edits) <= MAX_EDITS
    return plan


def test_an_unchanged_body_needs_nothing() -> None:
    """Equal bodies, or bodies equal but for white space, make an empty plan."""
    assert plan_body("One\n\nTwo", "One\n\nTwo").is_empty
    assert plan_body("One\n\n- a\n- b", "One  \n\n\n\n- a\n\n- b\n").is_empty
    assert plan_body("", "\n").is_empty


def test_one_changed_line_is_one_edit_of_that_line() -> None:
    """Nothing around the changed line is sent."""
    assert _check("One\n\nTwo\n\nThree", "One\n\n2\n\nThree").edits == (("Two", "2"),)
    assert _check("- a\n- b\n- c", "- a\n- b!\n- c").edits == (("- b", "- b!"),)


def test_neighbouring_changes_are_separate_edits() -> None:
    """Two blocks edited side by side stay two blocks in the plan."""
    plan = _check("One\n\nTwo\n\nThree", "One!\n\nTwo!\n\nThree")
    assert plan.edits == (("One", "One!"), ("Two", "Two!"))


def test_an_append_names_no_old_text() -> None:
    """New blocks at the end are an insertion, whatever stands before them."""
    plan = _check(f"{GUARDED[3]}\n\nx\n\nx", f"{GUARDED[3]}\n\nx\n\nx\n\nNew\n\n- item")
    assert plan == BodyPlan(append="New\n\n- item")


def test_an_empty_page_takes_the_whole_text() -> None:
    """Where nothing is, nothing can be replaced."""
    assert plan_body("", "One\n\nTwo\n") == BodyPlan(replace="One\n\nTwo")
    assert plan_body("\n", "One") == BodyPlan(replace="One")


def test_a_repeated_line_is_found_by_its_neighbours() -> None:
    """An old text is widened until it occurs once."""
    base = "\n\n".join(["same"] * 5 + ["other"] + ["same"] * 5)
    plan = _check(base, "\n\n".join(["same"] * 4 + ["new", "other"] + ["same"] * 5))
    assert "other" in plan.edits[0][0]


def test_deleting_a_block_takes_its_space_along() -> None:
    """Neither text of an edit begins or ends with a line end that somebody may trim."""
    for new in ("Two\n\nThree", "One\n\nThree", "One\n\nTwo"):
        for old_text, new_text in _check("One\n\nTwo\n\nThree", new).edits:
            assert old_text == old_text.strip()
            assert new_text == new_text.strip()


def test_everything_can_be_deleted() -> None:
    """The last text of a page can go."""
    assert _check("One\n\nTwo", "").edits == (("One\n\nTwo", ""),)


@pytest.mark.parametrize("guarded", GUARDED, ids=range(len(GUARDED)))
def test_lines_that_must_not_be_named_are_not(guarded: str) -> None:
    """No old text holds a line that differs between two reads or stands for more than text."""
    columns = f"<columns>\n<column>\n{guarded}\n\ntext\n</column>\n</columns>"
    base = f"same\n\n{guarded}\n\nsame\n\n{columns}"
    edited = base.replace("text", "new text")
    plan = _check(base, edited)
    assert plan.edits == (("text", "new text"),)

    base = f"One\n\n{guarded}\n\nTwo"
    for new in (
        f"New\n\n{guarded}\n\nTwo",
        f"One\n\nNew\n\n{guarded}\n\nTwo",
        f"One\n\n{guarded}\n\nNew\n\nTwo",
        f"{guarded}\n\nTwo",
        f"One\n\n{guarded}",
        f"1\n\n{guarded}\n\n2",
    ):
        for old, _ in _check(base, new).edits:
            assert guarded not in old


def test_a_hosted_files_caption_can_be_edited_beside_its_address() -> None:
    """The address changes with every read, so only the text beside it is named."""
    base = f'One\n\n![old caption]({HOSTED})\n\n<file source="{HOSTED}">name</file>'
    plan = _check(base, base.replace("old caption", "new caption").replace(">name<", ">title<"))
    signed = base.replace(HOSTED, HOSTED + "?X-Amz-Signature=1")
    assert all(signed.count(old) == 1 for old, _ in plan.edits)


def test_a_hosted_file_cannot_be_removed_by_naming_it() -> None:
    """Its address as Notion knows it now is unknown, so this is not a plan but a sentence."""
    with pytest.raises(UnplannableEdit):
        plan_body(f"One\n\n![x]({HOSTED})\n\nTwo", "One\n\nTwo")


def _signed(body: str) -> str:
    return body.replace(HOSTED, f"{HOSTED}?X-Amz-Signature=1&name=(x).png")


@pytest.mark.parametrize(
    ("base", "new"),
    [
        ("![x](FILE)\n\n![y](FILE)", "![x](FILE)\n\nNew\n\n![y](FILE)"),
        ("![x](FILE)\n\nsame\n\n![y](FILE)\n\nsame", "![x](FILE)\n\n![y](FILE)\n\nsame"),
        ("same\n\n![x](FILE)\n\nsame", "same\n\n![x](FILE)\n\nsame!"),
        ("![x](FILE)\n\n- one\n- one", "![x](FILE)\n\n- one\n- two"),
        ("![](FILE)\n\n![](FILE)\n\nOne", "![](FILE)\n\nNew\n\n![](FILE)\n\nOne"),
        ("One\n\n- a ![x](FILE) b", "1\n\n- A ![x](FILE) b!\n- more"),
        ('1\n\n<file source="FILE">name</file>', 'One\n\n<file source="FILE">name</file>\n\nNew'),
        ('<image source="FILE">\nx\n</image>\n\nx', '<image source="FILE">\ny\n</image>\n\nx'),
        ("One ![x](FILE) and ![y](FILE) here", "Two ![x](FILE) or ![y](FILE) there"),
    ],
)
def test_what_stands_beside_a_hosted_file_is_something_to_hold_on_to(base: str, new: str) -> None:
    """Two files with text between them, or nothing else that is unique: the file's line is cut at
    the address, which Notion signs again at every read.
    """
    base, new = base.replace("FILE", HOSTED), new.replace("FILE", HOSTED)
    plan = _check(base, new)
    assert _signed(base) != base
    assert same_text(_at_once(_signed(base), plan), _signed(new))
    assert all(_signed(base).count(old) == 1 for old, _ in plan.edits)


@pytest.mark.parametrize(
    ("base", "new"),
    [
        ("A\n\nC\n\n![x](FILE)\n\nB", "![y](FILE)\n\nA\n\nC\n\nB"),
        ("A\n\nC\n\n![x](FILE)\n\nB", "B\n\n![y](FILE)\n\nA\n\nC"),
        ("A\n\n![x](FILE)\n\nB", "B\n\nA\n\n![x](FILE)"),
    ],
)
def test_text_moves_past_a_hosted_file_and_not_the_file_past_it(base: str, new: str) -> None:
    """The file cannot be sent again, so the text is what goes to its other side."""
    base, new = base.replace("FILE", HOSTED), new.replace("FILE", HOSTED)
    _check(base, new)


def test_a_bracket_is_nothing_to_hold_on_to() -> None:
    """The end of a picture's line is one character, which others may write anywhere meanwhile."""
    base, new = f"One\n\n![x]({HOSTED})", f"1\n\n![x]({HOSTED})\n\nNew"
    with pytest.raises(UnplannableEdit):
        plan_body(base, new)
    assert plan_apart(base, new) == (BodyPlan(edits=(("One", "1"),)), "New")


def test_an_edit_that_would_make_another_ambiguous_is_refused_or_avoided() -> None:
    """Plans work one by one as well as at once."""
    _check("a\n\nb\n\nc\n\nd", "b!\n\nb\n\nc\n\nb?")
    _check("one\n\ntwo\n\nthree", "two\n\ntwo!\n\nthree")


def test_many_edits_are_joined_until_notion_takes_them() -> None:
    """A request holds a limited number of edits."""
    base = "\n\n".join(f"line {number}" for number in range(600))
    new = "\n\n".join(f"line {n}!" if n % 2 else f"line {n}" for n in range(600))
    assert 1 < len(_check(base, new).edits) <= MAX_EDITS


def test_big_bodies_of_equal_lines_are_planned_in_good_time() -> None:
    """A page of nothing but the same line costs time, not hours."""
    base = "\n\n".join(["same"] * 20_000 + ["x"] + ["same"] * 20_000)
    _check(base, base.replace("x", "y", 1))


LINES = st.sampled_from(["a", "b", "same", "- x", "- [ ] y", "# h", "> q", "<p />", "1. n", "word"])
BLOCKS = st.lists(
    st.one_of(LINES, LINES.map(lambda line: f"```text\n{line}\n\n{line}\n```")), max_size=14
)


@settings(max_examples=200, deadline=None)
@given(BLOCKS, BLOCKS)
def test_any_body_becomes_any_other_or_it_is_said(base: list[str], new: list[str]) -> None:
    """A plan leads exactly to the new body; what cannot be planned raises."""
    with contextlib.suppress(UnplannableEdit):
        _check(join_blocks(base), join_blocks(new))


def test_random_edits_of_repetitive_pages_have_a_plan() -> None:
    """Real pages repeat themselves, and still the planner finds unique texts."""
    chance = random.Random(7)
    words = ["alpha", "beta", "<p />", "same text", "- [ ] todo", "---", "gamma delta"]
    failed = 0
    for _ in range(300):
        blocks = [
            chance.choice(words) if chance.random() < 0.6 else f"text {chance.randrange(999)}"
            for _ in range(chance.randint(3, 60))
        ]
        edited = list(blocks)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(edited)) if edited else 0
            kind = chance.randrange(3)
            if kind == 0 or not edited:
                edited.insert(at, f"new {chance.randrange(999)}")
            elif kind == 1:
                edited[at] += " changed"
            else:
                del edited[at]
        try:
            _check(join_blocks(blocks), join_blocks(edited))
        except UnplannableEdit:
            failed += 1
    assert failed == 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_planner(base: str, new: str) -> None:
    """Hostile text is planned exactly or refused."""
    try:
        plan = plan_body(base, new)
    except UnplannableEdit:
        return
    assert same_text(apply_plan(base, plan), new) or not new.strip()
    assert "".join(split_blocks(base)) == base


def test_an_addition_behind_a_hosted_file_is_sent_apart() -> None:
    """A hosted file's address is in no old text, so what stands behind it cannot hang on it."""
    file = "![a](https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b.png)"
    base, new = f"One\n\nTwo\n\n{file}", f"One\n\nZwei\n\n{file}\n\nThree"
    with pytest.raises(UnplannableEdit):
        plan_body(base, new)
    plan, addition = plan_apart(base, new)
    assert plan.edits == (("Two", "Zwei"),)
    assert addition == "Three"


def test_an_addition_behind_a_sub_page_names_its_line_as_it_is() -> None:
    """Only because nothing else is unique there, and the line stands in the new text, too."""
    page = '<page url="https://app.notion.com/p/1f00">Notes</page>'
    base, new = f"One\n\nTwo\n\n{page}", f"One\n\nZwei\n\n{page}\n\nThree"
    plan = plan_body(base, new)
    assert plan.edits == (("Two", "Zwei"), (page, f"{page}\n\nThree"))


def test_only_an_addition_is_sent_apart() -> None:
    with pytest.raises(UnplannableEdit):
        plan_apart("One\n\nTwo", "One\n\nZwei")
