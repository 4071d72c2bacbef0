"""``specql-lsp domain allocate-missing``: codes for the entity files of a workspace that have none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from specql_lsp.cli.leases import away, confirmed
from specql_lsp.cli.options import Invocation
from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, Answer, CommandError
from specql_lsp.cli.tables import Cell, Column, Row, plain, table
from specql_lsp.cli.views.words import counted
from specql_lsp.cli.written_codes import MARK, read_file, shown, unwritten_to_json, write_code
from specql_lsp.features.missing_codes import MissingCode, MissingCodes, Undecided, files_without_code, missing_codes
from specql_lsp.registry.client import Registry
from specql_lsp.registry.refusals import Refused, refuse_unwritable
from specql_lsp.registry.requests import Allocation
from specql_lsp.registry.serialization import allocation_to_json
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import uri_of
from specql_lsp.workspace.wanted_files import PathError, wanted_files


class _Given(NamedTuple):
    path: str
    allocation: Allocation


class _Refused(NamedTuple):
    path: str
    entity: str
    kind: str
    message: str


def allocate_missing(invocation: Invocation, paths: Sequence[Path], *, dry_run: bool, width: int | None) -> Answer:
    """Allocates a code for each file beneath ``paths`` (empty: the workspace) that has none, and writes it there.

    Args:
        invocation: of the command.
        paths: files or folders.
        dry_run: only says what would be done.
        width: the terminal's columns; None cuts nothing.

    Raises:
        CommandError: a path does not lead to files.
        Refused: the registry cannot be read or written.
    """
    try:
        wanted = wanted_files(invocation.folder, paths, invocation.settings, to_be="looked at") if paths else None
    except PathError as error:
        raise CommandError("file-unreadable", str(error)) from None
    within = frozenset(uri_of(path) for path in wanted.paths) if wanted is not None else None
    index = invocation.index()
    with invocation.registry() as registry:
        refuse_unwritable(registry.state.provenance, allocates=True)
        notes = () if dry_run else confirmed(registry)
        analysis = Analysis(invocation.settings, registry.state, index)
        uris = files_without_code(index, lambda uri: within is None or uri in within)
        found = missing_codes(analysis, _documents(uris))
        total = sum(map(len, found.by_domain.values()))
        with invocation.progress.step(f"Allocating {counted(total, 'code')}"):
            given, refused = _asked(registry, found, dry_run=dry_run)
        for _, allocation in given if not dry_run else ():
            invocation.written(allocation.domain, allocation.entity)
    refused = [*(_undecided(each) for each in found.undecided), *refused]
    written = (write_code(uri, each.entity, each.table_code, None) for uri, each in given if not dry_run)
    unwritten = [each for each in written if each is not None]
    listed = [_Given(shown(uri, invocation.folder), allocation) for uri, allocation in given]
    refused = sorted(each._replace(path=shown(each.path, invocation.folder)) for each in refused)
    document = {
        "allocated": [{"path": each.path, **allocation_to_json(each.allocation)} for each in listed],
        "refused": [each._asdict() for each in refused],
        "unwritten": unwritten_to_json(unwritten, invocation.folder),
    }
    status = COULD_NOT_RUN if unwritten else REFUSED if refused else 0
    return Answer(
        document,
        _text(listed, refused, width, dry_run=dry_run),
        status,
        notes=(*notes, *away([each.allocation for each in listed]), *(each.message for each in unwritten)),
    )


def _documents(uris: Iterable[str]) -> Iterable[Document]:
    for uri in uris:
        text = read_file(uri)
        if text is not None:
            yield Document(uri, text.removeprefix(MARK))


def _asked(
    registry: Registry, found: MissingCodes, *, dry_run: bool
) -> tuple[list[tuple[str, Allocation]], list[_Refused]]:
    given: list[tuple[str, Allocation]] = []
    refused: list[_Refused] = []
    for group in found.by_domain.values():
        for missing, answer in zip(group, _answers(registry, group, dry_run=dry_run), strict=True):
            if isinstance(answer, Refused):
                refused.append(_Refused(missing.uri, missing.request.entity, answer.kind.value, answer.message))
            else:
                given.append((missing.uri, answer))
    return given, refused


def _answers(registry: Registry, group: list[MissingCode], *, dry_run: bool) -> Sequence[Allocation | Refused]:
    """One transaction; where it fails as a whole, the other domains get theirs all the same."""
    try:
        return registry.allocate_all([each.request for each in group], dry_run=dry_run)
    except Refused as refused:
        return [refused] * len(group)


def _undecided(each: Undecided) -> _Refused:
    return _Refused(each.uri, each.entity, each.kind.value, each.message)


def _text(given: Sequence[_Given], refused: Sequence[_Refused], width: int | None, *, dry_run: bool) -> str:
    parts: list[str] = []
    if given:
        columns = (Column("CODE"), Column("ENTITY"), Column("SUBDOMAIN"), Column("FILE"))
        rows: list[Row] = [
            (Cell(a.table_code, bold=True), a.entity, f"{a.domain.name} / {a.subdomain.name}", path)
            for path, a in given
        ]
        parts += [table(columns, rows, width), ""]
    parts += [
        click.style(plain(f"{each.path}: {each.entity} gets no code. {each.message}"), fg="yellow") for each in refused
    ]
    if refused:
        parts.append("")
    done = "would be allocated" if dry_run else "allocated"
    count = f"{counted(len(given), 'code')} {done}"
    parts.append(f"{count}, {len(refused)} not." if refused else f"{count}." if given else "Every entity has a code.")
    return "\n".join(parts)
