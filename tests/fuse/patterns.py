"""How programs save that cannot be run here, as their sources and recordings show: one function
each, called with the page's file and a file that holds the new text. Run in a process of its own:
whoever serves a mount must not touch it.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path


def jetbrains(page: Path, text: bytes) -> None:
    """SafeFileOutputStream: write beside, move the old one away, move the new one in."""
    fresh, old = (
        page.with_name(f"{page.name}___jb_tmp___"),
        page.with_name(f"{page.name}___jb_old___"),
    )
    fresh.write_bytes(text)
    page.rename(old)
    fresh.rename(page)
    old.unlink()


def gio(page: Path, text: bytes) -> None:
    """GNOME's library: the old file stays open until the new one is in its place."""
    old = os.open(page, os.O_WRONLY)
    fresh = page.with_name(".goutputstream-A1B2C3")
    with fresh.open("xb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(page)
    os.close(old)


def gio_backup(page: Path, text: bytes) -> None:
    """The same with a backup: a hard link where there can be one, else a rename."""
    old = os.open(page, os.O_WRONLY)
    fresh, backup = page.with_name(".goutputstream-D4E5F6"), page.with_name(f"{page.name}~")
    with fresh.open("xb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(page, backup)
    except OSError:
        page.rename(backup)
    fresh.rename(page)
    os.close(old)


def qt(page: Path, text: bytes) -> None:
    """QSaveFile: a temporary name behind the page's, then a rename."""
    fresh = page.with_name(f"{page.name}.aBcDeF")
    with fresh.open("xb") as stream:
        stream.write(text)
        stream.flush()
        os.fdatasync(stream.fileno())
    fresh.rename(page)


def vscode(page: Path, text: bytes) -> None:
    """Open with O_TRUNC, one write, fdatasync, close."""
    fd = os.open(page, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o666)
    os.write(fd, text)
    os.fdatasync(fd)
    os.close(fd)


def agent(page: Path, text: bytes) -> None:
    """Coding agents: `page.md.tmp.PID.STAMP`, then a rename."""
    fresh = page.with_name(f"{page.name}.tmp.4711.1780000000000")
    with fresh.open("xb") as stream:
        stream.write(text)
        os.fsync(stream.fileno())
    fresh.rename(page)


def suffixed(page: Path, text: bytes) -> None:
    """NamedTemporaryFile(suffix=".md"): a temporary name that could be a page's."""
    fresh = page.with_name("tmpq7w8e9r0.md")
    with fresh.open("xb") as stream:
        stream.write(text)
    fresh.rename(page)


def read_plus(page: Path, text: bytes) -> None:
    """Python's r+: write over, then cut."""
    with page.open("r+b") as stream:
        stream.write(text)
        stream.truncate()


def one_byte_first(page: Path, text: bytes) -> None:
    """Emacs and others: truncate, write one byte, write the rest, open again without writing."""
    with page.open("wb", buffering=0) as stream:
        stream.write(text[:1])
        stream.write(text[1:])
        os.fsync(stream.fileno())
    page.open("ab").close()


def truncated_by_path(page: Path, text: bytes) -> None:
    """truncate(2), then write."""
    os.truncate(page, 0)
    with page.open("r+b") as stream:
        stream.write(text)


def mapped(page: Path, text: bytes) -> None:
    """A shared map of the grown file, and msync."""
    with page.open("r+b") as stream:
        stream.truncate(len(text))
        with mmap.mmap(stream.fileno(), len(text)) as memory:
            memory[:] = text
            memory.flush()


def forked(page: Path, text: bytes) -> None:
    """A child inherits the descriptor and closes it before the parent has written everything."""
    fd = os.open(page, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, text[:100])
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    os.write(fd, text[100:])
    os.close(fd)


def obsidian(page: Path, text: bytes) -> None:
    """Write beside with a suffix of its own, then rename over the note."""
    fresh = page.with_name(f"{page.name}.tmp")
    with fresh.open("wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(page)


def duplicated(page: Path, text: bytes) -> None:
    """A descriptor is duplicated; one closes before the other has written the rest."""
    fd = os.open(page, os.O_WRONLY | os.O_TRUNC)
    other = os.dup(fd)
    os.write(fd, text[:-50])
    os.close(fd)
    os.write(other, text[-50:])
    os.close(other)


def two_handles(page: Path, text: bytes) -> None:
    """Two handles write a half each, and close in the other order."""
    half = len(text) // 2
    first, second = os.open(page, os.O_RDWR | os.O_TRUNC), os.open(page, os.O_RDWR)
    os.pwrite(second, text[half:], half)
    os.pwrite(first, text[:half], 0)
    os.close(second)
    os.close(first)


def killed_midway(page: Path, text: bytes) -> None:
    """A writer is killed in the middle of the text; whoever started it tries again at once."""
    child = os.fork()
    if child == 0:
        fd = os.open(page, os.O_WRONLY | os.O_TRUNC)
        os.write(fd, text[:-20])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    page.write_bytes(text)


PATTERNS: Mapping[str, Callable[[Path, bytes], None]] = {
    made.__name__: made
    for made in (
        jetbrains,
        gio,
        gio_backup,
        qt,
        vscode,
        agent,
        suffixed,
        read_plus,
        one_byte_first,
        truncated_by_path,
        mapped,
        forked,
        obsidian,
        duplicated,
        two_handles,
        killed_midway,
    )
}


def zipped(page: Path, text: bytes) -> None:
    """No way to save: makes the archive beside the text that `unzip` is tried with."""
    with zipfile.ZipFile(f"{sys.argv[3]}.zip", "w") as archive:
        archive.writestr(page.name, text)


if __name__ == "__main__":
    {**PATTERNS, "zipped": zipped}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]).read_bytes())
