"""A Notion workspace in one process: an ASGI application for tests, for the demo and for any Notion
client.

It imports nothing from the rest of the package, so that it cannot share our mistakes.
"""

from notionfs.simulator.errors import ApiError, ConnectionDropped
from notionfs.simulator.faults import Fault
from notionfs.simulator.simulator import Simulator

__all__ = ["ApiError", "ConnectionDropped", "Fault", "Simulator"]
