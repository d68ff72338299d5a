"""Regular expressions that are compiled when somebody needs them.

The rooms have more than a hundred, some with large sets of characters: compiling them all took a
fifth of the time until a mount answers, and most are for texts that nobody has opened yet.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_ALL: list[_Late] = []
_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` returns; a mistake in *pattern* shows at its first use."""
    made = _Late(pattern, flags)
    _ALL.append(made)
    return cast("re.Pattern[AnyStr]", made)


def compile_all() -> None:
    """Compile what nobody has used yet. It takes a tenth of a second; any thread may do it."""
    for each in list(_ALL):
        each.match  # noqa: B018  # to name a method is its first use


class _Late:
    """After the first use the methods are those of the compiled pattern itself."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._pattern, self._flags)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)
