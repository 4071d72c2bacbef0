"""SpecQL's facts as JSON files of the package, read when they are first used."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def read_json(name: str) -> Any:
    """The content of a data file of this package."""
    return json.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
