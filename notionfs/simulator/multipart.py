"""Reading multipart/form-data: the one request kind that is not JSON."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

from notionfs.simulator.errors import invalid


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form."""

    content: bytes
    filename: str | None
    content_type: str | None


def parse_multipart(raw: bytes, content_type: str) -> dict[str, Part]:
    """Return the fields of a form by name; raises a validation error if it is none."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise invalid("Content-Type should be multipart/form-data with a boundary.")
    fields: dict[str, Part] = {}
    for chunk in (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())[1:]:
        if chunk.startswith(b"--"):
            break
        name, part = _part(chunk.removeprefix(b"\r\n"))
        fields[name] = part
    return fields


def _part(chunk: bytes) -> tuple[str, Part]:
    head, mark, content = chunk.partition(b"\r\n\r\n")
    if not mark:
        raise invalid("The form data of the request is malformed.")
    header = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        header[name.strip()] = value.strip()
    field = header.get_param("name", header="content-disposition")
    kind = header.get("content-type")
    return str(field), Part(content, header.get_filename(), kind.split(";")[0] if kind else None)
