"""What real editors declare, for tests through the process that depend on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter

_CLIENTS = Path(__file__).parents[1] / "lsp" / "clients"


def declared_by(client: str) -> dict[str, Any]:
    """The capabilities of one of the files of ``tests/lsp/clients``, as JSON."""
    declared: dict[str, Any] = json.loads((_CLIENTS / f"{client}.json").read_text(encoding="utf-8"))["capabilities"]
    return declared


def capabilities_of(client: str) -> types.ClientCapabilities:
    """The capabilities of one of the files of ``tests/lsp/clients``."""
    return default_converter().structure(declared_by(client), types.ClientCapabilities)
