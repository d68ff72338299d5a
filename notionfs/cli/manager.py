"""Tell the service manager that started us what we are doing: sd_notify(3)'s protocol.

It is one datagram of lines `NAME=value` to the socket that $NOTIFY_SOCKET names; a leading `@`
stands for the abstract name space. Without the variable nobody wants to know.
"""

from __future__ import annotations

import logging
import os
import socket

_log = logging.getLogger(__name__)


def tell_manager(**facts: str) -> None:
    """Send *facts*, such as READY="1"; a manager that does not listen is no failure of ours."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    lines = "\n".join(f"{name}={value}" for name, value in facts.items())
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
            door.sendto(lines.encode(), address)
    except OSError as exc:
        _log.warning("the service manager cannot be told %s: %s", ", ".join(facts), exc.strerror)
