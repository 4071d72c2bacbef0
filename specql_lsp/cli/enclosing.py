"""The workspace that a folder is a part of, where a command runs in that folder without ``--workspace``."""

from __future__ import annotations

from pathlib import Path

from specql_lsp.config import CONFIG_FILE, RegistrySettings


def enclosing_workspace(folder: Path, yaml_path: str) -> Path | None:
    """The nearest folder above that has settings or a registry YAML of its own, if this one has neither.

    A git repository is not left.

    Args:
        folder: absolute.
        yaml_path: of the folder's registry YAML, by its settings.
    """
    if _exists(folder / CONFIG_FILE) or _exists(folder / yaml_path):
        return None
    default = RegistrySettings().yaml_path
    for below, above in zip((folder, *folder.parents), folder.parents, strict=False):
        if _exists(below / ".git"):
            return None
        if _exists(above / CONFIG_FILE) or _exists(above / default):
            return above
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
