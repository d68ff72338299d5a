"""`notionfs teamspace`: say in the settings file which pages stand in which directory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from notionfs import control, registry
from notionfs.cli.screen import say, warn
from notionfs.config import Teamspace
from notionfs.errors import ControlError, UsageError
from notionfs.model import normalize_id
from notionfs.settings import checked_names, default_config_file, read_file, read_teamspaces


@click.command()
@click.option("--config", "config_file", metavar="FILE", help="Edit this settings file.")
@click.option("--connection", metavar="NAME", help="add: show it by this kept connection.")
@click.option("--token-file", metavar="FILE", help="add: show it by the token in FILE.")
@click.option("--token-env", metavar="VAR", help="add: show it by the token in $VAR.")
@click.argument("action", type=click.Choice(("add", "list", "remove")))
@click.argument("name", required=False)
@click.argument("urls", metavar="[URL]...", nargs=-1)
def command(
    config_file: str | None,
    action: str,
    name: str | None,
    urls: tuple[str, ...],
    **access: str | None,
) -> None:
    """Say which pages and databases stand in a directory of their own.

    Notion's API does not name teamspaces. NAME becomes a directory at the top of the mount,
    and each URL (or id) of a page or database stands in it, with all below. Adding to a
    NAME that exists adds to its pages. The settings file is edited, comments stay as they
    are, and running mounts follow at once.

    With a connection of its own, a teamspace needs no URL: all that the connection sees
    stands in it, read and written with that token, at that token's own pace. Mounts show
    it when they are made the next time.

    \b
    Examples:
      notionfs teamspace add engineering https://app.notion.com/p/8efdd9d1f20155b693e737eb1396f97b
      notionfs teamspace add client --connection client
      notionfs teamspace list
      notionfs teamspace remove engineering
    """
    file = Path.cwd() / config_file if config_file else default_config_file()
    if action == "list":
        _list(file, name)
    elif name is None:
        raise UsageError(f"Name the teamspace: notionfs teamspace {action} NAME.")
    elif action == "add":
        _add(file, name, urls, {key: value for key, value in access.items() if value})
    else:
        _remove(file, name, urls)


def _list(file: Path, name: str | None) -> None:
    known = read_teamspaces(_read(file).get("teamspaces", {}), file)
    if not known:
        say(f"{file} names no teamspace; add one: notionfs teamspace add NAME URL…")
    for space in known.values():
        if name in (None, space.name):
            for root in space.roots:
                say(f"{space.name}  {root}")
            for key, value in space.access.items():
                say(f"{space.name}  by {key} {value}")


def _add(file: Path, name: str, urls: tuple[str, ...], access: Mapping[str, str]) -> None:
    known = read_teamspaces(_read(file).get("teamspaces", {}), file)
    if access:
        _connect(file, name, urls, access, known)
        return
    if not urls:
        raise UsageError(f"Name the pages: notionfs teamspace add {name} URL….")
    if name in known and known[name].access:
        raise UsageError(f"{name} has a connection of its own: all that it sees stands there.")
    there = known[name].roots if name in known else ()
    _refuse_other_words(urls)
    asked = read_teamspaces({name: {"roots": list(urls)}}, file)[name].roots
    new = [url for url, root in zip(urls, asked, strict=True) if root not in there]

    def change(document: Any) -> None:
        import tomlkit

        spaces = document.setdefault("teamspaces", tomlkit.table(is_super_table=True))
        roots = spaces.setdefault(name, tomlkit.table()).setdefault("roots", tomlkit.array())
        roots.extend(new)

    _edit(file, change)
    say(f"{name} holds {len(there) + len(new)} of Notion's pages and databases ({file}).")
    _tell_mounts(file)


def _refuse_other_words(urls: tuple[str, ...]) -> None:
    """Raise UsageError with the words among *urls* that lead to nothing in Notion."""
    others = [repr(url) for url in urls if normalize_id(url) is None]
    if others:
        raise UsageError(
            f"{' and '.join(others)}: neither a Notion id nor a URL that ends in one; copy the "
            "link of a page or database in Notion (••• → Copy link)."
        )


def _connect(
    file: Path,
    name: str,
    urls: tuple[str, ...],
    access: Mapping[str, str],
    known: Mapping[str, Teamspace],
) -> None:
    """Note what leads to the token of a connection of its own."""
    if urls:
        raise UsageError("A connection of its own needs no URL: all that it sees stands there.")
    if name in known and known[name].roots:
        raise UsageError(
            f"{name} is made of pages; remove it first: notionfs teamspace remove {name}"
        )
    if "token_file" in access:
        access = {**access, "token_file": str(Path.cwd() / Path(access["token_file"]).expanduser())}
    read_teamspaces({name: dict(access)}, file)

    def change(document: Any) -> None:
        import tomlkit

        spaces = document.setdefault("teamspaces", tomlkit.table(is_super_table=True))
        space = tomlkit.table()
        space.update(access)
        spaces[name] = space

    _edit(file, change)
    say(f"{name} is shown by a connection of its own ({file}).")
    _tell_mounts(file)


def _remove(file: Path, name: str, urls: tuple[str, ...]) -> None:
    if urls:
        raise UsageError("A teamspace is removed as a whole: notionfs teamspace remove NAME.")
    known = read_teamspaces(_read(file).get("teamspaces", {}), file)
    if name not in known:
        raise UsageError(f"There is no teamspace {name} in {file} ({', '.join(known) or 'none'}).")

    def change(document: Any) -> None:
        del document["teamspaces"][name]
        if not document["teamspaces"]:
            del document["teamspaces"]

    _edit(file, change)
    if known[name].access:
        say(f"{name} is no teamspace any more.")
    else:
        say(f"{name} is no teamspace any more; its pages stand under the workspace's name again.")
    _tell_mounts(file)


# --- the file -------------------------------------------------------------------------------------


def _read(file: Path) -> Mapping[str, Any]:
    return read_file(file, required=False)


def _edit(file: Path, change: Callable[[Any], None]) -> None:
    """Change the settings in *file* and nothing else in it; raises UsageError if they do not fit.

    The file is replaced as a whole, so that a mount never reads half of it.
    """
    import tomlkit

    _read(file)  # a mistake that is there already is explained
    document = tomlkit.parse(file.read_text("utf-8") if file.exists() else "")
    change(document)
    content = checked_names(document.unwrap(), file)
    read_teamspaces(content.get("teamspaces", {}), file)
    _replace(file.resolve(), tomlkit.dumps(document))  # a link, as dotfile managers make, stays


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=file.parent, prefix=".config-", delete=False
    ) as partial:
        try:
            partial.write(text)
            partial.flush()
            os.fchmod(partial.fileno(), mode)
            os.fsync(partial.fileno())
            Path(partial.name).replace(file)
        except BaseException:
            Path(partial.name).unlink(missing_ok=True)
            raise


def _tell_mounts(file: Path) -> None:
    """Have the running mounts that use *file* read it again."""
    for mount in registry.find_mounts():
        try:
            done = control.call(mount.socket, "reload", {"file": str(file)})
        except ControlError as exc:
            warn(f"{mount.mountpoint}: {exc}")
            continue
        if "teamspaces" in done.get("changed", ()):
            say(f"{mount.mountpoint} follows.")
        if any(name.startswith("teamspaces.") for name in done.get("waiting", ())):
            say(f"{mount.mountpoint} follows when it is mounted again.")
