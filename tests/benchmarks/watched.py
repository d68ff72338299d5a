"""`python -m tests.benchmarks.watched mount …`: as `notionfs mount …`, with a watch on its loop."""

from __future__ import annotations

import sys

from notionfs import app
from notionfs.cli.main import main
from tests.benchmarks.watch import watched

if __name__ == "__main__":
    app._serve = watched(app._serve)
    raise SystemExit(main(sys.argv[1:]))
