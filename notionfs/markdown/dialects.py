"""The two kinds of bodies that a server may send, each with everything that is done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct

from notionfs.markdown import lines
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.hunks import BodyPlan, plan_apart, plan_body
from notionfs.markdown.nesting import Opened, open_block
from notionfs.markdown.prettify import prettify_body
from notionfs.markdown.restore import restore_body
from notionfs.model import References


class Restore(Protocol):
    """Reads an edited body back; what it refuses is named by lines that count from *first_line*."""

    def __call__(self, shown: str, base: str, refs: References, first_line: int = 1) -> str:
        """Return the body that *shown*, grown from *base*, stands for."""
        ...


class Dialect(Struct, frozen=True):
    """How bodies are cut into blocks, compared, shown, read back, and changed."""

    version: str
    split: Callable[[str], list[str]]
    join: Callable[[Iterable[str]], str]
    open_block: Callable[[str], Opened | None]
    same_text: Callable[[str, str], bool]
    show: Callable[[str, References], str]
    restore: Restore
    plan: Callable[[str, str], BodyPlan]
    plan_apart: Callable[[str, str], tuple[BodyPlan, str]]


V2 = Dialect(
    version="v2",
    split=split_blocks,
    join=join_blocks,
    open_block=open_block,
    same_text=same_text,
    show=prettify_body,
    restore=restore_body,
    plan=plan_body,
    plan_apart=plan_apart,
)
"""Notion-flavored Markdown, shown in the form that people edit."""

V1 = Dialect(
    version="v1",
    split=lines.split_lines,
    join=lines.join_lines,
    open_block=lambda block: None,
    same_text=lines.same_lines,
    show=lines.show_lines,
    restore=lines.restore_lines,
    plan=lines.plan_lines,
    plan_apart=lines.plan_apart,
)
"""What older servers send: shown as it is."""

DIALECTS = {dialect.version: dialect for dialect in (V1, V2)}
