"""The registry: its model, its sources (PostgreSQL, YAML, memory), and the service that chooses among them.

Knows nothing of the protocol and never runs on the event loop: whatever reads a source belongs to a worker.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specql_lsp.registry.client import Registry, open_registry

logging.getLogger("specql_lsp").addHandler(logging.NullHandler())  # a script decides itself what it logs

__all__ = ["Registry", "open_registry"]


def __getattr__(name: str) -> Any:
    # The model is imported by everything; the client brings the parser with it, so it is loaded when it is asked for.
    if name in __all__:
        from specql_lsp.registry import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
