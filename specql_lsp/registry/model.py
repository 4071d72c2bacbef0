"""The registry as data: domains, subdomains, registered entities, and where they were read.

Everything here is immutable and free of I/O, so that a snapshot can be handed from the thread that loaded it to
the one that answers requests. Numbers and codes are kept as written; they are compared in upper case.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeVar

from specql_lsp.config import NO_URL_ORIGIN, UrlOrigin
from specql_lsp.language import table_code as codes
from specql_lsp.language.names import infer_subdomain
from specql_lsp.lazily import lazily


class Source(Enum):
    """Where a registry's answer comes from."""

    POSTGRESQL = "postgresql"
    YAML = "yaml"
    IN_MEMORY = "in_memory"
    NONE = "none"

    @property
    def label(self) -> str:
        """The source's name as a person reads it."""
        return {"postgresql": "PostgreSQL", "yaml": "YAML", "in_memory": "in memory", "none": "none"}[self.value]


class Entity(NamedTuple):
    """An entity's registration. ``sequence`` is None where the source has none (YAML)."""

    name: str
    table_code: str
    sequence: int | None = None
    entity_code: str | None = None
    assigned_at: str | None = None


class Subdomain(NamedTuple):
    """A subdomain with its registered entities, in the source's order."""

    number: str
    name: str
    description: str | None = None
    next_entity_sequence: int | None = None
    entities: tuple[Entity, ...] = ()


class Domain(NamedTuple):
    """A domain with its subdomains, in the order of their numbers."""

    number: str
    name: str
    description: str | None = None
    multi_tenant: bool = False
    aliases: tuple[str, ...] = ()
    subdomains: tuple[Subdomain, ...] = ()

    def subdomain(self, number_or_name: str) -> Subdomain | None:
        """The subdomain with that number, or else with that name; case does not matter."""
        key = number_or_name.upper()
        by_number = next((s for s in self.subdomains if s.number.upper() == key), None)
        return by_number or next((s for s in self.subdomains if s.name.upper() == key), None)

    @property
    def entity_count(self) -> int:
        """How many entities are registered in it."""
        return sum(len(s.entities) for s in self.subdomains)


class Registration(NamedTuple):
    """An entity with the place where it is registered.

    Domain and subdomain say where that is; what else they hold by now is asked of the snapshot.
    """

    domain: Domain
    subdomain: Subdomain
    entity: Entity


class CodeParts(NamedTuple):
    """A table code read by the numbers that a registry knows.

    ``domain`` and ``subdomain`` are None where no domain or subdomain has these digits; the digits are then
    split by the default widths (one and two).
    """

    code: codes.TableCode
    domain: Domain | None
    subdomain: Subdomain | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What only the registry's YAML can say; the defaults of SpecQL where there is none."""

    schema_layers: Mapping[str, str] = field(default_factory=lambda: dict(codes.DEFAULT_LAYERS))
    reserved_codes: frozenset[str] = frozenset(codes.DEFAULT_RESERVED_CODES)
    subdomain_inference: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Domain name → subdomain name → substrings of the lower-cased entity name."""


class Snapshot:
    """A registry as it was at one moment, with its indexes. Never changes."""

    def __init__(self, domains: Iterable[Domain], rules: Rules | None = None) -> None:
        self.domains: tuple[Domain, ...] = tuple(domains)
        self.rules: Rules = rules or Rules()
        # By the digits before the sequence: what files use changes with each keystroke, this never does.
        self._unregistered: dict[str, list[tuple[str, int]]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.domains == other.domains and self.rules == other.rules

    __hash__ = None  # type: ignore[assignment]

    def with_rules(self, rules: Rules) -> Snapshot:
        """The same domains under other rules."""
        return Snapshot(self.domains, rules)

    @lazily
    def _domain_by_key(self) -> dict[str, Domain]:
        by_key: dict[str, Domain] = {}
        for domain in self.domains:
            for alias in domain.aliases:
                by_key.setdefault(alias.lower(), domain)
        for domain in reversed(self.domains):
            by_key[domain.name.lower()] = domain
        return by_key

    @lazily
    def _domain_by_number(self) -> dict[str, Domain]:
        return {domain.number.upper(): domain for domain in reversed(self.domains)}

    @lazily
    def _by_code(self) -> dict[str, list[Registration]]:
        return _indexed(self.registrations(), _code_key)

    @lazily
    def _by_entity(self) -> dict[str, list[Registration]]:
        return _indexed(self.registrations(), _name_key)

    def registrations(self) -> Iterator[Registration]:
        """Every registered entity with its place."""
        return _registrations((domain, subdomain) for domain in self.domains for subdomain in domain.subdomains)

    @lazily
    def names_text(self) -> str:
        """The names of all registered entities in lower case, a line each, with a line break at both ends."""
        return "\n".join(["", *self._by_entity, ""])

    @lazily
    def entity_counts(self) -> dict[str, int]:
        """How many entities each domain has, by its number as written."""
        return {domain.number: domain.entity_count for domain in self.domains}

    def with_domain(self, domain: Domain) -> Snapshot:
        """The snapshot with another domain in the place of the one with its number (as written)."""
        return Snapshot((domain if d.number == domain.number else d for d in self.domains), self.rules)

    def with_domains(self, domains: Iterable[Domain]) -> Snapshot:
        """The snapshot with other domains under the same rules; what stays of the indexes is taken over."""
        after = Snapshot(domains, self.rules)
        if "_by_code" in self.__dict__ and "_by_entity" in self.__dict__:
            same = {id(domain) for domain in self.domains}.intersection(map(id, after.domains))
            before = _places(domain for domain in self.domains if id(domain) not in same)
            now = _places(domain for domain in after.domains if id(domain) not in same)
            gone = [place for key, place in before.items() if key not in now]
            come = [place for key, place in now.items() if key not in before]
            after._by_code = _moved(self._by_code, gone, come, _code_key, after)
            after._by_entity = _moved(self._by_entity, gone, come, _name_key, after)
        return after

    def warm(self) -> Snapshot:
        """Builds the indexes now (on the loading thread) and returns the snapshot itself."""
        _ = (self._domain_by_key, self._domain_by_number, self._by_code, self._by_entity)
        return self

    @property
    def subdomain_count(self) -> int:
        """How many subdomains all domains have together."""
        return sum(len(domain.subdomains) for domain in self.domains)

    @property
    def entity_count(self) -> int:
        """How many entities are registered."""
        return sum(domain.entity_count for domain in self.domains)

    def domain_named(self, name: str) -> Domain | None:
        """The domain with that name or, failing that, that alias; case does not matter."""
        return self._domain_by_key.get(name.lower())

    def domain_numbered(self, number: str) -> Domain | None:
        """The domain with that number; case does not matter."""
        return self._domain_by_number.get(number.upper())

    def domain(self, number_or_name: str) -> Domain | None:
        """The domain with that number, else with that name or alias."""
        return self.domain_numbered(number_or_name) or self.domain_named(number_or_name)

    def by_code(self, code: str) -> tuple[Registration, ...]:
        """The registrations of a table code (real registries have some more than once); case does not matter."""
        return tuple(self._by_code.get(codes.normalize(code), ()))

    def by_entity(self, name: str) -> tuple[Registration, ...]:
        """The registrations of an entity's name in any domain; case does not matter."""
        return tuple(self._by_entity.get(name.lower(), ()))

    def registration(self, domain: Domain, entity_name: str) -> Registration | None:
        """The registration of an entity in one domain; the first where there are several."""
        number = domain.number.upper()
        return next((r for r in self.by_entity(entity_name) if r.domain.number.upper() == number), None)

    def is_reserved(self, code: str) -> bool:
        """Whether the code is never given out."""
        return codes.normalize(code) in self.rules.reserved_codes

    def parts(self, code: str) -> CodeParts | None:
        """The parts of a well-formed code by this registry's numbers, longest first; None where it is malformed."""
        text = codes.normalize(code)
        if not codes.is_well_formed(text):
            return None
        rest = text[codes.LAYER_LENGTH :]
        domain = _longest_prefix(rest, self.domains)
        width = len(domain.number) if domain else 1
        subdomain = _longest_prefix(rest[width:], domain.subdomains) if domain else None
        if subdomain and width + len(subdomain.number) >= len(rest):
            subdomain = None
        if subdomain is None and domain and any(len(s.number) == 1 for s in domain.subdomains):
            subdomain_digits = 1
        else:
            subdomain_digits = len(subdomain.number) if subdomain else min(2, len(rest) - width - 1)
        if subdomain_digits < 1:
            return None
        split = codes.split(text, domain_digits=width, subdomain_digits=subdomain_digits)
        return CodeParts(split, domain, subdomain)

    def inferred_subdomain(self, domain: Domain, entity_name: str) -> Subdomain | None:
        """The subdomain that SpecQL would take for an entity of ``domain`` (see ``infer_subdomain``)."""
        patterns = self.rules.subdomain_inference.get(domain.name, {})
        name = infer_subdomain(entity_name, [s.name for s in domain.subdomains], patterns)
        return next((s for s in domain.subdomains if s.name == name), None)

    def free_sequences(
        self,
        domain: Domain,
        subdomain: Subdomain,
        *,
        layer: str = codes.WRITE_LAYER,
        used: Container[str] = (),
    ) -> list[int]:
        """The sequences of a subdomain that can be given out, lowest first.

        Args:
            domain: the domain of this snapshot.
            subdomain: one of its subdomains.
            layer: the schema layer of the codes.
            used: codes that are taken although the registry does not know it (by files), upper case.

        A sequence is free when its code is neither registered, reserved nor used.
        """
        prefix = layer + domain.number.upper() + subdomain.number.upper()
        unregistered = self._unregistered.get(prefix)
        if unregistered is None:
            known, reserved = self._by_code, self.rules.reserved_codes
            unregistered = self._unregistered[prefix] = [
                (code, sequence)
                for sequence, digits in enumerate(codes.sequence_digits(len(prefix)), 1)
                if (code := prefix + digits) not in known and code not in reserved
            ]
        return [sequence for code, sequence in unregistered if code not in used]


_Index = dict[str, list[Registration]]
_IndexKey = Callable[[Registration], str]


def _code_key(registration: Registration) -> str:
    return codes.normalize(registration.entity.table_code)


def _name_key(registration: Registration) -> str:
    return registration.entity.name.lower()


def _indexed(registrations: Iterable[Registration], key: _IndexKey) -> _Index:
    index: _Index = {}
    for registration in registrations:
        index.setdefault(key(registration), []).append(registration)
    return index


_Place = tuple[Domain, Subdomain]


def _places(domains: Iterable[Domain]) -> dict[tuple[str, int], _Place]:
    """Every subdomain with its domain, by that domain's number and the object that it is."""
    return {(domain.number, id(s)): (domain, s) for domain in domains for s in domain.subdomains}


def _registrations(places: Iterable[_Place]) -> Iterator[Registration]:
    for domain, subdomain in places:
        for entity in subdomain.entities:
            yield Registration(domain, subdomain, entity)


def _moved(index: _Index, gone: Sequence[_Place], come: Sequence[_Place], key: _IndexKey, after: Snapshot) -> _Index:
    """An index without the registrations of some subdomains and with those of others, in the order of the snapshot."""
    if not gone and not come:
        return index
    order = {domain.number: position for position, domain in enumerate(after.domains)}
    left = {id(subdomain) for _, subdomain in gone}
    new = _indexed(_registrations(come), key)
    moved = index.copy()
    for name in {key(registration) for registration in _registrations(gone)} | new.keys():
        kept = [r for r in index.get(name, ()) if id(r.subdomain) not in left]
        found = [*kept, *new.get(name, ())]
        if len(found) > 1:
            found.sort(key=lambda r: (order[r.domain.number], r.subdomain.number))
        if found:
            moved[name] = found
        else:
            del moved[name]
    return moved


_Numbered = TypeVar("_Numbered", Domain, Subdomain)


def _longest_prefix(text: str, candidates: Iterable[_Numbered]) -> _Numbered | None:
    best: _Numbered | None = None
    for candidate in candidates:
        if text.startswith(candidate.number.upper()) and (best is None or len(candidate.number) > len(best.number)):
            best = candidate
    return best


class DiscrepancyType(Enum):
    """The nine ways in which PostgreSQL and YAML can differ."""

    MISSING_IN_POSTGRESQL = "missing_in_postgresql"
    MISSING_IN_YAML = "missing_in_yaml"
    DOMAIN_ATTRIBUTE_MISMATCH = "domain_attribute_mismatch"
    MISSING_SUBDOMAIN_IN_POSTGRESQL = "missing_subdomain_in_postgresql"
    MISSING_SUBDOMAIN_IN_YAML = "missing_subdomain_in_yaml"
    SUBDOMAIN_ATTRIBUTE_MISMATCH = "subdomain_attribute_mismatch"
    MISSING_ENTITY_IN_POSTGRESQL = "missing_entity_in_postgresql"
    MISSING_ENTITY_IN_YAML = "missing_entity_in_yaml"
    ENTITY_ATTRIBUTE_MISMATCH = "entity_attribute_mismatch"

    @property
    def diagnostic_code(self) -> str:
        """The code of the diagnostic that shows it."""
        return self.value.replace("_", "-")


Value = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference between the two registries. Numbers and names are those of the side that has the thing."""

    type: DiscrepancyType
    domain: str
    """The domain's number."""
    subdomain: str | None = None
    """The subdomain's number."""
    entity: str | None = None
    attribute: str | None = None
    """The attribute as the YAML names it, or ``sequence``."""
    postgresql_value: Value = None
    yaml_value: Value = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the answers come from, since when, how fresh they are, and why not from a better source."""

    source: Source = Source.NONE
    writable: bool = False
    stale: bool = False
    reason: str = "The registry has not been read yet."
    """A sentence for a person; never holds a password. Empty where the first choice answers."""
    since: datetime | None = None
    """When this source began to answer (UTC)."""
    loaded_at: datetime | None = None
    """When the snapshot was last confirmed (UTC)."""
    server: str | None = None
    """Host, port and database, without user's password."""
    listening: bool = False
    """Whether the database tells of its changes; otherwise they are seen when it is read again."""
    url_origin: UrlOrigin = NO_URL_ORIGIN
    """Where the URL of the database comes from that is, or is to be, asked."""


@dataclass(frozen=True, slots=True)
class RegistryState:
    """All that features may know of the registry at one moment."""

    provenance: Provenance = field(default_factory=Provenance)
    snapshot: Snapshot | None = None
    """What answers; None when no registry can be read: unavailable is not empty."""
    yaml: Snapshot | None = None
    """The YAML side, where it can be read."""
    discrepancies: tuple[Discrepancy, ...] | None = None
    """What differs between PostgreSQL and YAML; None where the two cannot be compared."""


class RefusalKind(Enum):
    """Why a command is refused (the ``kind`` in an error's data)."""

    REGISTRY_READ_ONLY = "registry-read-only"
    REGISTRY_UNAVAILABLE = "registry-unavailable"
    UNKNOWN_DOMAIN = "unknown-domain"
    UNKNOWN_SUBDOMAIN = "unknown-subdomain"
    ALREADY_REGISTERED = "already-registered"
    CODE_TAKEN = "code-taken"
    CODE_RESERVED = "code-reserved"
    SUBDOMAIN_FULL = "subdomain-full"
    INVALID_ARGUMENT = "invalid-argument"
    CONFLICT = "conflict"


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """A command was refused and nothing was changed. The message is a sentence for the user, without secrets."""

    def __init__(self, kind: RefusalKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Allocation:
    """The answer to an allocation."""

    entity: str
    table_code: str
    entity_code: str
    domain: Domain
    subdomain: Subdomain
    sequence: int
    created: bool
    """False when the entity had the code before."""
