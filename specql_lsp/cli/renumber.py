"""``specql-lsp registry renumber``: of entities that have one table code, the later ones get free codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from specql_lsp.cli.arrivals import Arrivals, UnknownRevisionError
from specql_lsp.cli.git import Repository
from specql_lsp.cli.options import Invocation
from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, Answer, CommandError
from specql_lsp.cli.views import renumbering
from specql_lsp.cli.views.renumbering import Renumbered, UndecidedCode
from specql_lsp.cli.written_codes import shown, write_code
from specql_lsp.features.shared_codes import CodeOwner, SharedCode, shared_codes
from specql_lsp.registry.allocation import find_domain
from specql_lsp.registry.client import Registry
from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused, refuse_unwritable
from specql_lsp.registry.requests import AllocationRequest, EntityMove
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.state import Source
from specql_lsp.workspace.analysis import Analysis


def renumber(invocation: Invocation, base: str | None, *, dry_run: bool) -> Answer:
    """Gives each later entity of a shared code a free one, in the registry and in its files.

    Args:
        invocation: of the command.
        base: a revision whose codes stay; None: git's history says which entity came first.
        dry_run: only says what would be done.

    Raises:
        CommandError: git cannot answer, ``base`` is no revision, or the registry YAML cannot be written.
        Refused: the registry cannot be read or written.
    """
    index = invocation.index()
    with invocation.registry() as registry:
        target = _target(invocation, registry)
        analysis = Analysis(invocation.settings, registry.state, index)
        found = shared_codes(analysis)
        decided = _Decided([], [])
        if found:
            decided = _decide(invocation, analysis, found, base)
        used = frozenset(index.codes()) | {shared.code for shared in found}
        done = _Renumbering(registry.snapshot, used)
        for shared, first, owner in decided.later:
            done.take(shared, first, owner)
        failed: list[str] = []
        if not dry_run and done.taken:
            with invocation.progress.step("Writing the registry"):
                _write(invocation, registry, target, done, used)
            failed = [reason for each in done.taken for reason in _write_files(each)]
    rows = [each._replace(files=tuple(shown(uri, invocation.folder) for uri in each.files)) for each in done.taken]
    undecided = [*decided.undecided, *done.refused]
    left = [each._replace(files=tuple(shown(uri, invocation.folder) for uri in each.files)) for each in undecided]
    document: dict[str, Any] = {
        "renumbered": [each.to_json() for each in rows],
        "undecided": [each.to_json() for each in left],
        "base": base,
        "dryRun": dry_run,
        "registry": target,
    }
    status = COULD_NOT_RUN if failed else REFUSED if left else 0
    return Answer(document, renumbering.renumbered(rows, left, dry_run=dry_run), status, notes=tuple(failed))


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


class _Renumbering:
    """Works out in memory which codes are given; ``source`` then holds what the registry is to hold."""

    def __init__(self, snapshot: Snapshot, used: frozenset[str]) -> None:
        self._used = used
        self._rules: Rules = snapshot.rules
        self.source = InMemorySource(snapshot)
        self.taken: list[Renumbered] = []
        self.refused: list[UndecidedCode] = []

    def take(self, shared: SharedCode, first: CodeOwner, owner: CodeOwner) -> None:
        """Gives an entity a code, or lists why it gets none."""
        try:
            request = self._request(shared, owner)
            if isinstance(request, EntityMove):
                moving = self.source.move_entity(request, self._rules)
                domain, subdomain, code = moving.domain, moving.subdomain, moving.table_code
            else:
                allocation = self.source.allocate(request, self._rules)
                domain, subdomain, code = allocation.domain, allocation.subdomain, allocation.table_code
        except Refused as refused:
            self.refused.append(UndecidedCode.of(shared, refused.message, refused.kind.value))
            return
        files = tuple(facts.uri for facts in owner.files)
        row = Renumbered(owner.entity, domain, subdomain, shared.code, code, first.entity, files, request)
        self.taken.append(row)

    def _request(self, shared: SharedCode, owner: CodeOwner) -> EntityMove | AllocationRequest:
        snapshot = self.source.load().with_rules(self._rules)
        if owner.registrations:
            held = owner.registrations[0]
            return EntityMove(
                held.domain.number, held.entity.name, held.subdomain.number, shared.code, self._used, renumbers=True
            )
        domain = snapshot.domain_named(owner.files[0].schema)
        if domain is None:
            find_domain(snapshot, owner.files[0].schema)  # refuses
        assert domain is not None  # noqa: S101
        parts = snapshot.parts(shared.code)
        if snapshot.registration(domain, owner.entity) is not None:
            return AllocationRequest(owner.entity, domain.number, used=self._used)
        if parts is None or parts.subdomain is None or parts.domain is None or parts.domain.number != domain.number:
            reason = f"The code does not say which subdomain of {domain.name} {owner.entity} belongs to: allocate its "
            raise Refused(RefusalKind.UNKNOWN_SUBDOMAIN, f"{reason}code yourself.")
        return AllocationRequest(owner.entity, domain.number, parts.subdomain.number, parts.code.layer, used=self._used)


def _write(invocation: Invocation, registry: Registry, target: str, done: _Renumbering, used: frozenset[str]) -> None:
    """Changes the registry; where it gives other codes than were worked out, as others were quicker, those count."""
    if target == Source.YAML.value:
        _write_yaml(invocation, registry.snapshot, done.source.load())
        return
    for at, each in enumerate(done.taken):
        request = replace(each.request, used=used)
        if isinstance(request, EntityMove):
            code = registry.move_entity(
                request.domain,
                request.entity,
                request.subdomain,
                table_code=request.table_code,
                used=request.used,
                renumbers=True,
            ).table_code
        else:
            code = registry.allocate(
                request.domain, request.subdomain, request.entity, request.layer, used=request.used
            ).table_code
        done.taken[at] = each._replace(table_code=code)


def _write_yaml(invocation: Invocation, before: Snapshot, after: Snapshot) -> None:
    from specql_lsp.registry.yaml_edits.files import edited_file
    from specql_lsp.replaced_files import replace_file

    path, name = invocation.registry_file(None)
    file = edited_file(path, compare_all(after, before), after, datetime.now(UTC))
    for refused in file.resolution.refused:
        raise Refused(RefusalKind.CONFLICT, f"{name} cannot be changed. {refused.message}")
    if file.text is None:
        return
    file.refuse_changed()
    try:
        replace_file(path, file.text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError("file-unwritable", f"The file {name} cannot be written ({reason}).") from None


def _write_files(each: Renumbered) -> list[str]:
    written = (write_code(uri, each.entity, each.table_code, each.previous_code) for uri in each.files)
    return [each.message for each in written if each is not None]
