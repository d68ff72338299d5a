"""Options: select, multi_select and status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from notionfs.markdown.fields import (
    Context,
    ProblemError,
    as_text,
    as_texts,
    check_count,
    nearest,
    short,
)
from notionfs.model import JSON, References


def render_option(payload: JSON, refs: References) -> Any:
    """Return an option's name."""
    return payload.get("name") or payload.get("id") if payload else None


def render_options(payload: JSON, refs: References) -> Any:
    """Return the names of options."""
    return [render_option(option, refs) for option in payload or ()]


def parse_option(value: Any, context: Context) -> JSON:
    """Return the option of that name."""
    return _option(as_text(value), context)


def parse_options(value: Any, context: Context) -> JSON:
    """Return the options of a list, or of one text with commas."""
    names = as_texts(value, commas=True)
    check_count(names)
    problems: list[str] = []
    options = []
    for name in dict.fromkeys(names):
        try:
            options.append(_option(name, context))
        except ProblemError as exc:
            problems.append(str(exc))
    if problems:
        raise ProblemError("; it ".join(problems))
    return options


def _option(name: str, context: Context) -> JSON:
    known = [*context.schema.options, *_base_names(context.base)]
    if name in known:
        return {"name": name}
    name = name.strip()
    folded = [option for option in known if option.casefold() == name.casefold()]
    if folded:
        return {"name": folded[0]}
    if "," in name:
        raise ProblemError(f"has the option “{short(name)}”, and options cannot contain a comma")
    if context.create_options and context.schema.type != "status":
        return {"name": name}
    raise ProblemError(f"has no option “{short(name)}”{_suggestion(name, known)}")


def _base_names(base: JSON) -> list[str]:
    options = base if isinstance(base, list) else [base] if base else []
    return [option["name"] for option in options if option.get("name")]


def _suggestion(name: str, known: Sequence[str]) -> str:
    if not known:
        return "; it has no options at all"
    near = nearest(name, known)
    if near is not None:
        return f"; did you mean “{near}”?"
    return "; it may be " + ", ".join(f"“{option}”" for option in known[:8])
