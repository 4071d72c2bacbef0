"""The server's diagnostics for files and folders, without an editor: what ``specql-lsp check`` runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from specql_lsp.analysis import Analysis
from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import check, drift
from specql_lsp.features.model import Finding, Severity
from specql_lsp.registry.model import Provenance
from specql_lsp.registry.service import RegistryService
from specql_lsp.regular_files import (
    ENTITY_FILE_BYTES,
    REGISTRY_FILE_BYTES,
    FileTooLargeError,
    NotRegularError,
    irregularity,
    read_regular,
)
from specql_lsp.syntax.text import Position
from specql_lsp.workspace.discovery import distinct, entity_paths, names_entity, read_entity_document, read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.index import EntityIndex, facts_of

ANSWER_SECONDS = 60.0
"""The sources bound themselves by the timeouts of the settings; this is only the end of all patience."""


class CheckError(Exception):
    """The check could not run; the message says why."""


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A finding with its place. Lines and columns count from 1, columns in code points."""

    path: str
    """Relative to the workspace with ``/`` between its parts; absolute for a file outside it."""
    start: Position
    end: Position
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, and which registry it was held against."""

    findings: tuple[FileFinding, ...]
    provenance: Provenance
    checked: int
    """How many SpecQL files were looked at."""


def check_paths(workspace: Path, paths: Sequence[Path], settings: Settings, *, with_drift: bool = True) -> Report:
    """Checks files and folders of a workspace.

    Args:
        workspace: the workspace's folder; the registry is read as the server would.
        paths: files or folders; empty for the whole workspace with its registry.
        settings: the workspace's settings.
        with_drift: whether the registry's YAML is compared with PostgreSQL.

    Raises:
        CheckError: a path does not exist or cannot be read.
    """
    workspace = workspace.resolve()
    if not workspace.is_dir():
        raise CheckError(f"The workspace {workspace} is not a folder.")
    registry_path = _real(workspace / settings.registry.yaml_path)
    wanted = _wanted(workspace, paths, settings, registry_path)
    service = RegistryService(settings.registry, workspace)
    first = service.refresh()  # Asked for before the start, it is the only reading.
    service.start()
    try:
        state = first.result(ANSWER_SECONDS)
    finally:
        service.close()
    index, documents = _indexed(workspace, wanted, settings, registry_path)
    analysis = Analysis(settings, state, index, _registry_document(registry_path))
    findings: list[FileFinding] = []
    for path, document in documents:
        found = check(analysis, document)
        if with_drift and document.is_configured_registry:
            found = (*found, *drift(analysis, document))
        findings.extend(_placed(_shown(path, workspace), document, found))
    findings.sort(key=lambda f: (f.path, f.start, f.code, f.message))
    return Report(tuple(findings), state.provenance, sum(1 for _, d in documents if d.is_ours))


def workspace_index(workspace: Path, settings: Settings) -> EntityIndex:
    """The index of every entity file of a workspace, as it is on the disk; what cannot be read is passed over."""
    registry_path = _real(workspace / settings.registry.yaml_path)
    index = EntityIndex()
    _index(index, (path for path in distinct(_resolved(workspace, settings)) if path != registry_path))
    return index


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The files to check: resolved paths, each file once."""

    paths: tuple[Path, ...]
    named: frozenset[Path]
    """Those that were named, as opposed to found in a folder."""


def _wanted(workspace: Path, paths: Sequence[Path], settings: Settings, registry_path: Path) -> _Wanted:
    if not paths:
        found = list(_resolved(workspace, settings))
        return _Wanted(tuple(distinct([*found, registry_path] if registry_path.is_file() else found)), frozenset())
    wanted: list[Path] = []
    named: set[Path] = set()
    for path in paths:
        if path.is_dir():
            wanted.extend(_resolved(path, settings))
        elif path.is_file():
            named.add(_real(path))
            wanted.append(_real(path))
        elif path.exists():
            raise CheckError(f"{path} is not checked: {irregularity(path.stat().st_mode)}.")
        else:
            raise CheckError(f"There is no file or folder {path}.")
    return _Wanted(tuple(distinct(wanted)), frozenset(named))


def _resolved(folder: Path, settings: Settings) -> Iterator[Path]:
    return (_real(path) for path in entity_paths(folder, settings.files))


def _real(path: Path) -> Path:
    """The path with links followed; of links in a circle, and of what does not exist, as far as it goes."""
    return Path(os.path.realpath(path))  # Path.resolve raises for links in a circle


def _indexed(
    workspace: Path, wanted: _Wanted, settings: Settings, registry_path: Path
) -> tuple[EntityIndex, list[tuple[Path, Document]]]:
    """The documents to check, and the index of the whole workspace: any file may use a code of theirs."""
    index = EntityIndex()
    documents: list[tuple[Path, Document]] = []
    for path in wanted.paths:
        document = _document(path, is_registry=path == registry_path, is_named=path in wanted.named)
        if document is not None:
            index.put(document.uri, facts_of(document))
            documents.append((path, document))
    everything = distinct([*wanted.paths, *_resolved(workspace, settings)])
    asked = frozenset(wanted.paths)
    _index(index, (path for path in everything if path not in asked and path != registry_path))
    return index, documents


def _document(path: Path, *, is_registry: bool, is_named: bool) -> Document | None:
    """The document of a file to check; None for one that need not be looked at."""
    try:
        content = read_regular(path, REGISTRY_FILE_BYTES if is_registry else ENTITY_FILE_BYTES).content
    except (FileTooLargeError, NotRegularError) as error:
        if is_named or is_registry:
            raise CheckError(f"{path} is not checked: {error.strerror}.") from None
        return None
    except OSError as error:
        raise CheckError(f"{path} cannot be read ({error.strerror or type(error).__name__}).") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not is_registry and not names_entity(content):
            return None
        raise CheckError(f"{path} cannot be read as UTF-8 text.") from None
    return Document(path.as_uri(), text, is_registry=is_registry)


def _index(index: EntityIndex, paths: Iterable[Path]) -> None:
    for path in paths:
        document = read_entity_document(path, path.as_uri())
        if document is not None:
            index.put(document.uri, facts_of(document))


def _registry_document(path: Path) -> Document | None:
    text = read_text(path)
    return Document(path.as_uri(), text, is_registry=True) if text is not None else None


def _shown(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else path.as_posix()


def _placed(path: str, document: Document, findings: Iterable[Finding]) -> Iterable[FileFinding]:
    lines = document.lines
    for finding in findings:
        start, end = lines.position(finding.span.start), lines.position(finding.span.end)
        yield FileFinding(
            path,
            Position(start.line + 1, start.column + 1),
            Position(end.line + 1, end.column + 1),
            finding.severity,
            finding.code,
            finding.message,
        )
