"""A registry as it was at one moment, with its indexes. Immutable, so that threads can share it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import infer_subdomain
from specql_lsp.lazily import lazily
from specql_lsp.registry.model import Domain, Entity, LeasedCode, Registration, Rules, Subdomain

_NOTHING_LEASED: Mapping[str, LeasedCode] = {}


class CodeParts(NamedTuple):
    """A table code split by the numbers of a registry.

    ``domain`` and ``subdomain`` are None if no domain or subdomain has these digits; the digits are then split by the
    default widths (one and two).
    """

    code: codes.TableCode
    domain: Domain | None
    subdomain: Subdomain | None


class Snapshot:
    """A registry as it was at one moment, with its indexes. Immutable."""

    def __init__(
        self,
        domains: Iterable[Domain],
        rules: Rules | None = None,
        leased: Mapping[str, LeasedCode] = _NOTHING_LEASED,
    ) -> None:
        self.domains: tuple[Domain, ...] = tuple(domains)
        self.rules: Rules = rules or Rules()
        self.leased: Mapping[str, LeasedCode] = leased
        # By the digits before the sequence. Independent of the files, whose used codes change with each keystroke.
        self._unregistered: dict[str, list[tuple[str, int]]] = {}
        # The domains and the indexes of a snapshot before this one, from which those of this one are built.
        self._basis: tuple[tuple[Domain, ...], _Indexes] | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Snapshot)
            and self.domains == other.domains
            and self.rules == other.rules
            and self.leased == other.leased
        )

    __hash__ = None  # type: ignore[assignment]

    def with_rules(self, rules: Rules) -> Snapshot:
        """The same domains under other rules."""
        return self._derived(self.domains, rules, self.leased)

    def with_leased(self, leased: Mapping[str, LeasedCode]) -> Snapshot:
        """The same registry with other codes leased, by the codes in upper case; it has the same indexes."""
        if leased == self.leased:
            return self
        after = self._derived(self.domains, self.rules, leased)
        indexes = self.__dict__.copy()  # in one step: another thread may add one
        after.__dict__.update((name, index) for name, index in indexes.items() if name not in after.__dict__)
        return after

    def _derived(self, domains: Iterable[Domain], rules: Rules, leased: Mapping[str, LeasedCode]) -> Snapshot:
        after = Snapshot(domains, rules, leased)
        indexes = self.__dict__.get("_indexes")
        after._basis = self._basis if indexes is None else (self.domains, indexes)
        return after

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

    @property
    def _by_code(self) -> _Index:
        return self._indexes.by_code

    @property
    def _by_entity(self) -> _Index:
        return self._indexes.by_entity

    @lazily
    def _indexes(self) -> _Indexes:
        basis = self._basis
        if basis is None:
            registrations = list(self.registrations())
            return _Indexes(_indexed(registrations, _code_key), _indexed(registrations, _name_key))
        domains, known = basis
        self._basis = None  # else each snapshot would keep one before it, and that one the next
        same = {id(domain) for domain in domains}.intersection(map(id, self.domains))
        before = _locations(domain for domain in domains if id(domain) not in same)
        now = _locations(domain for domain in self.domains if id(domain) not in same)
        removed = [location for key, location in before.items() if key not in now]
        added = list(_registrations(location for key, location in now.items() if key not in before))
        return _Indexes(
            _updated_index(known.by_code, removed, added, _code_key, self),
            _updated_index(known.by_entity, removed, added, _name_key, self),
        )

    def registrations(self) -> Iterator[Registration]:
        """Every registered entity with its domain and subdomain."""
        return _registrations(self._places())

    def _places(self) -> Iterator[_Location]:
        return ((domain, subdomain) for domain in self.domains for subdomain in domain.subdomains)

    @lazily
    def names_text(self) -> str:
        """The names of all registered entities in lower case, one per line, with a line break at both ends."""
        return "\n".join(["", *self._by_entity, ""])

    @lazily
    def entity_counts(self) -> dict[str, int]:
        """How many entities each domain has, by its number as written."""
        return {domain.number: domain.entity_count for domain in self.domains}

    def with_domain(self, domain: Domain) -> Snapshot:
        """The snapshot with ``domain`` instead of the domain with the same number (as written)."""
        return self.with_domains(domain if d.number == domain.number else d for d in self.domains)

    def with_domains(self, domains: Iterable[Domain]) -> Snapshot:
        """The snapshot with other domains and the same rules.

        Its indexes are built when they are first asked for, from those of the last snapshot before it that has them.
        """
        return self._derived(domains, self.rules, self.leased)

    def warm(self) -> Snapshot:
        """Builds the indexes now, on the calling thread, and returns the snapshot itself."""
        _ = (self._domain_by_key, self._domain_by_number, self._indexes)
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
        """The domain with that name, else with that alias. Ignores case."""
        return self._domain_by_key.get(name.lower())

    def domain_numbered(self, number: str) -> Domain | None:
        """The domain with that number. Ignores case."""
        return self._domain_by_number.get(number.upper())

    def domain(self, number_or_name: str) -> Domain | None:
        """The domain with that number, else with that name or alias."""
        return self.domain_numbered(number_or_name) or self.domain_named(number_or_name)

    def by_code(self, code: str) -> tuple[Registration, ...]:
        """The registrations of a table code (real registries have some more than once). Ignores case."""
        return tuple(self._by_code.get(codes.normalize(code), ()))

    def by_entity(self, name: str) -> tuple[Registration, ...]:
        """The registrations of an entity name in all domains. Ignores case."""
        return tuple(self._by_entity.get(name.lower(), ()))

    def registration(self, domain: Domain, entity_name: str) -> Registration | None:
        """The registration of an entity in one domain; the first of several."""
        number = domain.number.upper()
        return next((r for r in self.by_entity(entity_name) if r.domain.number.upper() == number), None)

    def is_reserved(self, code: str) -> bool:
        """Whether the code is reserved, so that it is never allocated."""
        return codes.normalize(code) in self.rules.reserved_codes

    def is_withheld(self, code: str) -> bool:
        """Whether the code is in an unresolved merge conflict of the YAML, so that it is not allocated now."""
        return codes.normalize(code) in self.rules.withheld_codes

    def lease_of(self, code: str) -> LeasedCode | None:
        """The lease of a code, as far as it is known; it is not allocated as long as that lasts."""
        return self.leased.get(codes.normalize(code))

    def parts(self, code: str) -> CodeParts | None:
        """The parts of a well-formed code by this registry's numbers, longest match first; None if it is malformed."""
        text = codes.normalize(code)
        if not codes.is_well_formed(text):
            return None
        rest = text[codes.LAYER_LENGTH :]
        domain = self._domains_by_prefix.longest(rest)
        width = len(domain.number) if domain else 1
        subdomains = self._subdomains_by_prefix[id(domain)] if domain else _NO_SUBDOMAINS
        subdomain = subdomains.longest(rest[width:])
        if subdomain and width + len(subdomain.number) >= len(rest):
            subdomain = None
        if subdomain is None and 1 in subdomains.widths:
            subdomain_digits = 1
        else:
            subdomain_digits = len(subdomain.number) if subdomain else min(2, len(rest) - width - 1)
        if subdomain_digits < 1:
            return None
        split = codes.split(text, domain_digits=width, subdomain_digits=subdomain_digits)
        return CodeParts(split, domain, subdomain)

    @lazily
    def _domains_by_prefix(self) -> _Prefixes[Domain]:
        return _Prefixes(self.domains)

    @lazily
    def _subdomains_by_prefix(self) -> dict[int, _Prefixes[Subdomain]]:
        """By the identity of the domain, as several may have one number."""
        return {id(domain): _Prefixes(domain.subdomains) for domain in self.domains}

    def inferred_subdomain(self, domain: Domain, entity_name: str) -> Subdomain | None:
        """The subdomain that SpecQL would take for an entity of ``domain`` (see ``infer_subdomain``)."""
        patterns = self.rules.subdomain_inference.get(domain.name, {})
        name = infer_subdomain(entity_name, [s.name for s in domain.subdomains], patterns)
        return next((s for s in domain.subdomains if s.name == name), None)

    def leased_in(self, domain: Domain, subdomain: Subdomain, layer: str = codes.WRITE_LAYER) -> list[LeasedCode]:
        """The leased codes of a subdomain, in their order."""
        prefix = layer + domain.number.upper() + subdomain.number.upper()
        return [self.leased[code] for code in sorted(self.leased) if code.startswith(prefix)]

    def free_sequences(
        self,
        domain: Domain,
        subdomain: Subdomain,
        *,
        layer: str = codes.WRITE_LAYER,
        used: Container[str] = (),
    ) -> list[int]:
        """The sequences of a subdomain that can be allocated, lowest first.

        Args:
            domain: the domain of this snapshot.
            subdomain: one of its subdomains.
            layer: the schema layer of the codes.
            used: codes, in upper case, that files use although the registry does not have them.

        A sequence is free when its code is neither registered, reserved, withheld, leased nor used.
        """
        prefix = layer + domain.number.upper() + subdomain.number.upper()
        unregistered = self._unregistered.get(prefix)
        if unregistered is None:
            unregistered = self._unregistered[prefix] = [
                each for each in self.assignable_codes(domain, subdomain, layer=layer) if each[0] not in self._by_code
            ]
        return [sequence for code, sequence in unregistered if code not in used]

    def assignable_codes(
        self, domain: Domain, subdomain: Subdomain, *, layer: str = codes.WRITE_LAYER, used: Container[str] = ()
    ) -> list[tuple[str, int]]:
        """The codes of a subdomain that can be allocated unless they are registered, with their sequences.

        They come in the order in which they are given out, and are neither reserved, withheld, leased nor used.

        Args: as of ``free_sequences``.
        """
        prefix = layer + domain.number.upper() + subdomain.number.upper()
        kept_back = self.kept_back(prefix)
        return [
            (code, sequence)
            for sequence, digits in enumerate(codes.sequence_digits(len(prefix)), 1)
            if (code := prefix + digits) not in kept_back and code not in used
        ]

    def kept_back(self, prefix: str, used: frozenset[str] = frozenset()) -> frozenset[str]:
        """The codes behind a prefix, both in upper case, that are reserved, withheld, leased or used."""
        behind = codes.codes_behind(prefix)
        held = behind.intersection((*self.rules.reserved_codes, *self.rules.withheld_codes, *self.leased))
        return held | (behind & used)


_Index = dict[str, list[Registration]]


class _Indexes(NamedTuple):
    by_code: _Index
    by_entity: _Index


_IndexKey = Callable[[Entity], str]
_Location = tuple[Domain, Subdomain]


def _code_key(entity: Entity) -> str:
    return codes.normalize(entity.table_code)


def _name_key(entity: Entity) -> str:
    return entity.name.lower()


def _registrations(locations: Iterable[_Location]) -> Iterator[Registration]:
    return (Registration(domain, subdomain, entity) for domain, subdomain in locations for entity in subdomain.entities)


def _indexed(registrations: Iterable[Registration], key: _IndexKey) -> _Index:
    index: _Index = {}
    for registration in registrations:
        index.setdefault(key(registration.entity), []).append(registration)
    return index


def _locations(domains: Iterable[Domain]) -> dict[tuple[str, int], _Location]:
    """Every subdomain with its domain, by that domain's number and the object that it is."""
    return {(domain.number, id(s)): (domain, s) for domain in domains for s in domain.subdomains}


def _updated_index(
    index: _Index, removed: Sequence[_Location], added: Sequence[Registration], key: _IndexKey, after: Snapshot
) -> _Index:
    """An index without the registrations of some subdomains and with those of others, in the order of the snapshot."""
    if not removed and not added:
        return index
    left = {id(subdomain) for _, subdomain in removed}
    keys = {id(entity): key(entity) for _, subdomain in removed for entity in subdomain.entities}
    updated = index.copy()
    for name in set(keys.values()):
        found = updated.pop(name)
        if len(found) > 1:
            kept = [r for r in found if id(r.subdomain) not in left]
            if kept:
                updated[name] = kept
    shared: set[str] = set()
    for registration in added:
        name = keys.get(id(registration.entity)) or key(registration.entity)  # most entities are those of before
        if name in updated:
            updated[name] = [*updated[name], registration]
            shared.add(name)
        else:
            updated[name] = [registration]
    if shared:
        order = {domain.number: position for position, domain in enumerate(after.domains)}
        for name in shared:
            updated[name].sort(key=lambda r: (order[r.domain.number], r.subdomain.number))
    return updated


_Numbered = TypeVar("_Numbered", Domain, Subdomain)


class _Prefixes(Generic[_Numbered]):
    """Domains or subdomains by their numbers, which codes have one after the other.

    Attributes:
        widths: how many digits the numbers have.
    """

    __slots__ = ("_by_number", "_descending", "widths")

    def __init__(self, candidates: Iterable[_Numbered]) -> None:
        self._by_number: dict[str, _Numbered] = {}
        for candidate in candidates:
            self._by_number.setdefault(candidate.number.upper(), candidate)
        self.widths = frozenset(map(len, self._by_number))
        self._descending = sorted(self.widths, reverse=True)

    def longest(self, text: str) -> _Numbered | None:
        """What has the longest number that a text begins with, the first of several; None where nothing has."""
        found = (self._by_number.get(text[:width]) for width in self._descending if width <= len(text))
        return next(filter(None, found), None)


_NO_SUBDOMAINS: _Prefixes[Subdomain] = _Prefixes(())
