"""The server's diagnostics for files and folders, without an editor: what ``specql-lsp check`` runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from specql_lsp.analysis import Analysis
from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import check, drift
from specql_lsp.features.model import Finding, Severity
from specql_lsp.registry.model import Provenance
from specql_lsp.registry.service import RegistryService
from specql_lsp.syntax.text import Position
from specql_lsp.workspace.discovery import entity_paths, is_no_entity_file, read_entity_document, read_text
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
    registry_path = (workspace / settings.registry.yaml_path).resolve()
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
    registry_path = (workspace / settings.registry.yaml_path).resolve()
    paths = (path.resolve() for path in entity_paths(workspace, settings.files))
    index = EntityIndex()
    _index(index, (path for path in paths if path != registry_path))
    return index


def _wanted(workspace: Path, paths: Sequence[Path], settings: Settings, registry_path: Path) -> list[Path]:
    if not paths:
        everything = [p.resolve() for p in entity_paths(workspace, settings.files)]
        if registry_path.is_file() and registry_path not in everything:
            everything.append(registry_path)
        return everything
    wanted: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            wanted.update(dict.fromkeys(p.resolve() for p in entity_paths(path, settings.files)))
        elif path.is_file():
            wanted[path.resolve()] = None
        else:
            raise CheckError(f"There is no file or folder {path}.")
    return list(wanted)


def _indexed(
    workspace: Path, wanted: Iterable[Path], settings: Settings, registry_path: Path
) -> tuple[EntityIndex, list[tuple[Path, Document]]]:
    """The documents to check, and the index of the whole workspace: any file may use a code of theirs."""
    index = EntityIndex()
    documents: list[tuple[Path, Document]] = []
    asked = dict.fromkeys(wanted)
    others = [p for p in (q.resolve() for q in entity_paths(workspace, settings.files)) if p not in asked]
    for path in asked:
        text = read_text(path)
        if text is None:
            if path != registry_path and is_no_entity_file(path):
                continue
            raise CheckError(f"{path} cannot be read as UTF-8 text.")
        document = Document(path.as_uri(), text, is_registry=path == registry_path)
        index.put(document.uri, facts_of(document))
        documents.append((path, document))
    _index(index, (path for path in others if path != registry_path))
    return index, documents


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
