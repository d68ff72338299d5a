"""Titles become names that are readable, unique, sticky and harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.config import SIDE_FILE_PATTERNS, NameStyle
from notionfs.naming import (
    MAX_NAME_BYTES,
    choose_stem,
    fits_title,
    fold,
    is_page_name,
    is_side_name,
    literal,
    printable,
    slug,
)

ID = "39a0bc1e-edcd-8142-936b-cca8ae692cc4"
HOSTILE = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "a/b",
    "\x00",
    "\x1b[31mred",
    "\u202egpj.exe",
    "~",
    "#x#",
]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Project Alpha", "project-alpha"),
        ("  Çok  Güzel!! ", "çok-güzel"),
        ("日本語 ノート", "日本語-ノート"),
        ("🎯", "untitled"),
        ("", "untitled"),
        ("a/b\\c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_slug_keeps_letters_and_joins_the_rest(title: str, name: str) -> None:
    """Letters, digits and marks stay; every other run becomes one hyphen."""
    assert slug(title) == name


def test_a_slug_does_not_care_how_an_accent_was_typed() -> None:
    """NFC and NFD of one title are one name."""
    assert slug(unicodedata.normalize("NFD", "Résumé")) == slug("Résumé") == "résumé"


@pytest.mark.parametrize("style", list(NameStyle))
@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_escapes_its_directory(title: str, style: NameStyle) -> None:
    """No separator, control or bidi character, leading dot or reserved form survives."""
    _check_harmless(choose_stem(title, ID, style, lambda _stem: False))


@given(st.text(max_size=400), st.sampled_from(list(NameStyle)))
def test_every_title_has_a_harmless_name_that_fits(title: str, style: NameStyle) -> None:
    """Whatever people type as a title."""
    _check_harmless(choose_stem(title, ID, style, lambda _stem: False))
    longest = choose_stem(title, ID, style, lambda stem: not stem.endswith(ID.replace("-", "")))
    assert len(f"{longest}.remote.md".encode()) <= MAX_NAME_BYTES


def _check_harmless(stem: str) -> None:
    assert stem not in ("", ".", "..")
    assert not stem.startswith(".")
    assert not stem.lower().endswith(".remote")
    assert stem == printable(stem)
    assert unicodedata.is_normalized("NFC", stem)


def test_a_clash_is_settled_by_as_many_digits_as_it_takes() -> None:
    """Ids of one workspace share prefixes, so eight digits may not be enough."""
    taken = {"notes", "notes-39a0bc1e", "notes-39a0bc1ee"}
    assert choose_stem("Notes", ID, NameStyle.SLUG, taken.__contains__) == "notes-39a0bc1eed"


def test_names_clash_by_case_and_normal_form() -> None:
    """A disk that folds case, and one that decomposes, must not merge two pages."""
    assert fold("Straße") == fold("STRASSE")
    assert fold(unicodedata.normalize("NFD", "é")) == fold("É")


def test_a_name_with_id_digits_still_fits_its_title() -> None:
    """A page that lost the plain name to an older one is not renamed because of that."""
    assert fits_title("notes-39a0bc1e", "Notes", ID, NameStyle.SLUG)
    assert not fits_title("notes-12345678", "Notes", ID, NameStyle.SLUG)
    assert not fits_title("other", "Notes", ID, NameStyle.SLUG)


@pytest.mark.parametrize(
    "name",
    [
        *(".page.md.swp", "4913", "page.md~", "#page.md#", ".#page.md", "sedAbC123", ".git"),
        *("x.txt", "page.md___jb_tmp___", ".goutputstream-X.md", "page.md.tmp.12.ab", ".md"),
        "a.remote.md",
    ],
)
def test_side_files_are_no_pages(name: str) -> None:
    """What editors and tools leave beside a page stays local."""
    assert not is_page_name(name, SIDE_FILE_PATTERNS)


def test_visible_markdown_files_are_pages() -> None:
    """Also with spaces, capitals and dots inside."""
    assert is_page_name("New Idea v1.2.md", SIDE_FILE_PATTERNS)
    assert not is_side_name("docs", SIDE_FILE_PATTERNS)


def test_literal_names_keep_the_title() -> None:
    """`names = "title"` replaces only what a directory entry cannot hold."""
    assert literal("Project Alpha: Plan (v2)?") == "Project Alpha: Plan (v2)?"
    assert literal("a/b") == "a-b"
    assert literal(".hidden") == "-hidden"
