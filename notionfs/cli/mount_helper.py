"""The helper mount.notionfs lets mount(8) and a line of /etc/fstab mount a workspace.

It is called by mount(8), by systemd for fstab lines and by autofs, normally as root. The source is
`notionfs` for the workspace of the settings file, or `demo` for the built-in demo workspace:

    notionfs  /home/ada/notion  notionfs  uid=ada,_netdev,nofail  0  0

On a command line the type is `fuse.notionfs`, because mount(8) reads a type that begins with `no`
as "every other type"; fstab takes both:

    mount -t fuse.notionfs -o uid=ada notionfs /home/ada/notion

With `uid` the mount belongs to that user: it reads the settings and the token that the user has in
~/.config/notionfs, keeps its store in ~/.local/state/notionfs, and runs without any rights of root.

Options of the generic kind that have no meaning here (such as noatime, nofail or
x-systemd.automount) are accepted. Every key of notionfs.toml(5) is an option too.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from enum import IntEnum

from msgspec import Struct, field

from notionfs.cli.screen import visible
from notionfs.config import KEYS
from notionfs.errors import NotionFSError, UsageError


class Exit(IntEnum):
    """What mount(8) expects of a helper."""

    OK = 0
    USAGE = 1
    SYSTEM = 2
    FAILED = 32


MEANINGS: Mapping[Exit, str] = {
    Exit.OK: "Mounted, and the mount answers.",
    Exit.USAGE: "The options, the settings file or the place of the token are wrong.",
    Exit.SYSTEM: "A bug: the message has its name.",
    Exit.FAILED: "The workspace could not be mounted; the message says why.",
}

OPTIONS: Mapping[str, str] = {
    "ro": "Refuse every change.",
    "sync": "Closing a file waits for Notion's answer.",
    "allow_other": "Let other users of this machine in.",
    "uid=USER": "Run as this user, by name or number, with the user's settings and token.",
    "config=FILE": "Read this settings file.",
    "KEY=VALUE": "Any other key of notionfs.toml(5); a key alone means true.",
}
"""What the manual page and --help tell; the rest of fstab's vocabulary is in IGNORED."""

# fmt: off
IGNORED = frozenset([
    "rw", "async", "auto", "noauto", "defaults", "user", "nouser", "users", "owner", "group",
    "nofail", "_netdev", "_rnetdev", "atime", "noatime", "relatime", "norelatime", "strictatime",
    "nostrictatime", "diratime", "nodiratime", "lazytime", "nolazytime", "dev", "nodev", "suid",
    "nosuid", "exec", "noexec", "iversion", "noiversion", "silent", "loud", "dirsync",
])
# fmt: on
_IGNORED_PREFIXES = ("x-", "X-", "comment=", "user=")
_SPELLINGS: Mapping[str, str] = {"ro": "read_only", "config": "config_file"}
_SOURCES: Mapping[str, Mapping[str, object]] = {
    "notionfs": {},
    "none": {},
    "demo": {"demo": True},
}
_HELP = "usage: mount.notionfs SOURCE DIRECTORY [-sfnv] [-o OPTIONS]; see mount.notionfs(8)"


class Request(Struct):
    """What mount(8) asked for: settings by key, and who to be."""

    source: str
    directory: str
    flags: dict[str, object] = field(default_factory=dict)
    user: str | None = None
    sloppy: bool = False
    fake: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Mount as mount(8) asks, and return the exit code that it expects."""
    try:
        return _mount(read_request(sys.argv[1:] if arguments is None else arguments))
    except UsageError as exc:
        return _fail(Exit.USAGE, str(exc))
    except (NotionFSError, OSError) as exc:
        return _fail(Exit.FAILED, str(exc))


def _fail(code: Exit, text: str) -> Exit:
    print(f"mount.notionfs: {visible(text)}", file=sys.stderr)  # noqa: T201
    return code


def _mount(request: Request) -> int:
    from notionfs import registry
    from notionfs.cli.mount import forget_token, run_in_background
    from notionfs.cli.mountpoint import check_mountpoint
    from notionfs.settings import load_settings

    if request.user is not None:
        become(request.user, os.environ)
    place = registry.canonical(request.directory)
    settings = load_settings(flags={"mountpoint": place, **request.flags}, environ=os.environ)
    if request.fake:
        return Exit.OK
    forget_token(settings)
    check_mountpoint(settings, force_unmount=True)  # nobody sits at a boot to clear a stale one
    run_in_background(settings, quiet=True)
    return Exit.OK


# --- the command line of a mount helper -----------------------------------------------------------


def read_request(arguments: Sequence[str]) -> Request:
    """Return what the command line asks for; raises UsageError.

    The form is that of mount(8), "EXTERNAL HELPERS": source, directory, then flags.
    """
    places, options, flags = _split(arguments)
    if len(places) != 2:
        raise UsageError(_HELP)
    source, directory = places
    request = Request(source, directory, sloppy="s" in flags, fake="f" in flags)
    try:
        request.flags.update(_SOURCES[request.source])
    except KeyError:
        known = ", ".join(_SOURCES)
        raise UsageError(f"There is no source {request.source!r}; known are {known}.") from None
    for option in options:
        _take(option, request)
    return request


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str], str]:
    """Return the places, the options of all `-o`, and the letters of the other flags."""
    places: list[str] = []
    options: list[str] = []
    letters = ""
    rest = iter(arguments)
    for word in rest:
        if word in ("-o", "-t", "-N"):
            value = next(rest, None)
            if value is None:
                raise UsageError(f"{word} needs a value; {_HELP}")
            options += value.split(",") if word == "-o" else []
        elif word.startswith("-") and len(word) > 1:
            letters += word[1:]
        else:
            places.append(word)
    return places, [option for option in options if option], letters


def _take(option: str, request: Request) -> None:
    """Put one option where it belongs."""
    name, given, value = option.partition("=")
    if option in IGNORED or option.startswith(_IGNORED_PREFIXES):
        return
    if name == "uid" and value:
        request.user = value
        return
    key = _SPELLINGS.get(name, name)
    if key in KEYS or key == "config_file":
        request.flags[key] = _value(value) if given else True
    elif not request.sloppy:
        raise UsageError(f"There is no mount option {name!r}; mount.notionfs(8) lists them.")


def _value(text: str) -> object:
    return {"true": True, "false": False}.get(text, text)


# --- as another user ------------------------------------------------------------------------------


def become(user: str, environ: MutableMapping[str, str]) -> None:
    """Give up the rights of this process for those of *user*, a name or a number.

    *environ* gets the user's home, and loses what belonged to somebody else. Raises UsageError
    when there is no such user, and PermissionError when we are neither root nor that user.
    """
    entry = _find_user(user)
    if os.geteuid() != entry.pw_uid:
        os.initgroups(entry.pw_name, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    for name in [name for name in environ if name.startswith("XDG_")]:
        del environ[name]
    environ.update(HOME=entry.pw_dir, USER=entry.pw_name, LOGNAME=entry.pw_name)


def _find_user(user: str) -> pwd.struct_passwd:
    look_up: Callable[[], pwd.struct_passwd] = (
        (lambda: pwd.getpwuid(int(user))) if user.isdigit() else (lambda: pwd.getpwnam(user))
    )
    try:
        return look_up()
    except KeyError:
        raise UsageError(f"There is no user {user!r} on this machine.") from None
