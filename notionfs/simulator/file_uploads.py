"""File uploads.

Created, sent in one part or several, completed, listed; and the files themselves.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.clock import zulu_time
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.limits import check_length
from notionfs.simulator.multipart import Part, parse_multipart
from notionfs.simulator.records import FileUpload

CREATE_KEYS = ("mode", "filename", "content_type", "number_of_parts", "external_url")
MODES = ("single_part", "multi_part", "external_url")
MOST_PARTS = 10_000


def upload_object(call: Call, upload: FileUpload) -> dict[str, Any]:
    """Return an upload as clients see it."""
    base = f"{call.world.origin}/v1/file_uploads/{upload.id}"
    content = call.world.workspace.records.files.get(upload.id)
    shown: dict[str, Any] = {
        "object": "file_upload",
        "id": upload.id,
        "created_time": zulu_time(upload.created),
        "created_by": {"id": upload.created_by, "type": "bot"},
        "last_edited_time": zulu_time(upload.edited),
        "in_trash": False,
        "expiry_time": zulu_time(upload.expires) if upload.expires is not None else None,
        "status": upload.status,
        "filename": upload.filename,
        "content_type": upload.content_type,
        "content_length": len(content) if content is not None else None,
    }
    if upload.status == "pending" and upload.mode != "external_url":
        shown["upload_url"] = f"{base}/send"
        if upload.mode == "multi_part":
            shown["complete_url"] = f"{base}/complete"
    if upload.number_of_parts:
        shown["number_of_parts"] = {"total": upload.number_of_parts, "sent": len(upload.parts)}
    if upload.import_error is not None or (
        upload.mode == "external_url" and upload.status == "uploaded"
    ):
        shown["file_import_result"] = _import_result(upload)
    return shown


def _import_result(upload: FileUpload) -> dict[str, Any]:
    imported = {"imported_time": zulu_time(upload.edited)}
    if upload.import_error is None:
        return {"type": "success", "success": {}, **imported}
    error = {
        "type": "validation_error",
        "code": "file_upload_invalid",
        "message": upload.import_error,
    }
    return {"type": "error", "error": error, **imported}


def create_upload(call: Call) -> dict[str, Any]:
    """Announce a file."""
    body = call.object_body(CREATE_KEYS)
    mode = body.get("mode", "single_part")
    if mode not in MODES:
        raise body_invalid("body.mode", ", ".join(MODES), mode)
    filename = _filename(call, body.get("filename"))
    content_type = body.get("content_type") or mimetypes.guess_type(filename or "")[0]
    parts = body.get("number_of_parts")
    _check_mode(mode, filename, parts, body.get("external_url"))
    world = call.world
    now = world.now
    upload = FileUpload(
        id=world.ids.free(), mode=mode, created=now, edited=now, created_by=call.actor,
        expires=now + world.limits.upload_seconds, filename=filename, content_type=content_type,
        external_url=body.get("external_url"), number_of_parts=parts,
    )  # fmt: skip
    world.workspace.records.uploads[upload.id] = upload
    if mode == "external_url":
        _import(call, upload)
    world.workspace.version += 1
    return upload_object(call, upload)


def _filename(call: Call, value: Any) -> str | None:
    if value is None:
        return None
    name = check_length(value, call.world.limits.filename_bytes, "body.filename")
    if len(name.encode()) > call.world.limits.filename_bytes:
        raise invalid(f"body.filename should be ≤ {call.world.limits.filename_bytes} bytes.")
    return name


def _check_mode(mode: str, filename: str | None, parts: Any, external_url: Any) -> None:
    if mode == "multi_part":
        if filename is None:
            raise body_invalid("body.filename", "defined", missing=True)
        if isinstance(parts, bool) or not isinstance(parts, int) or not 1 <= parts <= MOST_PARTS:
            raise body_invalid(
                "body.number_of_parts", f"a number between 1 and {MOST_PARTS}", parts
            )
    elif parts is not None:
        raise body_invalid("body.number_of_parts", "not present", parts)
    if mode == "external_url":
        if not isinstance(external_url, str) or not external_url.startswith("https://"):
            raise body_invalid("body.external_url", "an https URL", external_url)
        if filename is None:
            raise body_invalid("body.filename", "defined", missing=True)


def _import(call: Call, upload: FileUpload) -> None:
    """Import at once: nothing is fetched from the network, the content names its origin."""
    content = f"imported from {upload.external_url}\n".encode()
    call.world.workspace.records.files[upload.id] = content
    upload.status = "uploaded"


def _upload(call: Call) -> FileUpload:
    upload_id = call.uuid()
    upload = call.world.workspace.records.uploads.get(upload_id)
    if upload is None:
        raise call.missing("file_upload", upload_id)
    if (
        upload.expires is not None
        and upload.expires <= call.world.now
        and upload.status in ("pending", "uploaded")
    ):
        upload.status = "expired"
    return upload


def get_upload(call: Call) -> dict[str, Any]:
    """Answer with the state of an upload."""
    return upload_object(call, _upload(call))


def list_uploads(call: Call) -> dict[str, Any]:
    """List uploads, perhaps only those of one status."""
    status = call.argument("status")
    uploads = call.world.workspace.records.uploads.values()
    found = [upload for upload in uploads if status in (None, upload.status)]
    return call.listing("file_upload", lambda: Listing(found), lambda one: upload_object(call, one))


def send_upload(call: Call) -> dict[str, Any]:
    """Take the bytes of a file, or of one part of it."""
    upload = _upload(call)
    if upload.status != "pending":
        raise invalid(f"File upload {upload.id} cannot be sent: its status is {upload.status}.")
    fields = parse_multipart(call.raw, call.content_type)
    part = fields.get("file")
    if part is None:
        raise invalid("body failed validation: the form field `file` should be defined.")
    if upload.mode == "multi_part":
        _take_part(call, upload, fields, part)
    else:
        _take_whole(call, upload, part)
    upload.edited = call.world.now
    call.world.workspace.version += 1
    return upload_object(call, upload)


def _take_whole(call: Call, upload: FileUpload, part: Part) -> None:
    limits = call.world.limits
    if len(part.content) > limits.single_part_bytes:
        raise invalid(f"The file is larger than {limits.single_part_bytes} bytes: use multi_part.")
    if upload.content_type and part.content_type and part.content_type != upload.content_type:
        raise invalid(
            f"The content type {part.content_type} of the file does not match the expected "
            f"{upload.content_type}."
        )
    upload.filename = upload.filename or part.filename or "untitled"
    upload.content_type = upload.content_type or part.content_type or "application/octet-stream"
    call.world.workspace.records.files[upload.id] = part.content
    upload.status = "uploaded"


def _take_part(call: Call, upload: FileUpload, fields: dict[str, Part], part: Part) -> None:
    text = fields["part_number"].content.decode() if "part_number" in fields else ""
    total = upload.number_of_parts or 0
    if not text.isdigit() or not 1 <= int(text) <= total:
        raise invalid(f"body failed validation: part_number should be between 1 and {total}.")
    limits = call.world.limits
    number = int(text)
    if len(part.content) > limits.single_part_bytes:
        raise invalid(f"Part {number} is larger than {limits.single_part_bytes} bytes.")
    if number < total and len(part.content) < limits.part_bytes_min:
        raise invalid(f"Part {number} is smaller than {limits.part_bytes_min} bytes.")
    upload.parts[number] = part.content


def complete_upload(call: Call) -> dict[str, Any]:
    """Join the parts of a file."""
    call.object_body(())
    upload = _upload(call)
    if upload.mode != "multi_part" or upload.status != "pending":
        raise invalid(
            f"File upload {upload.id} cannot be completed: its status is {upload.status}."
        )
    missing = [n for n in range(1, (upload.number_of_parts or 0) + 1) if n not in upload.parts]
    if missing:
        raise invalid(f"File upload {upload.id} is not complete: part {missing[0]} was not sent.")
    content = b"".join(upload.parts[number] for number in sorted(upload.parts))
    if len(content) > call.world.limits.workspace_file_bytes:
        raise invalid("The file is larger than this workspace allows.")
    call.world.workspace.records.files[upload.id] = content
    upload.parts.clear()
    upload.status = "uploaded"
    upload.edited = call.world.now
    call.world.workspace.version += 1
    return upload_object(call, upload)
