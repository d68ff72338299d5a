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

from msgspec import Struct
from msgspec.structs import replace

from notionfs.config import (
    DEFAULT_BASE_URL,
    KEYS,
    ROOTS,
    TOKEN_KEYS,
    Settings,
    Teamspace,
    read_value,
)
from notionfs.credentials import DEFAULT_CONNECTION, Vault, checked_name
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
    file = default_config_file() if chosen is None else Path.cwd() / str(chosen)
    chosen_token = {name: given.pop(name) for name in TOKEN_KEYS if name in given}
    from_file = read_file(file, required=chosen is not None)
    plain = {name: value for name, value in from_file.items() if name in KEYS}
    values: dict[str, Any] = {"state_dir": _default_state_dir()}
    values |= _read_layer(plain, place=str(file), base=file.parent)
    values |= _read_layer(_from_environment(environ), place="the environment", base=Path.cwd())
    values |= _read_layer(given, place="the command line", base=Path.cwd())
    demo = values.get("demo", False)
    found = Found(None, None) if demo else _find_token(chosen_token, from_file, file, environ)
    if found.base_url:
        values.setdefault("base_url", found.base_url)
    if demo and "base_url" in given:
        raise UsageError("--demo and --base-url exclude each other: the demo asks no server.")
    teamspaces = read_teamspaces(from_file.get("teamspaces", {}), file)
    settings = Settings(
        mountpoint=mountpoint,
        config_file=file if file.is_file() else None,
        token=None if demo else found.token,
        connection=None if demo else found.connection,
        teamspaces=without_access(teamspaces),
        given=frozenset({*given, *chosen_token}),
        **values,
    )
    return settings if demo else _with_spaces(settings, teamspaces.values(), file, environ)


def config_dir() -> Path:
    """Return where this user's settings and connections are."""
    from platformdirs import user_config_path

    return user_config_path("notionfs")


def default_config_file() -> Path:
    """Return the settings file that is read unless another one is named."""
    return config_dir() / "config.toml"


def base_url_for(flag: str | None, environ: Mapping[str, str]) -> str:
    """Return the server to ask: the one of the command line, else of *environ*, else Notion."""
    given = flag or environ.get("NOTION_API_BASE_URL") or DEFAULT_BASE_URL
    return str(read_value(KEYS["base_url"], "base_url", given, place="the command line"))


def vault() -> Vault:
    """Return this user's connections."""
    return Vault(config_dir() / "connections")


def _default_state_dir() -> Path:
    from platformdirs import user_state_path

    return user_state_path("notionfs")


def read_file(file: Path, *, required: bool) -> Mapping[str, Any]:
    """Return the settings that *file* holds, as they stand there."""
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
    return checked_names(content, file)


def checked_names(content: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    """Return the settings of *file*; raises UsageError for one that nobody knows."""
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
    "There is no Notion token. Connect with: notionfs login; or set NOTION_TOKEN; "
    "or try the demo workspace without any token: notionfs mount --demo MOUNTPOINT."
)


class Found(Struct, frozen=True):
    """A token, and the kept connection that it comes from, if it does."""

    token: Secret | None
    connection: str | None
    base_url: str = ""


def _find_token(
    flags: Mapping[str, object],
    from_file: Mapping[str, Any],
    file: Path,
    environ: Mapping[str, str],
) -> Found:
    """Return the token from the first place that has one.

    The order: command line, systemd's credential, environment, settings file, and the connection
    that `notionfs login` keeps without a name.
    """
    if flags:
        return _named(
            _token_keys(flags, "the command line"), "the command line", Path.cwd(), environ
        )
    named = _token_keys(from_file, str(file))
    if credentials := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(credentials) / "notion-token"
        if credential.exists():
            return Found(checked_token(_read_secret(credential), str(credential)), None)
    variable = named.get("token_env", "NOTION_TOKEN")
    if environ.get(variable, "").strip():
        return Found(checked_token(environ[variable], variable), None)
    if named:
        return _named(named, str(file), file.parent, environ)
    kept = vault().load(DEFAULT_CONNECTION)
    if kept is None:
        raise UsageError(NO_TOKEN)
    return Found(kept.token, DEFAULT_CONNECTION, kept.base_url)


def _token_keys(raw: Mapping[str, object], place: str) -> dict[str, Any]:
    named = {
        name: read_value(key, name, raw[name], place=place)
        for name, key in TOKEN_KEYS.items()
        if name in raw
    }
    if len(named) > 1:
        raise UsageError(f"In {place}: {' and '.join(named)} exclude each other.")
    return named


def _named(named: Mapping[str, Any], place: str, base: Path, environ: Mapping[str, str]) -> Found:
    """Return the token that one of TOKEN_KEYS leads to."""
    if "connection" in named:
        name = checked_name(named["connection"])
        kept = vault().load(name)
        if kept is None:
            known = ", ".join(vault().names()) or "none is kept yet"
            raise UsageError(
                f"There is no connection {name} ({known}); "
                f"make it with: notionfs login --connection {name}"
            )
        return Found(kept.token, name, kept.base_url)
    if "token_env" in named:
        variable = named["token_env"]
        if not environ.get(variable, "").strip():
            raise UsageError(f"The variable {variable}, named by token_env in {place}, is not set.")
        return Found(checked_token(environ[variable], variable), None)
    token_file = base / named["token_file"]
    return Found(checked_token(_read_secret(token_file, private=True), str(token_file)), None)


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


def checked_token(text: str, place: str) -> Secret:
    """Return the token in *text*; raises UsageError that names *place* if it holds none."""
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{place} does not hold a Notion token: one word of plain characters.")
    return Secret(token)


# --- teamspaces -----------------------------------------------------------------------------------


def read_teamspaces(raw: object, file: Path) -> Mapping[str, Teamspace]:
    """Return the teamspaces of a settings file; raises UsageError for what does not fit."""
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
    access = _token_keys(table, place)
    if access and "roots" in table:
        raise UsageError(
            f"In {place}: roots and {next(iter(access))} exclude each other; what a connection of "
            "its own can see is all there."
        )
    roots = read_value(ROOTS, "roots", table.get("roots", []), place=place)
    return Teamspace(name, roots, {key: str(value) for key, value in access.items()})


def without_access(teamspaces: Mapping[str, Teamspace]) -> Mapping[str, Teamspace]:
    """Return those that are made of roots."""
    return {name: team for name, team in teamspaces.items() if not team.access}


def _with_spaces(
    settings: Settings, teamspaces: Iterable[Teamspace], file: Path, environ: Mapping[str, str]
) -> Settings:
    """Return *settings* with those of each teamspace that has a connection of its own."""
    known = {(settings.base_url, settings.token): "the mount itself"}
    spaces = []
    for team in teamspaces:
        if not team.access:
            continue
        place = f"{file}, [teamspaces.{team.name}]"
        found = _named(team.access, place, file.parent, environ)
        base_url = found.base_url or settings.base_url
        other = known.setdefault((base_url, found.token), f"[teamspaces.{team.name}]")
        if other != f"[teamspaces.{team.name}]":
            raise UsageError(
                f"In {place}: {other} has the same token; one connection shows its pages once, "
                "and roots say where they stand."
            )
        spaces.append(
            replace(
                settings,
                token=found.token,
                connection=found.connection,
                base_url=base_url,
                teamspaces={},
                space=team.name,
                metrics_port=None,
            )
        )
    return replace(settings, spaces=tuple(spaces))
