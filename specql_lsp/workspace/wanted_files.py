"""The files that a command is about: those that are named, and those in folders that are named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from specql_lsp.config import Settings
from specql_lsp.regular_files import irregularity
from specql_lsp.workspace.discovery import distinct, entity_paths, found_entity_paths


class PathError(Exception):
    """A path does not lead to files; the message says why."""


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """Files: resolved paths, each file once."""

    paths: tuple[Path, ...]
    named: frozenset[Path]
    """Those that were named, as opposed to found in a folder."""


def wanted_files(workspace: Path, paths: Sequence[Path], settings: Settings, *, to_be: str) -> WantedFiles:
    """The files that paths lead to.

    Args:
        workspace: the workspace's folder.
        paths: files or folders; empty for the workspace with its registry YAML.
        settings: say which files of a folder are looked at.
        to_be: what is to be done with the files, for sentences: "checked".

    Raises:
        PathError: a path does not exist or is no regular file, or a folder holds more files than are searched.
    """
    if not paths:
        registry_path = real_path(workspace / settings.registry.yaml_path)
        found = yaml_files_in(workspace, settings)
        return WantedFiles(tuple(distinct([*found, registry_path] if registry_path.is_file() else found)), frozenset())
    wanted: list[Path] = []
    named: set[Path] = set()
    for path in paths:
        if path.is_dir():
            wanted.extend(yaml_files_in(path, settings))
        elif path.is_file():
            named.add(real_path(path))
            wanted.append(real_path(path))
        elif path.exists():
            raise PathError(f"{path} is not {to_be}: {irregularity(path.stat().st_mode)}.")
        else:
            raise PathError(f"There is no file or folder {path}.")
    return WantedFiles(tuple(distinct(wanted)), frozenset(named))


def yaml_files_in(folder: Path, settings: Settings) -> list[Path]:
    """The files in a folder that may hold entities, with links followed.

    Raises:
        PathError: the folder holds more files than are searched.
    """
    paths, notice = found_entity_paths(entity_paths(folder, settings.files))
    if notice is not None:
        raise PathError(notice)
    return [real_path(path) for path in paths]


def real_path(path: Path) -> Path:
    """The path with links followed; of links in a circle, and of what does not exist, as far as it goes."""
    return Path(os.path.realpath(path))  # Path.resolve raises for links in a circle
