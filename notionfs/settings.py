"""Folding: defaults, settings file, environment and flags become one frozen Settings, once.

A key that nobody knows, or a value that does not fit, raises UsageError with one sentence that
names the place, the key and what was expected there; nothing is guessed and nothing is ignored.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from notionfs.config import KEYS, ROOTS, TOKEN_KEYS, Settings, Teamspace, read_value
from notionfs.errors import UsageError
from notionfs.model import Secret

_FILE_KEYS = (*KEYS, *TOKEN_KEYS, "teamspaces")
_TEAMSPACE_KEYS = ("roots", *TOKEN_KEYS)
_ENVIRONMENT: Mapping[str, str] = {"NOTION_API_BASE_URL": "base_url"}


def load_settings(*, flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """Fold defaults, the settings file, *environ* and *flags*, each over the one before.

    *flags* holds `mountpoint` and whatever was given on the command line; None means not given.
    Raises UsageError for an unknown key, a value that does not fit, and for a missing token
    unless the demo is asked for.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    mountpoint = Path.cwd() / str(given.pop("mountpoint"))
    chosen = given.pop("config_file", None)
    file = _default_config_file() if chosen is None else Path.cwd() / str(chosen)
    from_file = _read_file(file, required=chosen is not None)
    plain = {name: value for name, value in from_file.items() if name in KEYS}
    values: dict[str, Any] = {"state_dir": _default_state_dir()}
    values |= _read_layer(plain, place=str(file), base=file.parent)
    values |= _read_layer(_from_environment(environ), place="the environment", base=Path.cwd())
    values |= _read_layer(given, place="the command line", base=Path.cwd())
    demo = values.get("demo", False)
    if demo and "base_url" in given:
        raise UsageError("--demo and --base-url exclude each other: the demo asks no server.")
    return Settings(
        mountpoint=mountpoint,
        config_file=file if file.is_file() else None,
        token=None if demo else _find_token(from_file, file, environ),
        teamspaces=_read_teamspaces(from_file.get("teamspaces", {}), file),
        **values,
    )


def _default_config_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("notionfs") / "config.toml"


def _default_state_dir() -> Path:
    from platformdirs import user_state_path

    return user_state_path("notionfs")


def _read_file(file: Path, *, required: bool) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        raise UsageError(f"The settings file {file} does not exist.") from None
    except OSError as exc:
        raise UsageError(f"The settings file {file} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"The settings file {file} is not UTF-8 text.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"The settings file {file} is not valid TOML: {exc}.") from exc
    for name in content:
        if name not in _FILE_KEYS:
            raise _unknown(name, _FILE_KEYS, place=str(file))
    return content


def _from_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    return {key: environ[name] for name, key in _ENVIRONMENT.items() if environ.get(name)}


def _read_layer(raw: Mapping[str, Any], *, place: str, base: Path) -> dict[str, Any]:
    """Read one layer; its relative paths are below *base*."""
    values = {name: read_value(KEYS[name], name, raw[name], place=place) for name in raw}
    return {
        name: base / value if isinstance(value, Path) else value for name, value in values.items()
    }


def _unknown(name: str, known: Iterable[str], *, place: str) -> UsageError:
    from rapidfuzz.process import extractOne  # only a mistake pays for this import

    if name == "token":
        return UsageError(
            f"In {place}: a token does not belong in a settings file; "
            "put it in a file of mode 0600 and name that with token_file."
        )
    nearest = extractOne(name, list(known))
    return UsageError(f'In {place}: there is no setting "{name}"; did you mean "{nearest[0]}"?')


# --- the token ------------------------------------------------------------------------------------

NO_TOKEN = (
    "There is no Notion token. Create a connection at https://www.notion.so/profile/integrations, "
    "share your pages with it and set NOTION_TOKEN to its secret; "
    "or try the demo workspace without any token: notionfs mount --demo MOUNTPOINT."
)


def _find_token(from_file: Mapping[str, Any], file: Path, environ: Mapping[str, str]) -> Secret:
    """Return the token: systemd's credential, else the environment, else the token file."""
    named = {
        name: read_value(key, name, from_file[name], place=str(file))
        for name, key in TOKEN_KEYS.items()
        if name in from_file
    }
    if len(named) > 1:
        raise UsageError(f"In {file}: token_file and token_env exclude each other.")
    if credentials := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(credentials) / "notion-token"
        if credential.exists():
            return _checked(_read_secret(credential), str(credential))
    variable = named.get("token_env", "NOTION_TOKEN")
    if environ.get(variable, "").strip():
        return _checked(environ[variable], variable)
    if "token_env" in named:
        raise UsageError(f"The variable {variable}, named by token_env in {file}, is not set.")
    if "token_file" in named:
        token_file = file.parent / named["token_file"]
        return _checked(_read_secret(token_file, private=True), str(token_file))
    raise UsageError(NO_TOKEN)


def _read_secret(path: Path, *, private: bool = False) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if private and mode & 0o077:
                raise UsageError(
                    f"The token file {path} is open to others (mode {mode:04o}); "
                    f"close it: chmod 600 {path}"
                )
            return file.read(4096)
    except OSError as exc:
        raise UsageError(f"The token file {path} cannot be read: {exc.strerror}.") from exc


def _checked(text: str, place: str) -> Secret:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{place} does not hold a Notion token: one word of plain characters.")
    return Secret(token)


# --- teamspaces -----------------------------------------------------------------------------------


def _read_teamspaces(raw: object, file: Path) -> Mapping[str, Teamspace]:
    if not isinstance(raw, dict):
        raise UsageError(f"In {file}: teamspaces are tables, such as [teamspaces.engineering].")
    teamspaces = {name: _read_teamspace(name, table, file) for name, table in raw.items()}
    owner: dict[str, str] = {}
    for team in teamspaces.values():
        for root in team.roots:
            if owner.setdefault(root, team.name) != team.name:
                raise UsageError(
                    f"In {file}: {root} is a root of both [teamspaces.{owner[root]}] "
                    f"and [teamspaces.{team.name}]."
                )
    return teamspaces


def _read_teamspace(name: str, table: object, file: Path) -> Teamspace:
    place = f"{file}, [teamspaces.{name}]"
    if not name.isprintable() or "/" in name or name.startswith(".") or not name.strip():
        raise UsageError(f"In {place}: a teamspace's name must be able to name a directory.")
    if not isinstance(table, dict):
        raise UsageError(f"In {file}: teamspaces are tables, such as [teamspaces.engineering].")
    for key in table:
        if key not in _TEAMSPACE_KEYS:
            raise _unknown(key, _TEAMSPACE_KEYS, place=place)
        if key in TOKEN_KEYS:
            raise UsageError(f"In {place}: {key} is not supported yet: one connection per mount.")
    return Teamspace(name, read_value(ROOTS, "roots", table.get("roots", []), place=place))
