"""Several trees under one root: that of the mount, and one for each connection of a teamspace.

A tree knows nothing of the others: it has its own store, client and budget. In each, all that its
connection sees stands in one directory at the top; here these directories stand side by side. The
kernel's number of an inode or a file handle is a tree's own with the number of the tree above it;
the root is that of the first tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notionfs.errors import CrossDevice, EntryExists, NoSuchEntry, NotPermitted, UsageError
from notionfs.fs.attributes import Attributes
from notionfs.fs.entries import Entries
from notionfs.fs.listings import Row
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Tree
from notionfs.fs.xattrs import ExtendedAttributes
from notionfs.store.dentries import LOCAL_KINDS, ROOT_INO

_SHIFT = 56
_OWN = (1 << _SHIFT) - 1
TOPS = 1 << 32
"""Cookies from here on are those of the directories that other trees add to the root."""


class Branch:
    """A tree and what changes it; *name* is the directory it adds to the root, "" for the first."""

    def __init__(self, tree: Tree, entries: Entries, renames: Renames, name: str = "") -> None:
        self.tree = tree
        self.entries = entries
        self.renames = renames
        self.name = name
        self.number = 0
        self.xattrs = ExtendedAttributes(tree)

    def shown(self, number: int) -> int:
        """Return the kernel's number of an inode of this tree."""
        return number if number == ROOT_INO else self.handle(number)

    def handle(self, number: int) -> int:
        """Return the kernel's number of a file handle of this tree."""
        return self.number << _SHIFT | number

    def top(self) -> Attributes:
        """Return the attributes of the directory it adds to the root."""
        return self.tree.lookup(ROOT_INO, self.name)


class Forest:
    """The trees of a mount, the mount's own first."""

    def __init__(self, branches: Sequence[Branch]) -> None:
        self.branches = branches
        self._trunk = branches[0]
        self._tops: dict[str, Branch] = {}
        for number, branch in enumerate(branches):
            branch.number = number
            if number:
                self._tops[branch.name] = branch

    def check_names(self, taken: Sequence[str]) -> None:
        """Raise UsageError if a directory of another tree would hide one of the first."""
        for name in taken:
            if name in self._tops:
                raise UsageError(
                    f"[teamspaces.{name}] would hide the directory {name} that is there already; "
                    "give it another name."
                )

    @staticmethod
    def own(number: int) -> int:
        """Return the tree's own number of what the kernel calls *number*."""
        return number & _OWN

    def at(self, number: int) -> tuple[Branch, int]:
        """Return the tree of an inode or file handle, and the tree's own number for it."""
        if number <= _OWN:
            return self._trunk, number
        return self.branches[number >> _SHIFT], number & _OWN

    def top(self, parent: int, name: str) -> Branch | None:
        """Return the tree whose directory has that name at the root."""
        return self._tops.get(name) if parent == ROOT_INO else None

    def tops_behind(self, cookie: int) -> Iterator[tuple[int, Branch, Row]]:
        """Yield cookie, tree and row of what other trees add to a listing of the root."""
        start = max(0, cookie - TOPS)
        for position, branch in enumerate(self.branches[1 + start :], start + 1):
            yield TOPS + position, branch, Row(branch.name, branch.top())

    def check_free(self, parent: int, name: str) -> None:
        """Raise EntryExists for a name that another tree's directory has at the root."""
        if self.top(parent, name) is not None:
            raise EntryExists("There is already an entry of that name.")

    def check_removable(self, parent: int, name: str) -> None:
        """Raise NotPermitted for the directory of another tree."""
        if self.top(parent, name) is not None:
            raise NotPermitted("The directory of a teamspace goes with its part of the settings.")

    def rename(self, old: tuple[int, str], new: tuple[int, str], flags: int) -> None:
        """Give an entry another name.

        Raises NotPermitted for a page that would leave its connection, CrossDevice for a side file:
        programs then copy it.
        """
        self.check_removable(*old)
        self.check_free(*new)
        (branch, old_parent), (target, new_parent) = self.at(old[0]), self.at(new[0])
        if branch is target:
            branch.renames.rename(old_parent, old[1], new_parent, new[1], flags)
            return
        dentry = branch.tree.store.dentries.find(old_parent, old[1])
        if dentry is None:
            raise NoSuchEntry("There is no such entry.")
        if branch.tree.inode(dentry.ino).kind in LOCAL_KINDS:
            raise CrossDevice("A side file of another connection is copied, not moved.")
        raise NotPermitted(
            "Notion cannot move a page from one connection to another; copy it, then remove it."
        )
