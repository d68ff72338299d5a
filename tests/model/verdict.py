"""After a program, when Notion is well and everything was sent: was every promise kept?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from tests.model.hands import Hands, read_file
from tests.model.player import Broken, World
from tests.model.reference import Known
from tests.model.words import split, words

_REMOTE, _ERROR = ".remote.md", ".error"


async def settle(world: World, hands: Hands) -> None:
    """Let everything arrive, and decide every conflict for the file's text."""
    for held in list(world.held.values()):
        await hands.close(held.fh)
    world.held.clear()
    world.sim.heal()
    for _ in range(2):
        await hands.sleep(70)
        await hands.drain()
        await hands.refresh("all", "")
    for page in world.live:
        await _decide(world, hands, page)
    await hands.drain()
    await hands.refresh("all", "")
    await hands.sleep(70)
    left = await hands.drain()
    if left:
        raise Broken(f"this is never sent: {left}")


async def _decide(world: World, hands: Hands, page: Known) -> None:
    """A conflict shows all that anybody wrote; removing the sibling settles it."""
    ids = await hands.ids()
    path = next((p for p, page_id in ids.items() if page_id == page.page_id), None)
    sibling = path and path.removesuffix(".md") + _REMOTE
    if not path or not sibling:
        return
    if split(sibling)[1] not in await hands.names(split(path)[0]):
        return
    if not page.was_theirs:
        raise Broken(f"{path} is in conflict, and nobody else ever changed it")
    mine, theirs = await read_file(hands, path), await read_file(hands, sibling)
    lost = page.must - set(words(mine)) - set(words(theirs))
    if lost:
        raise Broken(f"{path}: {lost} stand on neither side of the conflict")
    await hands.unlink(sibling)
    page.either |= page.put | page.taken
    page.text = None


async def judge(world: World, hands: Hands) -> None:
    """Raise Broken with all promises that were not kept."""
    ids = await hands.ids()
    wrong = [*_strays(world)]
    for page in world.pages:
        wrong += [f"{page.path}: {each}" for each in _gone(world, page)]
        if not page.is_gone and not _went_along(world, page):
            wrong += [f"{page.path}: {each}" async for each in _live(world, hands, ids, page)]
    wrong += [each async for each in _sides(world, hands)]
    if wrong:
        raise Broken("\n".join(wrong))


def _in_trash(world: World, page_id: str) -> bool:
    return bool(world.sim.workspace.in_trash(page_id))


def _strays(world: World) -> Iterator[str]:
    """No page exists twice, or without anybody having made it."""
    known = {page.page_id for page in world.pages}
    for page_id, page in world.sim.workspace.pages.items():
        if page_id not in known and not page.is_template and not _in_trash(world, page_id):
            yield f"nobody made the page {world.sim.title(page_id)!r} {page_id}"


def _gone(world: World, page: Known) -> Iterator[str]:
    if page.is_gone and page.page_id and not _in_trash(world, page.page_id):
        if any(p.page_id == page.page_id and not p.is_gone for p in world.pages):
            return
        yield "was removed, and is not in the trash"


def _went_along(world: World, page: Known) -> bool:
    """Tell whether a page that we did not know of went to the trash with the page above."""
    return page.may_be_gone and page.page_id is not None and _in_trash(world, page.page_id)


async def _live(world: World, hands: Hands, ids: dict[str, str], page: Known) -> AsyncIterator[str]:
    if page.page_id is None:
        yield "never got a page in Notion"
        return
    if _in_trash(world, page.page_id):
        yield "is in the trash, and nobody removed it"
        return
    path = next((path for path, page_id in ids.items() if page_id == page.page_id), None)
    if path is None:
        yield "has no file"
        return
    directory = split(path)[0]
    if split(path)[1] + _ERROR in await hands.names(directory):
        yield "is refused: " + await read_file(hands, path + _ERROR)
    text = await read_file(hands, path)
    for each in [
        *_body(world, page, text),
        *_title(world, page, text),
        *_place(world, page, directory),
        *_score(world, page, text),
        *_blocks(world, page),
    ]:
        yield each


def _body(world: World, page: Known, text: str) -> Iterator[str]:
    """Every word once, in the file as in Notion, and the user's bytes stay."""
    there = words(world.sim.markdown(page.page_id or ""))
    here = words(text)
    if there != here:
        yield f"Notion has {there}, the file {here}"
    if doubled := {word for word in there if there.count(word) > 1}:
        yield f"{doubled} stand twice"
    if lost := page.must - set(there):
        yield f"{lost} were lost; Notion has {there}"
    if back := page.must_not & set(there):
        yield f"{back} came back; Notion has {there}"
    if strange := set(there) - page.put:
        yield f"{strange} come from another page"
    is_rendered = page.was_theirs or page.is_above or page.is_rendered
    kept = is_rendered or page.text is None or text == page.text
    if not kept and not (
        page.is_new and _lines(text)[-len(_lines(page.text)) :] == _lines(page.text)
    ):
        yield f"was saved as {page.text!r} and reads {text!r}"


def _lines(text: str | None) -> list[str]:
    """Return the lines that say something: frontmatter comes with Notion's spacing."""
    return [each for each in (text or "").split("\n") if each]


def _title(world: World, page: Known, text: str) -> Iterator[str]:
    there = world.sim.title(page.page_id or "")
    allowed = {page.title} | (page.titles if page.was_theirs else set())
    if there not in allowed:
        yield f"is called {there!r} in Notion, not {allowed}"
    heading = re.search(r"(?m)^# (.*)$", text)
    if heading and heading.group(1) != there:
        yield f"is called {there!r} in Notion, and {heading.group(1)!r} in the file"


def _place(world: World, page: Known, directory: str) -> Iterator[str]:
    folder = page.folder
    if isinstance(folder, Known) and folder.is_gone:
        return
    wanted = world.roots.get(folder) if isinstance(folder, str) else folder and folder.page_id
    parent = world.sim.page(page.page_id or "")["parent"]
    if wanted is not None and wanted not in parent.values():
        yield f"stands in {parent}, not in {wanted}"
    expected = folder.path.removesuffix(".md") if isinstance(folder, Known) else folder
    if expected is not None and directory != expected:
        yield f"its file stands in {directory}, not in {expected}"


def _score(world: World, page: Known, text: str) -> Iterator[str]:
    properties = world.sim.page(page.page_id or "")["properties"]
    if page.score is None or "Points" not in properties:
        return
    if properties["Points"]["number"] != page.score:
        yield f"has {properties['Points']['number']} points, not {page.score}"
    if f"\nPoints: {page.score}\n" not in text and "\nPoints:" in text:
        yield f"does not show {page.score} points: {text!r}"


def note_blocks(world: World) -> None:
    """Remember which block each word stands in."""
    for page in world.live:
        if page.page_id and page.page_id in world.sim.workspace.pages:
            for word, block in _blocks_of(world, page.page_id).items():
                page.blocks.setdefault(word, block)


def _blocks(world: World, page: Known) -> Iterator[str]:
    """A block that nobody touched is the same block."""
    now = _blocks_of(world, page.page_id or "")
    for word in page.must & now.keys() & page.blocks.keys():
        if now[word] != page.blocks[word]:
            yield f"{word} is in another block than it was"


def _blocks_of(world: World, page_id: str) -> dict[str, str]:
    found = {}
    for block in world.sim.children(page_id):
        rich = block[block["type"]].get("rich_text", [])
        for word in words("".join(part["plain_text"] for part in rich)):
            found[word] = block["id"]
    return found


async def _sides(world: World, hands: Hands) -> AsyncIterator[str]:
    for (number, name), text in world.sides.items():
        folder = world.folders[number]
        if isinstance(folder, Known) and folder.is_gone:
            continue
        directory = folder.path.removesuffix(".md") if isinstance(folder, Known) else folder
        if name not in await hands.names(directory):
            yield f"the side file {directory}/{name} is gone"
        elif await read_file(hands, f"{directory}/{name}") != text:
            yield f"the side file {directory}/{name} has another text"
