"""Tokens that `notionfs login` keeps: one file for each named connection, or the system's keyring.

The file stands in `connections/` beside the settings file and is readable by its owner alone. When
the keyring holds the secret, the file only says so, so that the list of connections needs no
keyring to be unlocked.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from notionfs.errors import UsageError
from notionfs.model import Secret
from notionfs.patterns import late

DEFAULT_CONNECTION = "default"
SERVICE = "notionfs"
"""Under which the keyring lists our secrets."""

_NAME = late(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_IN_KEYRING = "keyring"


class Credentials(Struct, frozen=True):
    """What one connection needs. The last three exist only for public connections (OAuth).

    *base_url* is the server that gave the token; no other one is sent it without being asked to.
    """

    token: Secret
    workspace: str = ""
    base_url: str = ""
    refresh_token: Secret | None = None
    client_id: str | None = None
    client_secret: Secret | None = None

    @property
    def renewable(self) -> bool:
        """Whether a new token can be had without asking anybody."""
        return None not in (self.refresh_token, self.client_id, self.client_secret)


_SECRETS = ("token", "refresh_token", "client_secret")


def checked_name(name: str) -> str:
    """Return *name* if it can name a connection, else raise UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a connection; use up to 40 letters, digits, dots and dashes."
        )
    return name


class Vault:
    """The connections of one user, below *directory*."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def names(self) -> list[str]:
        """Return the names of all connections that are kept."""
        return sorted(path.stem for path in self.directory.glob("*.json"))

    def path_of(self, name: str) -> Path:
        """Return the file of a connection, which need not exist."""
        return self.directory / f"{checked_name(name)}.json"

    def load(self, name: str) -> Credentials | None:
        """Return what is kept under *name*, or None.

        Raises UsageError when it cannot be read, or when others can read it.
        """
        path = self.path_of(name)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise UsageError(f"The connection {path} cannot be read: {exc.strerror}.") from exc
        if mode & 0o077:
            raise UsageError(
                f"{path} is open to others (mode {mode:04o}); close it: chmod 600 {path}"
            )
        kept = _decoded(text, path)
        if kept.get("kept_in") == _IN_KEYRING:
            kept = _decoded(_from_keyring(name), path)
        return _credentials(kept, path)

    def save(self, name: str, credentials: Credentials, *, keyring: bool = False) -> str:
        """Keep *credentials* under *name*, in place of what was there, and return where.

        With *keyring* the secrets go to the system's keyring; raises UsageError if there is none.
        """
        path = self.path_of(name)
        given = asdict(credentials)
        text = json.dumps({key: value for key, value in given.items() if value})
        if keyring:
            place = _to_keyring(name, text)
            self._write(path, json.dumps({"kept_in": _IN_KEYRING}))
            return place
        self._write(path, text)
        return str(path)

    def renewed(self, name: str, credentials: Credentials) -> None:
        """Keep *credentials* where those of *name* are kept now."""
        with suppress(OSError, ValueError):
            kept = json.loads(self.path_of(name).read_text("utf-8"))
            self.save(name, credentials, keyring=kept.get("kept_in") == _IN_KEYRING)

    def remove(self, name: str) -> bool:
        """Forget *name*; False if there was nothing."""
        path = self.path_of(name)
        try:
            kept_in = json.loads(path.read_text("utf-8")).get("kept_in")
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            kept_in = None
        if kept_in == _IN_KEYRING:
            _remove_from_keyring(name)
        path.unlink(missing_ok=True)
        return True

    def _write(self, path: Path, text: str) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def _decoded(text: str, path: Path) -> Mapping[str, Any]:
    try:
        kept = json.loads(text)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise UsageError(f"The connection {path} is damaged; log in again: notionfs login")
    return kept


def _credentials(kept: Mapping[str, Any], path: Path) -> Credentials:
    values = {name: kept[name] for name in Credentials.__struct_fields__ if name in kept}
    if not all(isinstance(value, str) for value in values.values()) or not values.get("token"):
        raise UsageError(f"The connection {path} is damaged; log in again: notionfs login")
    return Credentials(**{n: Secret(v) if n in _SECRETS else v for n, v in values.items()})


# --- the keyring ----------------------------------------------------------------------------------

_NO_KEYRING = (
    "There is no keyring here; install one with pip install 'notionfs-fuse[keyring]', "
    "or leave --keyring out to keep the token in a file that only you can read."
)


def _keyring() -> Any:
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        raise UsageError(_NO_KEYRING) from None
    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        raise UsageError(_NO_KEYRING)
    return backend


def _to_keyring(name: str, text: str) -> str:
    backend = _keyring()
    with _plainly("keep"):
        backend.set_password(SERVICE, name, text)
    return f"the keyring ({backend.name})"


def _from_keyring(name: str) -> str:
    with _plainly("give back"):
        text = _keyring().get_password(SERVICE, name)
    if text is None:
        raise UsageError(f"The keyring no longer has the connection {name}; log in again.")
    return str(text)


def _remove_from_keyring(name: str) -> None:
    with suppress(UsageError), _plainly("forget"):
        _keyring().delete_password(SERVICE, name)


class _plainly:  # noqa: N801  # reads as a word of the with statement
    """Turn whatever a keyring raises into one sentence."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, _trace: object) -> None:
        if isinstance(exc, Exception) and not isinstance(exc, UsageError):
            raise UsageError(
                f"The keyring would not {self._what} the token ({type(exc).__name__}); "
                "unlock it and try again."
            ) from exc
