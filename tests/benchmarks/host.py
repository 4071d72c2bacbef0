"""What an edit costs as the workspace grows: the host alone, without a process and a protocol."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.model import Finding
from specql_lsp.lsp.gc_freeze import THRESHOLDS
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.changes import DocumentChanged, FilesRead, FolderOpened, FolderRead, RegistryChanged
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import path_of, uri_of
from tests.benchmarks.data import SMALL, faulty_entity, registry
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms, spread

FEW, MANY = 100, 10_000
RATIO = 1.2
CHUNK = 25
_ROOT = "/workspace"

EDITS = {
    "in a description": ("description: The", "description: Tho"),
    "of the entity's name": ("entity: Local00000", "entity: Local0000O"),
}


def edit(setup: Setup) -> Iterator[Row]:
    """A document is edited to and fro: the processor's time until its findings are in the store, by turns."""
    hosts = {files: _opened(files) for files in (FEW, MANY)}
    for what, (before, after) in EDITS.items():
        times: dict[int, list[float]] = {FEW: [], MANY: []}
        for number in range(setup.times(300, 100)):
            for files, host in hosts.items():
                text = faulty_entity(0)
                text = text.replace(before, after, 1) if number % 2 else text
                times[files].append(_edited(host, text, number + 2))
        few, many = median(times[FEW]), median(times[MANY])
        yield Row(
            f"an edit {what}, {MANY:,} files",
            f"{FEW} files {ms(few)}",
            spread(times[MANY]),
            many / few,
            f"<= {RATIO} x {FEW} files",
            many <= RATIO * few,
        )
    yield from _read(setup)


def _opened(files: int) -> AnalysisHost[Finding]:
    host: AnalysisHost[Finding] = AnalysisHost(found_in_each, shown)
    path = path_of(f"file://{_ROOT}")
    assert path is not None
    folder = uri_of(path)
    host.apply(FolderOpened(folder, path, Settings()))
    host.apply(RegistryChanged(folder, RegistryState(Provenance(Source.POSTGRESQL), registry(SMALL).warm())))
    for start in range(0, files, CHUNK):
        documents = {
            _uri(number): Document(_uri(number), faulty_entity(number)) for number in range(start, start + CHUNK)
        }
        host.apply(FilesRead(folder, documents))
        for uri in documents:
            _check(host, uri)
    host.apply(FolderRead(folder))
    for uri in host.stale(folder):
        _check(host, uri)
    host.apply(DocumentChanged(Document(_uri(0), faulty_entity(0), 1)))
    _check(host, _uri(0))
    return host


def _uri(number: int) -> str:
    return f"file://{_ROOT}/entities/domain_{number % 9 + 1}/local_{number:05d}.yaml"


def _check(host: AnalysisHost[Finding], uri: str) -> int:
    check = host.prepare(uri)
    if check is not None:
        host.finish(check.run())
    return check is not None


def _edited(host: AnalysisHost[Finding], text: str, version: int) -> float:
    document = host.document(_uri(0))
    assert document is not None
    begin = time.process_time()
    host.apply(DocumentChanged(document.edited(LineIndex(text), version, is_registry=False)))
    _check(host, _uri(0))
    return time.process_time() - begin


def _read(setup: Setup) -> Iterator[Row]:
    """Reading files into the host: parsing, indexing and checking each of them; the collector set as in the server."""
    gc.set_threshold(*THRESHOLDS)
    times: dict[int, list[float]] = {}
    for files in (1_000, MANY):
        for _ in range(setup.times(2, 1)):
            gc.collect()
            begin = time.process_time()
            _opened(files)
            times.setdefault(files, []).append(time.process_time() - begin)
    few, many = (median(seconds) for seconds in times.values())
    linear = MANY / 1_000 * few
    yield Row(
        f"the host reads {MANY:,} files",
        f"{ms(linear)} if linear",
        spread(times[MANY]),
        many / linear,
        "<= 1.2 x linear",
        many <= 1.2 * linear,
    )
