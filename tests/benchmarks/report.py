"""Where figures go."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Print Markdown, at once: a benchmark takes minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
