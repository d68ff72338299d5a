"""Random reads, writes, truncations and maps of one file, each compared with the same on bytes.

`python exerciser.py FILE STEPS SEED [text]`; with *text* the bytes are always those of a page file.
What fsx does, where no package has fsx.
"""

from __future__ import annotations

import mmap
import os
import random
import sys
from pathlib import Path

MOST = 64 * 1024


class Exerciser:
    """A file, and the bytes it should have."""

    def __init__(self, path: Path, seed: int, *, text: bool) -> None:
        self._path = path
        self._chance = random.Random(seed)
        self._text = text
        self._expected = bytearray()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    def step(self) -> None:
        acts = [self.write, self.write, self.truncate, self.read, self.read, self.reopen, self.map]
        self._chance.choice(acts)()

    def write(self) -> None:
        data = self._bytes(self._chance.randrange(1, 8192))
        most = len(self._expected) if self._text else MOST  # a page file has no holes
        offset = self._chance.randrange(most + 1)
        os.pwrite(self._fd, data, offset)
        self._expected.extend(bytes(max(0, offset - len(self._expected))))
        self._expected[offset : offset + len(data)] = data

    def truncate(self) -> None:
        most = len(self._expected) if self._text else MOST
        size = self._chance.randrange(1, most + 2) if most else 0
        size = min(size, most)
        os.ftruncate(self._fd, size)
        del self._expected[size:]
        self._expected.extend(bytes(size - len(self._expected)))

    def read(self) -> None:
        offset, size = self._chance.randrange(MOST), self._chance.randrange(1, 16384)
        self._same(os.pread(self._fd, size, offset), offset, size)

    def map(self) -> None:
        if not self._expected:
            return
        offset = self._chance.randrange(len(self._expected))
        data = self._bytes(min(4096, len(self._expected) - offset))
        with mmap.mmap(self._fd, len(self._expected)) as memory:
            memory[offset : offset + len(data)] = data
            memory.flush()
        self._expected[offset : offset + len(data)] = data

    def reopen(self) -> None:
        os.close(self._fd)
        self._fd = os.open(self._path, os.O_RDWR)
        self.check()

    def check(self) -> None:
        size = os.fstat(self._fd).st_size
        if size != len(self._expected):
            raise SystemExit(f"the size is {size}, not {len(self._expected)}")
        self._same(os.pread(self._fd, MOST * 2, 0), 0, MOST * 2)

    def _bytes(self, size: int) -> bytes:
        if not self._text:
            return self._chance.randbytes(size)
        return ("".join(self._chance.choices("abc defg\n", k=size))).encode()

    def _same(self, found: bytes, offset: int, size: int) -> None:
        if found != self._expected[offset : offset + size]:
            raise SystemExit(f"{size} bytes from {offset} are not what was written")


def main(path: str, steps: str, seed: str, kind: str = "bytes") -> None:
    exerciser = Exerciser(Path(path), int(seed), text=kind == "text")
    for _ in range(int(steps)):
        exerciser.step()
    exerciser.check()


if __name__ == "__main__":
    main(*sys.argv[1:])
