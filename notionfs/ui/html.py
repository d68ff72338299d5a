"""HTML in which nothing that others wrote can be anything but text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

_VOID = frozenset({"col", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already. Only this module makes any."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """Return an element; children that are not Markup are escaped, None and False say nothing.

    In names of attributes a final `_` falls away and others become `-`.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Return *children*, also those within iterables, one after the other."""
    return Markup("".join(_child(child) for child in children))


def document(*children: Child) -> Markup:
    """Return a whole page."""
    return Markup("<!doctype html>\n" + tag("html", *children, lang="en"))


def name_of(text: object) -> Markup:
    """Return a title or path; its direction of writing stays its own."""
    return tag("bdi", str(text))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    return escape(child) if isinstance(child, str) else join(child)


def _attribute(key: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
