"""What a computation asked of other pages and people, to tell whether it would say the same again.

A result that is kept with its questions can be used as long as all of them have the same answers: a
computation that is given the same takes the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, field

from notionfs.model import References

Asked: TypeAlias = Mapping[tuple[str, str], Any]
"""The answers, by the name of the question and what it is about."""


class Asking(Struct):
    """Stands for *refs*, and notes what they are asked."""

    refs: References
    asked: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Callable[[str], Any]:
        question: Callable[[str], Any] = getattr(self.refs, name)

        def ask(about: str) -> Any:
            answer = question(about)
            self.asked[name, about] = answer
            return answer

        return ask


def has_same_answers(refs: References, asked: Asked) -> bool:
    """Tell whether *refs* answer every question as it was answered then."""
    return all(getattr(refs, name)(about) == answer for (name, about), answer in asked.items())
