"""The server's diagnostics for files and folders, without an editor: what ``specql-lsp check`` runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.diagnostics.configured import configured
from specql_lsp.features.diagnostics.rules.syntax import YAML_SYNTAX
from specql_lsp.features.model import Finding, Severity
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.regular_files import (
    ENTITY_FILE_BYTES,
    REGISTRY_FILE_BYTES,
    FileTooLargeError,
    NotRegularError,
    read_regular,
)
from specql_lsp.syntax.text import Position, Span
from specql_lsp.workspace.changes import FilesRead, FolderOpened, FolderRead, RegistryChanged, RegistryFileRead
from specql_lsp.workspace.checks import run_checks
from specql_lsp.workspace.discovery import (
    distinct,
    entity_paths,
    found_entity_paths,
    read_entity_documents,
    read_text,
)
from specql_lsp.workspace.documents import Document, work_out
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.specql_files import is_specql
from specql_lsp.workspace.uris import uri_of
from specql_lsp.workspace.wanted_files import WantedFiles, real_path, wanted_files, yaml_files_in

ANSWER_SECONDS = 60.0
"""The sources bound themselves by the timeouts of the settings; this is only the end of all patience."""
_CHUNK = 25
"""So many files are indexed, or checked, at once."""
_MOST_UNREAD = 5
"""So many files that cannot be read are named."""
_Part = TypeVar("_Part")


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
    notices: tuple[str, ...] = ()
    """A sentence for each file of a folder that could not be looked at."""
    is_registry_unreadable: bool = False
    """Whether there is a registry YAML, or only a snapshot, that cannot be read, and nothing answers instead;
    ``provenance`` says why."""


def check_paths(workspace: Path, paths: Sequence[Path], settings: Settings, *, with_drift: bool = True) -> Report:
    """Checks files and folders of a workspace.

    Args:
        workspace: the workspace's folder; the registry is read as the server would.
        paths: files or folders; empty for the whole workspace with its registry.
        settings: the workspace's settings.
        with_drift: whether the registry's YAML is compared with PostgreSQL.

    Raises:
        CheckError: a named file cannot be read, or none of the named files is UTF-8 text.
        PathError: a path does not lead to files, or a folder holds more than are searched.
    """
    workspace = workspace.resolve()
    if not workspace.is_dir():
        raise CheckError(f"The workspace {workspace} is not a folder.")
    registry_path = real_path(workspace / settings.registry.yaml_path)
    wanted = wanted_files(workspace, paths, settings, to_be="checked")
    service = RegistryService(settings.registry, workspace, resident=False)
    first = service.refresh()  # Asked for before the start, it is the only reading.
    service.start()
    try:
        state = first.result(ANSWER_SECONDS)
    finally:
        service.close()
    files = _read_files(workspace, wanted, settings, registry_path)
    host = _host(workspace, settings, registry_path, state, files, with_drift=with_drift)
    findings: list[FileFinding] = []
    for path, reason in files.not_text:
        found = configured([YAML_SYNTAX.finding(Span(0, 0), reason)], settings)
        findings.extend(_placed(_shown(path, workspace), Document(uri_of(path), ""), found))
    for chunk in _chunks(files.documents):
        checks = [check for _, document in chunk if (check := host.prepare(document.uri)) is not None]
        run_checks(checks)
        for check in checks:
            host.finish(check)
        for path, document in chunk:
            checked = host.diagnostics(document.uri)
            findings.extend(_placed(_shown(path, workspace), document, checked.shown if checked is not None else ()))
    findings.sort(key=lambda f: (f.path, f.start, f.code, f.message))
    return Report(
        tuple(findings),
        state.provenance,
        sum(1 for _, document in files.documents if document.is_specql),
        tuple(f"{_shown(path, workspace)} is not checked: {reason}." for path, reason in files.passed_over),
        is_registry_unreadable=state.provenance.source is Source.NONE
        and (settings.registry.snapshot_only or os.path.lexists(registry_path)),
    )


def _host(
    workspace: Path,
    settings: Settings,
    registry_path: Path,
    state: RegistryState,
    files: _Files,
    *,
    with_drift: bool,
) -> AnalysisHost[Finding]:
    """The workspace as the server would know it, with the files to check still to be checked."""
    settings = replace(
        settings,
        registry=replace(settings.registry, yaml_path=str(registry_path)),
        diagnostics=replace(settings.diagnostics, drift=settings.diagnostics.drift and with_drift),
    )
    host: AnalysisHost[Finding] = AnalysisHost(found_in_each, shown)
    folder = uri_of(workspace)
    host.apply(FolderOpened(folder, workspace, settings))
    host.apply(RegistryChanged(folder, state))
    documents = {document.uri: document for _, document in files.documents}
    registry = documents.pop(uri_of(registry_path), None) or _registry_document(registry_path)
    host.apply(RegistryFileRead(folder, registry))
    for part in _chunks(documents.values()):
        work_out(part)
    host.apply(FilesRead(folder, documents))
    for chunk in _chunks(files.others):
        host.apply(FilesRead(folder, _entity_documents(chunk), to_check=False))
    host.apply(FolderRead(folder))
    return host


def workspace_index(workspace: Path, settings: Settings) -> tuple[WorkspaceIndex, tuple[str, ...]]:
    """The index of the entity files of a workspace, as it is on the disk.

    Returns:
        The index, and sentences: where the workspace holds more files than are searched, and which files of entities
        cannot be read, so that their codes are not known.
    """
    registry_path = real_path(workspace / settings.registry.yaml_path)
    paths, notice = found_entity_paths(entity_paths(workspace, settings.files))
    found = (path for path in distinct(map(real_path, paths)) if path != registry_path)
    index = WorkspaceIndex()
    unread: list[str] = []
    for chunk in _chunks(found):
        documents = _entity_documents(chunk)
        index = index.put_all({uri: summarize(document) for uri, document in documents.items()})
        for path in chunk:
            reason = _why_unread(path) if uri_of(path) not in documents else None
            if reason is not None:
                unread.append(f"{_shown(path, workspace)} is not read: {reason}.")
    left = len(unread) - _MOST_UNREAD
    more = (f"{left} more files of entities are not read.",) if left > 0 else ()
    return index, (*(() if notice is None else (notice,)), *unread[:_MOST_UNREAD], *more)


def _why_unread(path: Path) -> str | None:
    """Why a file that may be an entity's cannot be read, as the end of a sentence; None where it can, or is none."""
    try:
        content = read_regular(path, ENTITY_FILE_BYTES).content
    except (FileNotFoundError, NotRegularError):
        return None
    except FileTooLargeError as error:
        return error.strerror if _is_specql_file(path) else None
    except OSError as error:
        return error.strerror or type(error).__name__
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text" if is_specql(uri_of(path), content) else None
    return None


@dataclass(slots=True)
class _Files:
    """What was read of the files to check."""

    documents: list[tuple[Path, Document]]
    others: list[Path]
    """The workspace's other files: what they define and use counts."""
    not_text: list[tuple[Path, str]]
    """Files of SpecQL's that are not UTF-8 text, and the sentence that says so."""
    passed_over: list[tuple[Path, str]]
    """Files that could not be read, and why, as the end of a sentence."""


def _read_files(workspace: Path, wanted: WantedFiles, settings: Settings, registry_path: Path) -> _Files:
    files = _Files([], [], [], [])
    for path in wanted.paths:
        content = _content(path, files, is_registry=path == registry_path, is_named=path in wanted.named)
        if content is None:
            continue
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if path == registry_path or is_specql(uri_of(path), content):
                line = content.count(b"\n", 0, error.start) + 1
                files.not_text.append((path, f"The file is not UTF-8 text (line {line}): save it as UTF-8."))
            continue
        files.documents.append((path, Document(uri_of(path), text, is_registry=path == registry_path)))
    if wanted.named and files.not_text and not files.documents:
        raise CheckError(f"{files.not_text[0][0]} cannot be read as UTF-8 text.")
    everything = distinct([*wanted.paths, *yaml_files_in(workspace, settings)])
    asked = frozenset(wanted.paths)
    files.others.extend(path for path in everything if path not in asked and path != registry_path)
    return files


def _content(path: Path, files: _Files, *, is_registry: bool, is_named: bool) -> bytes | None:
    """The content of a file to check; None for one that cannot be, or need not be, looked at."""
    try:
        return read_regular(path, REGISTRY_FILE_BYTES if is_registry else ENTITY_FILE_BYTES).content
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if is_named:
            raise CheckError(f"{path} is not checked: {reason}.") from None
        if isinstance(error, FileTooLargeError) and not _is_specql_file(path):
            return None
        if not isinstance(error, NotRegularError):
            files.passed_over.append((path, reason))
        return None


def _is_specql_file(path: Path) -> bool:
    """Whether a file that is too large for an entity's is SpecQL's all the same."""
    try:
        return is_specql(uri_of(path), read_regular(path, REGISTRY_FILE_BYTES).content)
    except OSError:
        return False


def _chunks(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    rest = iter(parts)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _entity_documents(paths: Iterable[Path]) -> dict[str, Document]:
    """The documents of those files that define an entity."""
    read = read_entity_documents([(path, uri_of(path)) for path in paths])
    return {document.uri: document for document in read if document is not None}


def _registry_document(path: Path) -> Document | None:
    text = read_text(path)
    return Document(uri_of(path), text, is_registry=True) if text is not None else None


def _shown(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else path.as_posix()


def _placed(path: str, document: Document, findings: Iterable[Finding]) -> Iterable[FileFinding]:
    lines = document.lines
    for found in findings:
        start, end = lines.position(found.span.start), lines.position(found.span.end)
        yield FileFinding(
            path,
            Position(start.line + 1, start.column + 1),
            Position(end.line + 1, end.column + 1),
            found.severity,
            found.code,
            found.message,
        )
