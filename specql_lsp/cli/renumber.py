"""``specql-lsp registry renumber``: of entities that have one table code, the later ones get free codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from specql_lsp.cli.arrivals import Arrivals, UnknownRevisionError
from specql_lsp.cli.git import Repository
from specql_lsp.cli.options import Invocation, likewise
from specql_lsp.cli.output import REFUSED, Answer, CommandError
from specql_lsp.cli.renumbered_files import NewCode, RenumberedFiles, to_put_into_yaml
from specql_lsp.cli.views import renumbering
from specql_lsp.cli.views.renumbering import Renumbered, UndecidedCode
from specql_lsp.cli.written_codes import shown
from specql_lsp.config import UpdateYaml
from specql_lsp.features.shared_codes import CodeOwner, EntityKey, SharedCode, shared_codes
from specql_lsp.registry.allocation import find_domain
from specql_lsp.registry.client import Registry
from specql_lsp.registry.consistency.changes import Change, applied, ordered
from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.refusals import RefusalKind, Refused, refuse_unwritable
from specql_lsp.registry.renumbering import RenumberAnswer, RenumberRequest, renumber_all
from specql_lsp.registry.requests import Allocation, AllocationRequest, EntityMove, Moving
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Source
from specql_lsp.workspace.analysis import Analysis


def renumber(invocation: Invocation, base: str | None, *, dry_run: bool) -> Answer:
    """Gives each later entity of a shared code a free one, in the registry and in its files.

    Args:
        invocation: of the command.
        base: a revision whose codes stay; None: git's history says which entity came first.
        dry_run: only says what would be done.

    Raises:
        CommandError: git cannot answer, ``base`` is no revision, or a file cannot be written.
        Refused: the registry cannot be read or written.
    """
    index = invocation.index()
    with invocation.registry() as registry:
        target = _target(invocation, registry)
        analysis = Analysis(invocation.settings, registry.state, index)
        found = shared_codes(analysis)
        decided = _decide(invocation, analysis, found, base) if found else _Decided([], [])
        asked = _Asked(registry.snapshot, frozenset(index.codes()) | {shared.code for shared in found})
        for shared, first, owner in decided.later:
            asked.add(shared, first, owner)
        answers, changes = renumber_all(registry.snapshot, [each.request for each in asked.rows])
        yaml_changed = False
        if not dry_run:
            with invocation.progress.step("Writing the registry"), _files(invocation, registry, target) as files:
                if target == Source.YAML.value:
                    _stage_yaml(registry.snapshot, changes, asked.rows, answers, files)
                else:
                    answers = _write_database(registry, asked.rows, files)
                files.put()
                yaml_changed = files.yaml_changes
            if yaml_changed:
                registry.refresh()
        rows, refused = asked.answered(answers)
    rows = [each._replace(files=tuple(shown(uri, invocation.folder) for uri in each.files)) for each in rows]
    undecided = [*decided.undecided, *asked.refused, *refused]
    left = [each._replace(files=tuple(shown(uri, invocation.folder) for uri in each.files)) for each in undecided]
    document: dict[str, Any] = {
        "renumbered": [each.to_json() for each in rows],
        "undecided": [each.to_json() for each in left],
        "base": base,
        "dryRun": dry_run,
        "registry": target,
        "yamlChanged": yaml_changed,
    }
    notes = (likewise(invocation.registry_file(None)[1]),) if yaml_changed and target != Source.YAML.value else ()
    text = renumbering.renumbered(rows, left, dry_run=dry_run)
    return Answer(document, text, REFUSED if left else 0, notes=notes)


class _Decided(NamedTuple):
    later: list[tuple[SharedCode, CodeOwner, CodeOwner]]
    """The code, the entity that keeps it, and one that came in later."""
    undecided: list[UndecidedCode]


def _target(invocation: Invocation, registry: Registry) -> str:
    """What is written: ``postgresql``, ``in_memory`` or ``yaml``, where the YAML alone is the registry.

    Raises:
        Refused: it cannot be read, or only be read.
    """
    provenance = registry.state.provenance
    if provenance.writable:
        return provenance.source.value
    is_alone = primary_source_for(invocation.settings.registry)[0] is None
    if not is_alone or provenance.source is not Source.YAML:
        refuse_unwritable(provenance)
    if provenance.stale or registry.service.yaml_problem is not None:
        reason = registry.service.yaml_problem or provenance.reason
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"The registry cannot be changed. {reason}")
    return Source.YAML.value


def _decide(invocation: Invocation, analysis: Analysis, found: tuple[SharedCode, ...], base: str | None) -> _Decided:
    snapshot = analysis.snapshot
    assert snapshot is not None  # noqa: S101 - codes were found in it
    path = Path(invocation.settings.registry.yaml_path).as_posix()
    later: list[tuple[SharedCode, CodeOwner, CodeOwner]] = []
    undecided: list[UndecidedCode] = []
    with invocation.progress.step("Reading git's history"):
        try:
            arrivals = Arrivals(Repository(invocation.folder), invocation.folder, path, snapshot, base)
        except UnknownRevisionError as error:
            raise CommandError("unknown-revision", str(error)) from None
        for shared in found:
            renamed = _renamed_by_hand(analysis, shared)
            if renamed is not None:
                undecided.append(UndecidedCode.of(shared, renamed))
                continue
            verdict = arrivals.verdict(shared)
            if verdict.first is None:
                undecided.append(UndecidedCode.of(shared, verdict.reason))
                continue
            later += ((shared, verdict.first, owner) for owner in shared.owners if owner is not verdict.first)
    return _Decided(later, undecided)


def _renamed_by_hand(analysis: Analysis, shared: SharedCode) -> str | None:
    """A sentence where the code is shared only because an entity has another name in its file than in the registry."""
    if len(shared.owners) != 2:
        return None
    for old, new in (shared.owners, shared.owners[::-1]):
        is_gone = old.registrations and not old.files and not analysis.index.named(old.entity)
        if is_gone and new.files and not new.registrations:
            return (
                f"It is registered to {old.entity}, which no file defines, and used by {new.entity}: if that is the "
                f"new name, run specql-lsp domain rename-entity {old.key.domain} {old.entity} {new.entity}."
            )
    return None


class _Row(NamedTuple):
    """An entity that is to get another code."""

    shared: SharedCode
    keeps: CodeOwner
    owner: CodeOwner
    request: RenumberRequest

    @property
    def uris(self) -> tuple[str, ...]:
        return tuple(facts.uri for facts in self.owner.files)


class _Asked:
    """What the registry is asked for, and what is not asked because no code can be found for it."""

    def __init__(self, snapshot: Snapshot, used: frozenset[str]) -> None:
        self._snapshot = snapshot
        self._used = used
        self._seen: set[EntityKey] = set()
        self.rows: list[_Row] = []
        self.refused: list[UndecidedCode] = []

    def add(self, shared: SharedCode, first: CodeOwner, owner: CodeOwner) -> None:
        """Has an entity asked for, or lists why it gets no code."""
        try:
            request = self._request(shared, owner)
        except Refused as refused:
            self.refused.append(UndecidedCode.of(shared, refused.message, refused.kind.value))
            return
        self._seen.add(owner.key)
        self.rows.append(_Row(shared, first, owner, request))

    def _request(self, shared: SharedCode, owner: CodeOwner) -> RenumberRequest:
        snapshot = self._snapshot
        if owner.registrations:
            held = owner.registrations[0]
            return EntityMove(
                held.domain.number, held.entity.name, held.subdomain.number, shared.code, self._used, renumbers=True
            )
        domain = find_domain(snapshot, owner.files[0].schema)
        parts = snapshot.parts(shared.code)
        if owner.key in self._seen or snapshot.registration(domain, owner.entity) is not None:
            return AllocationRequest(owner.entity, domain.number, used=self._used)
        if parts is None or parts.subdomain is None or parts.domain is None or parts.domain.number != domain.number:
            reason = f"The code does not say which subdomain of {domain.name} {owner.entity} belongs to: allocate its "
            raise Refused(RefusalKind.UNKNOWN_SUBDOMAIN, f"{reason}code yourself.")
        return AllocationRequest(owner.entity, domain.number, parts.subdomain.number, parts.code.layer, used=self._used)

    def answered(self, answers: Sequence[RenumberAnswer]) -> tuple[list[Renumbered], list[UndecidedCode]]:
        """The entities that got codes, and those that the registry refused."""
        rows: list[Renumbered] = []
        refused: list[UndecidedCode] = []
        for row, answer in zip(self.rows, answers, strict=True):
            if isinstance(answer, Refused):
                refused.append(UndecidedCode.of(row.shared, answer.message, answer.kind.value))
            else:
                rows.append(Renumbered(row.owner.entity, row.shared, row.keeps.entity, row.uris, answer))
        return rows, refused


def _files(invocation: Invocation, registry: Registry, target: str) -> RenumberedFiles:
    """The files to write; the registry YAML is one of them where it is the registry, or follows PostgreSQL.

    Raises:
        Refused: it is to follow, and cannot be read.
    """
    path, name = invocation.registry_file(None)
    follows = target == Source.POSTGRESQL.value and invocation.update_yaml is UpdateYaml.ALWAYS
    if follows and registry.service.rules_problem is not None:
        reason = f"{registry.service.rules_problem} Nothing was changed; --no-update-yaml leaves {name} as it is."
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, reason)
    is_written = target == Source.YAML.value or (follows and registry.state.yaml is not None)
    return RenumberedFiles((path, name) if is_written else None)


def _write_database(registry: Registry, rows: Sequence[_Row], files: RenumberedFiles) -> tuple[RenumberAnswer, ...]:
    """Changes the registry in one transaction, before whose commit the files are staged.

    Raises:
        CommandError: a file cannot be written; nothing was changed.
        Refused: the registry cannot be written, or refuses all of it; nothing was changed.
    """
    failure: CommandError | None = None

    def stage(answers: tuple[RenumberAnswer, ...], written: Snapshot) -> None:
        nonlocal failure
        failure = None
        given = _given(rows, answers)
        yaml = registry.state.yaml
        renumbered = [(answer.domain.number, answer.entity) for _, answer in given]
        differences = to_put_into_yaml(written, yaml, renumbered) if yaml is not None else []
        try:
            files.stage(_new_codes(given), differences, written)
        except CommandError as error:
            failure = CommandError(error.kind, f"{error.message} Nothing was changed.", error.status)
            raise Refused(RefusalKind.CONFLICT, error.message) from None

    if not rows:
        stage((), registry.snapshot)
        return ()
    try:
        return registry.renumber([each.request for each in rows], stage)
    except Refused:
        if failure is not None:
            raise failure from None
        raise


def _stage_yaml(
    before: Snapshot,
    changes: Iterable[Change],
    rows: Sequence[_Row],
    answers: Sequence[RenumberAnswer],
    files: RenumberedFiles,
) -> None:
    """The same where the YAML is the registry: it is staged like the files. Raises as ``_write_database``."""
    domains = before.domains
    for change in changes:
        domains = applied(domains, change)
    after = Snapshot(ordered(domains), before.rules)
    files.stage(_new_codes(_given(rows, answers)), compare_all(after, before), after)


def _given(rows: Sequence[_Row], answers: Sequence[RenumberAnswer]) -> list[tuple[_Row, Moving | Allocation]]:
    return [(row, answer) for row, answer in zip(rows, answers, strict=True) if not isinstance(answer, Refused)]


def _new_codes(given: Iterable[tuple[_Row, Moving | Allocation]]) -> list[NewCode]:
    return [NewCode(answer.entity, row.shared.code, answer.table_code, row.uris) for row, answer in given]
