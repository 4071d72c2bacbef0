"""SpecQL's facts as JSON files of the package, read when they are first used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_json(name: str) -> Any:
    """The content of a data file of this package."""
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
