"""What is said about a text that Notion cannot hold as it stands."""

from __future__ import annotations

import pytest
from markdown_refs import FakeReferences

from notionfs.markdown.advice import MOST, find_advice
from notionfs.markdown.prettify import prettify_body
from notionfs.simulator import Simulator

REFS = FakeReferences()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<div align="center">', "no <div>"),
        ("Press <kbd>x</kbd> and <kbd>y</kbd>", "no <kbd>"),
        ("a <!-- hidden --> b", "hidden comments"),
        ("A claim[^1]", "footnotes"),
        ("##### Five", "four levels"),
        ("Text ![p](https://example.org/p.png) text", "inside text"),
        ("- ![p](https://example.org/p.png)", "inside text"),
        ("| a |\n| --- |\n| ![p](https://example.org/p.png) |", "left out"),
        ("See [[Nowhere]]", "wiki link"),
        ("![[picture.png]]", "cannot embed"),
        ("> [!faq] Why?\n> Because.", "[!faq]"),
        ("so $$x$$ is", "single dollar signs"),
        ("%% later %%", "hidden remarks"),
        ("[Gone](gone.md)", "no page of the mount"),
        ('[a](https://example.org "Title")', "titles of links"),
        ('[b]: https://example.org/<div> "Title"\n\n[a][b]', "titles of links"),
        ("2. [x] done", "numbered tasks"),
        ("[The file](LICENSE)", "no page of the mount"),
        ("[below](#usage)", "links to headings"),
        ("![p](docs/p.png)", "no such picture"),
        ("[our plan](plan.md)", "these words are left out"),
        ("[[Plan|our plan]]", "these words are left out"),
        ("| a | b |\n| --- | --- |\n| `a|b` | c |", "more cells"),
    ],
)
def test_what_notion_keeps_differently_is_said_with_its_line(text: str, said: str) -> None:
    """One sentence for a construct, and the line in the file."""
    [sentence] = find_advice(f"First.\n\n{text}", REFS, first_line=11)
    number = 15 if text.startswith("|") else 13
    assert sentence.startswith(f"Line {number}: ")
    assert said in sentence


@pytest.mark.parametrize(
    "text",
    [
        "```html\n<div>[^1]\n```",
        "    <div>\n    [^1]",
        "Code `<div>` and \\<div> and ``a ` <b2>``",
        "<https://example.org> 1 < 2 > 1",
        "[[Plan]] and [Plan](plan.md) and [x](https://example.org/x.md)",
        "![p](https://example.org/p_(1).png)",
        "$$x$$",
        "[^https://example.org]",
        "<details>\n<summary>T</summary>\n\n<u>x</u> <br />\n\n</details>",
        '> [!NOTE|icon="x"]\n> text',
        "[Plan](plan.md) <!-- notion:page -->",
        "[a][1]\n\n[1]: https://example.org/<div>",
    ],
)
def test_nothing_is_said_about_what_notion_holds(text: str) -> None:
    """Code, escapes, and everything that has a place in Notion."""
    assert find_advice(text, REFS) == ()


def test_what_stands_inside_a_block_is_said_with_its_own_line() -> None:
    """How a table is aligned stands in its second line, a language where the code begins."""
    text = "| a |\n| :-: |\n| b |\n\n- item\n\n  ```math\n  y\n  ```\n\n  ```sh\n  y\n  ```"
    assert find_advice(text, REFS) == (
        "Line 2: Notion aligns no columns of tables; these begin at the left there.",
        "Line 7: Notion does not know this language; the code is plain text there.",
    )


def test_a_picture_that_is_a_link_loses_two_things() -> None:
    """Its place in the text, and where it leads."""
    badge = "[![b](https://example.org/b.svg)](https://example.org)"
    moved, bare = find_advice(badge, REFS)
    assert "stands below the text" in moved
    assert "address that this leads to is left out" in bare


def test_the_same_is_not_said_of_every_line() -> None:
    """A table of contents is one thing to know, and does not hide what else there is."""
    contents = "\n".join(f"- [{n}](#{n})" for n in range(30))
    assert find_advice(f"{contents}\n- <kbd> [a](b), [c](d)", REFS) == (
        "Line 1: Notion has no links to headings; this one leads nowhere there.",
        "Line 2: Notion has no links to headings; this one leads nowhere there.",
        "Line 3 and 27 more: Notion has no links to headings; this one leads nowhere there.",
        "Line 31: Notion has no <kbd>; the tag is shown as text there.",
        "Line 31: This link leads to no page of the mount; in Notion it leads nowhere.",
    )


def test_much_advice_is_cut() -> None:
    """A long page of HTML is not a long status."""
    found = find_advice("\n\n".join(f"<x{n}>" for n in range(100)), REFS)
    assert len(found) == MOST
    assert found[-1] == "There is more like this below."


@pytest.mark.parametrize("seed", ["demo", "torture"])
def test_nothing_is_said_about_what_notion_sent(seed: str) -> None:
    """A page as Notion has it needs no advice, whatever it holds."""
    sim = Simulator(seed=seed)
    for page_id in sim.workspace.pages:
        shown = prettify_body(sim.markdown(page_id), REFS)
        assert [text for text in find_advice(shown, REFS) if "no page of the" not in text] == []


def test_an_ordinary_link_to_a_page_keeps_its_words() -> None:
    """As Notion has it already; a new one becomes a mention."""
    base = "[our `plan`](https://www.notion.so/39a0bc1eedcd8142936bcca8ae692cc4)"
    assert find_advice("[our](plan.md)", REFS, base=base.replace(" `plan`", "")) == ()
    assert len(find_advice("[our](plan.md)", REFS, base=base)) == 1


def test_what_notion_has_as_it_stands_is_no_news() -> None:
    """Only what a save brings, or brought before in the user's spelling, can be kept otherwise."""
    text = "<div>x</div>\n\n##### Deep"
    assert len(find_advice(text, REFS)) == 2
    assert len(find_advice(text, REFS, base="<div>x</div>\n\n#### Deep")) == 1
