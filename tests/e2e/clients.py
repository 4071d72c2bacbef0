"""What real editors declare, for tests through the process that depend on it."""

from __future__ import annotations

import json
from pathlib import Path

from lsprotocol import types
from pygls.protocol import default_converter

_CLIENTS = Path(__file__).parents[1] / "lsp" / "clients"


def capabilities_of(client: str) -> types.ClientCapabilities:
    """The capabilities of one of the files of ``tests/lsp/clients``."""
    declared = json.loads((_CLIENTS / f"{client}.json").read_text(encoding="utf-8"))["capabilities"]
    return default_converter().structure(declared, types.ClientCapabilities)
