"""Plays a program: does each step for real, and notes in the reference what it promises."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from notionfs.errors import NotEmpty, NotPermitted
from notionfs.naming import title_from_name
from notionfs.simulator import Simulator
from tests.model import steps as s
from tests.model.hands import Hands, Refused, append_file, read_file, write_file
from tests.model.reference import Known
from tests.model.words import edited, line, retitled, split, word

WIKI, PROJECTS = "acme/wiki", "acme/projects"


def short(text: str) -> str:
    """Return a text as a story tells it."""
    return repr(text.rpartition("---\n")[2])


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass
class Taken:
    """What an editor holds."""

    page: Known
    fh: int
    text: str
    generation: int


@dataclass
class World:
    """The workspace, everything known about it, and what went on."""

    sim: Simulator
    pages: list[Known] = field(default_factory=list)
    folders: list[Known | str] = field(default_factory=list)
    sides: dict[tuple[int, str], str] = field(default_factory=dict)
    held: dict[int, Taken] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    number: int = 100
    played: list[str] = field(default_factory=list)

    def next(self) -> int:
        self.number += 1
        return self.number

    @property
    def live(self) -> list[Known]:
        return [page for page in self.pages if not page.is_gone]


def new_world(sim: Simulator) -> World:
    """Fill *sim* with a wiki and a database, and know every word of it."""
    world = World(sim)

    def page(title: str, parent: str, path: str, folder: str | None, n: int, **more: Any) -> str:
        body = "\n\n".join(line(each) for each in range(n, n + 4)) + "\n"
        page_id = sim.add_page(title, parent=parent, markdown=body, **more)
        known = Known(path, title, page_id, folder=folder, put={word(e) for e in range(n, n + 4)})
        world.pages.append(known)
        return page_id

    wiki = page("Wiki", "workspace", "acme/wiki.md", None, 0)
    page("Notes", wiki, f"{WIKI}/notes.md", WIKI, 4)
    columns = {"Name": "title", "Points": "number", "Tags": {"multi_select": {"options": []}}}
    _, [rows] = sim.add_database("Projects", parent="workspace", sources={"Projects": columns})
    page("Alpha", rows, f"{PROJECTS}/alpha.md", PROJECTS, 8, properties={"Points": 1})
    page("Beta", rows, f"{PROJECTS}/beta.md", PROJECTS, 12)
    world.folders += [WIKI, PROJECTS]
    world.roots = {WIKI: wiki, PROJECTS: rows}
    world.pages[0].is_above = True
    return world


class Player:
    """One run of a program's steps between two restarts."""

    def __init__(self, world: World, hands: Hands) -> None:
        self.world = world
        self.sim = world.sim
        self.hands = hands
        self._plays: Mapping[type, Callable[[Any], Awaitable[str | None]]] = {
            s.Save: self._save,
            s.Append: self._append,
            s.Retitle: self._retitle,
            s.Score: self._score,
            s.Take: self._take,
            s.Give: self._give,
            s.New: self._new,
            s.Folder: self._folder,
            s.Move: self._move,
            s.Over: self._over,
            s.Remove: self._remove,
            s.Side: self._side,
            s.Theirs: self._theirs,
            s.TheirTitle: self._their_title,
            s.TheirPage: self._their_page,
            s.Refresh: self._refresh,
            s.Fails: self._fails,
            s.Heals: self._heals,
            s.Wait: self._wait,
        }

    async def play(self, step: s.Step) -> None:
        """Do one step; one that has nothing to do it with does nothing."""
        done = await self._plays[type(step)](step)
        self.world.played.append(f"{step!r}: {done or 'nothing'}")
        await self.learn()

    async def learn(self) -> dict[str, str]:
        """See which files have pages by now; an id, once known, stays."""
        ids = await self.hands.ids()
        paths = {page_id: path for path, page_id in ids.items()}
        for page in self.world.live:
            if page.page_id is None:
                page.page_id = ids.get(page.path)
            elif page.page_id in paths:
                page.path = paths[page.page_id]
            elif page.path in ids:
                raise Broken(f"{page.path} was {page.page_id}, and is now {ids[page.path]}")
        return ids

    # --- picking ----------------------------------------------------------------------------------

    async def _pick(self, number: int) -> Known | None:
        live = self.world.live
        page = live[number % len(live)] if live else None
        return page if page is not None and await self._exists(page.path) else None

    async def _exists(self, path: str) -> bool:
        with suppress(*Refused):
            return split(path)[1] in await self.hands.names(split(path)[0])
        return False

    async def _read(self, page: Known) -> str | None:
        """Return the text, None if it cannot be had now (never read, and Notion is away)."""
        try:
            return await read_file(self.hands, page.path)
        except Refused:
            return None

    def _folder_path(self, number: int) -> tuple[Known | str, str] | None:
        """Return a folder and its path, unless its page is gone."""
        folder = self.world.folders[number % len(self.world.folders)]
        if isinstance(folder, str):
            return folder, folder
        return None if folder.is_gone else (folder, folder.path.removesuffix(".md"))

    # --- programs here ----------------------------------------------------------------------------

    async def _save(self, step: s.Save) -> str | None:
        page = await self._pick(step.page)
        before = page and await self._read(page)
        if page is None or before is None:
            return None
        after = edited(before, step.edit, step.spot, self.world.next())
        return await self._write(page, before, after, step.way)

    async def _write(self, page: Known, before: str, after: str, way: s.Way) -> str:
        page_id, path = page.page_id, page.path
        try:
            await write_file(self.hands, path, after, way)
        except NotEmpty:  # a page with sub-pages cannot be removed, not even for a moment
            await self._check_kept(page, page_id, path, before)
            return f"{path} {way}: refused"
        page.generation += way in (s.Way.ATOMIC, s.Way.BACKUP, s.Way.REPLACE)
        page.save(before, after)
        await self._check_kept(page, page_id, path, after)
        return f"{path} {way} {short(before)} -> {short(after)}"

    async def _check_kept(self, page: Known, page_id: str | None, path: str, text: str) -> None:
        """What close returned for is what the file says, and it is the same page."""
        ids = await self.hands.ids()
        if page_id is not None and ids.get(path) not in (page_id, None):
            raise Broken(f"{path} was the page {page_id} and is {ids[path]} after a save")
        found = await read_file(self.hands, path)
        if found != text:
            raise Broken(f"{path} was saved as {text!r} and reads {found!r}")

    async def _append(self, step: s.Append) -> str | None:
        page = await self._pick(step.page)
        before = page and await self._read(page)
        if page is None or before is None:
            return None
        added = f"\n{line(self.world.next())}\n"
        await append_file(self.hands, page.path, added)
        page.save(before, before + added)
        await self._check_kept(page, page.page_id, page.path, before + added)
        return f"{page.path} >> {added!r}"

    async def _retitle(self, step: s.Retitle) -> str | None:
        page = await self._pick(step.page)
        before = page and await self._read(page)
        if page is None or before is None:
            return None
        title = f"Titled{self.world.next()}"
        after = retitled(before, title)
        done = await self._write(page, before, after, step.way)
        if page.text == after:
            page.retitle(title)
        return done

    async def _score(self, step: s.Score) -> str | None:
        page = await self._pick(step.page)
        before = page and await self._read(page)
        if page is None or before is None or page.folder != PROJECTS or "\nPoints:" not in before:
            return None
        page.score = self.world.next()
        after = re.sub(r"(?m)^Points:.*$", f"Points: {page.score}", before)
        return await self._write(page, before, after, s.Way.TRUNCATE)

    async def _take(self, step: s.Take) -> str | None:
        page = await self._pick(step.page)
        if page is None or step.client in self.world.held:
            return None
        try:
            fh = await self.hands.open(page.path, os.O_RDWR)
        except Refused:
            return None
        text = (await self.hands.read(fh)).decode()
        self.world.held[step.client] = Taken(page, fh, text, page.generation)
        return f"{page.path} {short(text)}"

    async def _give(self, step: s.Give) -> str | None:
        taken = self.world.held.pop(step.client, None)
        if taken is None:
            return None
        page = taken.page
        after = edited(taken.text, step.edit, step.spot, self.world.next())
        is_there = not page.is_gone and await self._exists(page.path)
        if step.anew or page.is_gone:
            await self.hands.close(taken.fh)
            if not is_there:
                return "closed"
            present = await read_file(self.hands, page.path)
            await write_file(self.hands, page.path, after, s.Way.TRUNCATE)
            page.save(taken.text, after, present)
            await self._check_kept(page, page.page_id, page.path, after)
            return f"{page.path} anew {short(after)}"
        present = await read_file(self.hands, page.path) if is_there else ""
        await self.hands.truncate(taken.fh, 0)
        await self.hands.write(taken.fh, 0, after.encode())
        await self.hands.close(taken.fh)
        if is_there and taken.generation == page.generation:
            page.save(taken.text, after, present)
            await self._check_kept(page, page.page_id, page.path, after)
        return f"{page.path} {short(after)}"

    async def _new(self, step: s.New) -> str | None:
        spot = self._folder_path(step.folder)
        if spot is None:
            return None
        folder, directory = spot
        number = self.world.next()
        path = f"{directory}/{f'new{number}' if step.name > 1 else f'again{step.name}'}.md"
        if await self._exists(path) or not await self._exists(directory):
            return None
        text = f"{line(number)}\n"
        await write_file(self.hands, path, text, step.way)
        page_id = (await self.hands.ids()).get(path)
        page = self._owner(path, page_id, folder)
        page.save("", text)
        await self._check_kept(page, page_id, path, text)
        return f"{path} {step.way} {text!r}"

    def _owner(self, path: str, page_id: str | None, folder: Known | str) -> Known:
        """Return the page that a new file stands for: one that comes back, or a new one."""
        title = title_from_name(split(path)[1])
        for page in self.world.pages:
            if page_id is not None and page.page_id == page_id:
                page.is_gone = False
                page.forget_words()
                page.was_theirs = True
                page.path, page.folder, page.score = path, folder, None
                return page
        page = Known(path, title, page_id, folder=folder, is_new=True)
        self._add(page)
        return page

    def _add(self, page: Known) -> None:
        self.world.pages.append(page)
        if isinstance(page.folder, Known):
            page.folder.is_above = True

    async def _folder(self, step: s.Folder) -> str | None:
        spot = self._folder_path(step.folder)
        if spot is None or len(self.world.folders) > 4:
            return None
        folder, directory = spot
        name = f"dir{self.world.next()}"
        if not await self._exists(directory):
            return None
        await self.hands.mkdir(f"{directory}/{name}")
        page = Known(f"{directory}/{name}.md", name, folder=folder, is_new=True)
        self._add(page)
        self.world.folders.append(page)
        return page.path

    async def _move(self, step: s.Move) -> str | None:
        page, spot = await self._pick(step.page), self._folder_path(step.folder)
        if page is None or spot is None or page.folder is None:
            return None
        folder, directory = spot
        name = f"named{self.world.next()}.md" if step.rename else split(page.path)[1]
        old, new = page.path, f"{directory}/{name}"
        if not await self._exists(directory) or await self._exists(new):
            return None
        try:
            await self.hands.rename(old, new)
        except Refused as exc:
            if not await self._exists(old) or await self._exists(new):
                raise Broken(f"mv {old} {new} was refused, and did something") from exc
            return f"{old} -> {new}: {exc}"
        page.is_rendered |= page.folder is not folder  # with other keys, without its columns
        page.path, page.folder = new, folder
        page.text = None  # its heading may be another one now
        if isinstance(folder, Known):
            folder.is_above = True
        if step.rename:
            page.retitle(title_from_name(name))
        return f"{old} -> {new}"

    async def _over(self, step: s.Over) -> str | None:
        page, target = await self._pick(step.page), await self._pick(step.target)
        if page is None or target is None or page is target or page.folder is None:
            return None
        if (page.path.startswith(PROJECTS)) is not (target.path.startswith(PROJECTS)):
            return None
        text, old = await self._read(page), await self._read(target)
        if text is None or old is None:
            return None
        try:
            await self.hands.rename(page.path, target.path)
        except (NotEmpty, NotPermitted):
            return None
        page.is_gone = True
        page.generation += 1
        target.generation += 1
        target.save(old, text)
        heading = re.search(r"(?m)^# (.*)$", text)
        if heading:
            target.retitle(heading.group(1))
        target.score, target.was_theirs = None, True
        await self._check_kept(target, target.page_id, target.path, text)
        return f"{page.path} -> {target.path} {short(text)}"

    async def _remove(self, step: s.Remove) -> str | None:
        page = await self._pick(step.page)
        if page is None or page.folder is None:
            return None
        try:
            await self.hands.unlink(page.path)
        except Refused as exc:
            return f"{page.path}: {exc}"
        page.is_gone = True
        page.generation += 1
        for child in self.world.pages:
            child.may_be_gone |= child.folder is page
        return page.path

    async def _side(self, step: s.Side) -> str | None:
        spot = self._folder_path(step.folder)
        if spot is None or not await self._exists(spot[1]):
            return None
        folder, directory = spot
        name = ("notes.txt", ".x.swp", "old.md~")[step.name]
        text = f"side {self.world.next()}\n"
        await write_file(self.hands, f"{directory}/{name}", text, s.Way.TRUNCATE)
        self.world.sides[self.world.folders.index(folder), name] = text
        return f"{directory}/{name}"

    # --- people in Notion -------------------------------------------------------------------------

    def _remote(self, number: int) -> Known | None:
        there = [
            page
            for page in self.world.live
            if page.page_id and not self.sim.page(page.page_id)["in_trash"]
        ]
        return there[number % len(there)] if there else None

    async def _theirs(self, step: s.Theirs) -> str | None:
        page = self._remote(step.page)
        if page is None or page.page_id is None:
            return None
        before = self.sim.markdown(page.page_id)
        after = edited(before, step.edit, step.spot, self.world.next())
        self.sim.edit_markdown(page.page_id, after)
        page.edit_in_notion(before, self.sim.markdown(page.page_id))
        return f"{page.path} {short(before)} -> {short(after)}"

    async def _their_title(self, step: s.TheirTitle) -> str | None:
        page = self._remote(step.page)
        if page is None or page.page_id is None or page.folder is None:
            return None
        title = f"Theirs{self.world.next()}"
        self.sim.edit_title(page.page_id, title)
        page.retitle(title, in_notion=True)
        return f"{page.path} {title}"

    async def _their_page(self, step: s.TheirPage) -> str | None:
        folder = self.world.folders[step.folder % len(self.world.folders)]
        parent = self._parent_id(folder)
        if parent is None or (isinstance(folder, Known) and folder.is_gone):
            return None
        number = self.world.next()
        title = f"made{number}"
        page_id = self.sim.add_page(title, parent=parent, markdown=line(number) + "\n")
        self._add(Known("", title, page_id, folder, put={word(number)}, was_theirs=True))
        return title

    def _parent_id(self, folder: Known | str) -> str | None:
        if isinstance(folder, Known):
            page_id = folder.page_id
            is_live = page_id is not None and not self.sim.page(page_id)["in_trash"]
            return page_id if is_live else None
        return self.world.roots[folder]

    # --- fate -------------------------------------------------------------------------------------

    async def _refresh(self, step: s.Refresh) -> str | None:
        page = await self._pick(step.page)
        with suppress(*Refused):
            await self.hands.refresh(step.what, page.path if page else "acme/wiki.md")
            return "done"
        return "failed"

    async def _fails(self, step: s.Fails) -> str | None:
        fault: Any = s.FAULTS[step.kind]
        self.sim.fail_next(operation=step.operation, times=step.times, skip=step.skip, **fault)
        return "set"

    async def _heals(self, step: s.Heals) -> str | None:
        self.sim.heal()
        return "healed"

    async def _wait(self, step: s.Wait) -> str | None:
        await self.hands.sleep(step.seconds)
        return "waited"
