"""The command, mounting before anything of the first listing has arrived."""

from __future__ import annotations

import sys

from notionfs import app
from notionfs.cli.main import main

if __name__ == "__main__":
    app._FIRST_TREE_SECONDS = 0.0
    raise SystemExit(main(sys.argv[1:]))
