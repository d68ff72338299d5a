"""Files as values: external addresses, uploads being attached, and hosted files read before."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.limits import check_length
from notionfs.simulator.records import FileUpload
from notionfs.simulator.signing import file_id_of, hosted_file, stored_address
from notionfs.simulator.world import World

FILE_KINDS = ("external", "file_upload", "file")


def attach(world: World, value: Any, where: str, *, named: bool = False) -> dict[str, Any]:
    """Return a requested file in stored form; an upload that is attached does not expire any more.

    *named* files (entries of a property, file blocks) keep or get a name.
    """
    if not isinstance(value, dict):
        raise body_invalid(where, "an object", value)
    kind = value.get("type") or next((key for key in FILE_KINDS if key in value), None)
    if kind not in FILE_KINDS or not isinstance(value.get(kind), dict):
        raise body_invalid(where, "an `external`, `file_upload` or `file` object", value)
    stored = ATTACHERS[kind](world, value[kind], f"{where}.{kind}")
    if named:
        name = value.get("name") or _name_of(stored)
        stored["name"] = check_length(name, 100, f"{where}.name")
    return stored


def _external(world: World, data: dict[str, Any], where: str) -> dict[str, Any]:
    url = data.get("url")
    if not isinstance(url, str) or not url:
        raise body_invalid(f"{where}.url", "a non-empty string", url, missing="url" not in data)
    check_length(url, world.limits.url, f"{where}.url")
    stored = world.signer.stored_form(url)
    if stored and file_id_of(urlsplit(stored).path) in world.workspace.records.uploads:
        return hosted_file(stored)
    return {"type": "external", "external": {"url": url}}


def _upload(world: World, data: dict[str, Any], where: str) -> dict[str, Any]:
    wanted = data.get("id")
    upload_id = dashed(wanted) if isinstance(wanted, str) else None
    upload = world.workspace.records.uploads.get(upload_id or "")
    if upload is None:
        raise invalid(f"Could not find file_upload with ID: {wanted}.")
    if upload.status != "uploaded":
        raise invalid(f"File upload {upload.id} is not ready: its status is {upload.status}.")
    upload.expires = None
    return hosted_file(address_of(world, upload))


def _hosted(world: World, data: dict[str, Any], where: str) -> dict[str, Any]:
    url = data.get("url")
    if not isinstance(url, str):
        raise body_invalid(f"{where}.url", "a string", url, missing="url" not in data)
    stored = world.signer.stored_form(url)
    return hosted_file(stored) if stored else {"type": "external", "external": {"url": url}}


ATTACHERS = {"external": _external, "file_upload": _upload, "file": _hosted}


def address_of(world: World, upload: FileUpload) -> str:
    """Return the stored address of an uploaded file."""
    return stored_address(world.workspace.records.id, upload.id, upload.filename or "untitled")


def _name_of(stored: dict[str, Any]) -> str:
    url = stored[stored["type"]]["url"]
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])[:100] or "untitled"


def add_hosted_file(world: World, filename: str, content: bytes, content_type: str) -> str:
    """Put a file into the workspace as if somebody had uploaded it; returns its stored address."""
    records = world.workspace.records
    upload = FileUpload(
        id=world.ids.free(),
        mode="single_part",
        created=world.now,
        edited=world.now,
        created_by=records.bot_id,
        expires=None,
        status="uploaded",
        filename=filename,
        content_type=content_type,
    )
    records.uploads[upload.id] = upload
    records.files[upload.id] = content
    return address_of(world, upload)
