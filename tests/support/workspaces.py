"""The workspace that demo, tests and benchmarks share."""

from __future__ import annotations

import shutil
from pathlib import Path

FIXTURE = Path(__file__).parents[2] / "fixtures" / "workspace"
REGISTRY = "registry/domain_registry.yaml"
"""Its registry YAML."""


def copy_workspace(target: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(FIXTURE, target))
