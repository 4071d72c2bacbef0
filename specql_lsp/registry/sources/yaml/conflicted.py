"""What a registry YAML with unresolved merge conflicts holds: both sides, of which neither is known to stay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from specql_lsp.items.registry_file import read_registry
from specql_lsp.language.table_code import normalize
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import number_key, snapshot_of
from specql_lsp.syntax.merge_conflicts import Conflict, conflicts_in, sides_of
from specql_lsp.syntax.parsing.parse import parse


class ConflictedRegistry(NamedTuple):
    """A registry YAML in conflict."""

    snapshot: Snapshot | None
    """What both sides hold together; the first one counts where they differ, apart from codes. None: not understood.

    Its rules withhold the codes.
    """
    withheld: frozenset[str]
    """The codes in the lines of either side, and of what only one side registers."""
    line: int
    """The line, from 1, of the first conflict."""
    rules_only: Snapshot
    """No domain, under rules that withhold the codes: for a registry of which the YAML adds the rules."""

    def snapshot_after(self, before: Snapshot | None) -> Snapshot | None:
        """What is known of the registry now, if ``before`` was known of it; its rules withhold the codes."""
        if self.snapshot is not None or before is None or before.rules.withheld_codes == self.withheld:
            return self.snapshot or before
        return _withholding(before, self.withheld)


def read_conflicted(text: str) -> ConflictedRegistry | None:
    """The registry in a text with merge conflicts; None where there are none."""
    conflicts = conflicts_in(text)
    if not conflicts:
        return None
    sides = [found for side in dict.fromkeys(sides_of(text, conflicts)) if (found := _snapshot(side)) is not None]
    withheld = frozenset((*_codes(text, conflicts), *_of_one_side(sides)))
    together = _together(sides)
    snapshot = _withholding(together, withheld) if together is not None else None
    line = text.count("\n", 0, conflicts[0].span.start) + 1
    return ConflictedRegistry(snapshot, withheld, line, _withholding(Snapshot(()), withheld))


def _withholding(snapshot: Snapshot, withheld: frozenset[str]) -> Snapshot:
    return snapshot.with_rules(replace(snapshot.rules, withheld_codes=withheld)).warm()


_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{6}(?![0-9A-Za-z])")


def _codes(text: str, conflicts: tuple[Conflict, ...]) -> Iterator[str]:
    """What may be a table code in the lines of both sides, which need not be understood."""
    for conflict in conflicts:
        for side in (conflict.ours, conflict.theirs):
            yield from (normalize(found) for found in _CODE.findall(text[side.start : side.end]))


def _of_one_side(sides: list[Snapshot]) -> Iterator[str]:
    """The codes that an entity has on one side only: git takes lines that both have out of a conflict."""
    held = [
        {(r.domain.number, r.subdomain.number, *_identity(r.entity)) for r in side.registrations()} for side in sides
    ]
    if len(held) > 1:
        yield from (code for *_, code in held[0] ^ held[1] if code)


def _snapshot(side: str) -> Snapshot | None:
    from specql_lsp.registry.sources.yaml.validation import is_readable

    tree = parse(side)
    registry = read_registry(tree)
    return snapshot_of(registry, tree) if is_readable(registry, tree) else None


def _together(sides: list[Snapshot]) -> Snapshot | None:
    if not sides:
        return None
    ours, *others = sides
    domains = {domain.number: domain for domain in ours.domains}
    for other in others:
        for domain in other.domains:
            known = domains.get(domain.number)
            domains[domain.number] = domain if known is None else _of_domain(known, domain)
    return Snapshot(sorted(domains.values(), key=lambda domain: number_key(domain.number)), ours.rules)


def _of_domain(ours: Domain, theirs: Domain) -> Domain:
    subdomains = {each.number: each for each in ours.subdomains}
    for each in theirs.subdomains:
        known = subdomains.get(each.number)
        subdomains[each.number] = each if known is None else _of_subdomain(known, each)
    names = tuple(dict.fromkeys(name for name in (*ours.aliases, theirs.name, *theirs.aliases) if name != ours.name))
    ordered = sorted(subdomains.values(), key=lambda subdomain: number_key(subdomain.number))
    return ours._replace(aliases=names, subdomains=tuple(ordered))


def _of_subdomain(ours: Subdomain, theirs: Subdomain) -> Subdomain:
    seen = {_identity(entity) for entity in ours.entities}
    added = (entity for entity in theirs.entities if _identity(entity) not in seen)
    counters = [each for each in (ours.next_entity_sequence, theirs.next_entity_sequence) if each is not None]
    return ours._replace(entities=(*ours.entities, *added), next_entity_sequence=max(counters) if counters else None)


def _identity(entity: Entity) -> tuple[str, str]:
    """An entity to which the sides give different codes is there with both."""
    return entity.name.lower(), normalize(entity.table_code)
