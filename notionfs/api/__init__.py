"""The door to Notion."""

import sys

# httpx brings a command line of its own, which would take a tenth of the time that we start in.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
