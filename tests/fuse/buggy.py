"""The command with bugs planted in it: what people see of a bug that we do not know yet."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from notionfs.cli.main import main
from notionfs.fs.entries import Entries
from notionfs.fs.handles import Handles
from notionfs.fs.tree import Tree


def plant(owner: type, name: str, error: Exception) -> None:
    """Let a method fail whenever 'buggy' stands in one of its arguments."""
    working: Callable[..., Any] = getattr(owner, name)

    def broken(self: Any, *args: Any, **kwargs: Any) -> Any:
        if any("buggy" in str(argument) for argument in args):
            raise error
        return working(self, *args, **kwargs)

    setattr(owner, name, broken)


if __name__ == "__main__":
    plant(Tree, "lookup", KeyError("planted"))
    plant(Entries, "mkdir", RuntimeError("planted"))
    plant(Handles, "write", OSError(5, "planted"))
    raise SystemExit(main(sys.argv[1:]))
