"""What the check of one file asks about other files and the registry, written down: hit or miss.

A check gets a ``recorded`` analysis. It answers like the one that it records; each query notes a key first. When what
is behind a key changes, the files that looked it up are checked again, and no others.

A ``Domain`` that a look-up gave answers for what ``changed_keys.frame_of`` returns, without further look-ups. The
entities in it are asked of the snapshot, by name or code.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NoReturn, TypeAlias

from specql_lsp.index.library import LibraryFacts, PatternFacts, ServiceFacts
from specql_lsp.index.summary import EntityFacts, FieldFacts, FileSummary
from specql_lsp.index.symbols import Key, Place, SymbolKind, code_key, entity_key, field_key
from specql_lsp.index.workspace_index import Definition, WorkspaceIndex
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, LeasedCode, Registration, Rules, Subdomain
from specql_lsp.registry.snapshot import CodeParts, Snapshot
from specql_lsp.registry.state import Discrepancy, RegistryState
from specql_lsp.workspace.analysis import Analysis


class LookupKind(StrEnum):
    """What a key is about."""

    REGISTRY = "registry"
    """Whether a registry can be read at all. Every check depends on it."""
    RULES = "rules"
    """What only the YAML says: layers, reserved codes, inference."""
    DOMAINS = "domains"
    """The list of domains with their frames."""
    DOMAIN = "domain"
    """A domain by its number, name or alias."""
    DOMAIN_DIGIT = "domain-digit"
    """The domains whose number begins with a digit."""
    REGISTERED_NAME = "registered-name"
    REGISTERED_CODE = "registered-code"
    REGISTERED_PLACE = "registered-place"
    """Where the registry's YAML has an entity: the numbers of its domain and subdomain, and its name."""
    REGISTRATIONS = "registrations"
    """Anything that is registered."""
    DISCREPANCIES = "discrepancies"
    """What differs between PostgreSQL and YAML."""
    FILE = "file"
    """What a file defines, by its URI."""
    FIELDS = "fields"
    """The fields of the entities that a file defines, by its URI."""
    FILES = "files"
    """What any file defines."""
    ALL_READ = "all-read"
    """Whether every file of the folder has been read."""
    NAMES = "names"
    """Which names of entities there are."""
    NAME = "name"
    """The entities of a name, with their places."""
    SCHEMA = "schema"
    """The entities of a schema."""
    FOLDER = "folder"
    """The entities of the files in a folder."""
    PATTERN = "pattern"
    """An action pattern of the workspace by its name."""
    PATTERNS = "patterns"
    """Which action patterns there are."""
    SERVICE = "service"
    """A service by its name."""
    SERVICES = "services"
    """Which services there are."""
    USERS = "users"
    """The files that use a name."""


LookupKey: TypeAlias = tuple[str, ...] | Key
"""A ``LookupKind`` and what was looked up, or a name of the workspace."""

_Record = Callable[[LookupKey], None]

REGISTRY: LookupKey = (LookupKind.REGISTRY,)
RULES: LookupKey = (LookupKind.RULES,)
DOMAINS: LookupKey = (LookupKind.DOMAINS,)
REGISTRATIONS: LookupKey = (LookupKind.REGISTRATIONS,)
DISCREPANCIES: LookupKey = (LookupKind.DISCREPANCIES,)
FILES: LookupKey = (LookupKind.FILES,)
ALL_READ: LookupKey = (LookupKind.ALL_READ,)
NAMES: LookupKey = (LookupKind.NAMES,)
PATTERNS: LookupKey = (LookupKind.PATTERNS,)
SERVICES: LookupKey = (LookupKind.SERVICES,)


def users_key(key: Key) -> LookupKey:
    """The key of the files that use a name."""
    # Who uses an entity is one answer, whatever the schema before its name.
    return (LookupKind.USERS, key.kind.value, key.name, "" if key.kind is SymbolKind.ENTITY else key.owner)


def recorded(analysis: Analysis) -> tuple[Analysis, set[LookupKey]]:
    """An analysis that writes down what it is asked, and the keys: they grow as it is asked."""
    looked_up: set[LookupKey] = {REGISTRY}
    snapshot = analysis.snapshot
    return (
        _RecordedAnalysis(
            settings=analysis.settings,
            registry=RegistryState(
                analysis.registry.provenance,
                RecordedSnapshot(snapshot, looked_up.add) if snapshot is not None else None,
            ),
            index=RecordedIndex(analysis.index, looked_up.add),
            has_read_all=analysis.has_read_all,
            recording=analysis,
            record=looked_up.add,
        ),
        looked_up,
    )


@dataclass(frozen=True, slots=True)
class _RecordedAnalysis(Analysis):
    recording: Analysis = field(default_factory=Analysis)
    record: _Record = field(default=lambda _: None)

    @property
    def discrepancies(self) -> tuple[Discrepancy, ...] | None:
        self.record(DISCREPANCIES)
        return self.recording.discrepancies

    def knows_all_files(self) -> bool:
        self.record(ALL_READ)
        return self.recording.has_read_all

    def registered_place(self, domain: str, subdomain: str, entity: str) -> Place | None:
        self.record((LookupKind.REGISTERED_PLACE, domain, subdomain, entity))
        return self.recording.registered_place(domain, subdomain, entity)

    def without_files(self) -> Analysis:
        return replace(self, index=WorkspaceIndex(), recording=self.recording.without_files())


class RecordedIndex(WorkspaceIndex):
    """An index that writes down what it is asked. It is never changed."""

    __slots__ = ("_inner", "_record")

    def __init__(self, inner: WorkspaceIndex, record: _Record) -> None:
        self._inner = inner
        self._record = record

    def put_all(self, files: Mapping[str, FileSummary | None]) -> NoReturn:  # noqa: D102
        raise TypeError("A check never changes the index.")

    def __len__(self) -> int:
        self._record(FILES)
        return len(self._inner)

    def get(self, uri: str) -> FileSummary | None:  # noqa: D102
        self._record((LookupKind.FILE, uri))
        return self._inner.get(uri)

    def entity(self, uri: str) -> EntityFacts | None:  # noqa: D102
        self._record((LookupKind.FILE, uri))
        return self._inner.entity(uri)

    def users(self, key: Key) -> tuple[str, ...]:  # noqa: D102
        self._record(users_key(key))
        return self._inner.users(key)

    @property
    def uris(self) -> tuple[str, ...]:  # noqa: D102
        self._record(FILES)
        return self._inner.uris

    def all(self) -> Iterator[EntityFacts]:  # noqa: D102
        self._record(FILES)
        return self._inner.all()

    @property
    def names_text(self) -> str:  # noqa: D102
        self._record(NAMES)
        return self._inner.names_text

    @property
    def member_names_text(self) -> str:  # noqa: D102
        self._record(FILES)
        return self._inner.member_names_text

    def in_folder(self, folder: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record((LookupKind.FOLDER, folder))
        return self._inner.in_folder(folder)

    def in_schema(self, schema: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record((LookupKind.SCHEMA, schema.lower()))
        return self._inner.in_schema(schema)

    def named(self, name: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record((LookupKind.NAME, name.lower()))
        return self._inner.named(name)

    def schemas_of(self, name: str) -> tuple[str, ...]:  # noqa: D102
        self._record(entity_key(name))
        return self._inner.schemas_of(name)

    def defining(self, name: str, schema: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record(entity_key(name, schema))
        return self._inner.defining(name, schema)

    def definitions(self, name: str) -> tuple[Definition, ...]:  # noqa: D102
        self._record(entity_key(name))
        return self._inner.definitions(name)

    def field(self, entity: Definition, name: str) -> FieldFacts | None:  # noqa: D102
        found = self._inner.field(entity, name)
        # A field that is missing may be added in whatever case, which a key does not say.
        missing: LookupKey = (LookupKind.FIELDS, entity.uri)
        self._record(field_key(found.name, entity.name, entity.schema) if found is not None else missing)
        return found

    def fields(self, entity: Definition) -> tuple[FieldFacts, ...]:  # noqa: D102
        self._record((LookupKind.FIELDS, entity.uri))
        return self._inner.fields(entity)

    def pattern(self, name: str) -> PatternFacts | None:  # noqa: D102
        self._record((LookupKind.PATTERN, name))
        return self._inner.pattern(name)

    def pattern_names(self) -> tuple[str, ...]:  # noqa: D102
        self._record(PATTERNS)
        return self._inner.pattern_names()

    def service(self, name: str) -> ServiceFacts | None:  # noqa: D102
        self._record((LookupKind.SERVICE, name.lower()))
        return self._inner.service(name)

    def service_names(self) -> tuple[str, ...]:  # noqa: D102
        self._record(SERVICES)
        return self._inner.service_names()

    def libraries(self) -> Iterator[LibraryFacts]:  # noqa: D102
        self._record(FILES)
        return self._inner.libraries()

    def with_action(self, name: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record(FILES)
        return self._inner.with_action(name)

    def using_code(self, code: str) -> tuple[EntityFacts, ...]:  # noqa: D102
        self._record(code_key(code))
        return self._inner.using_code(code)

    def codes(self) -> KeysView[str]:  # noqa: D102
        self._record(FILES)
        return self._inner.codes()


class RecordedSnapshot(Snapshot):
    """A snapshot that writes down what it is asked."""

    def __init__(self, inner: Snapshot, record: _Record) -> None:
        self._inner = inner
        self._record = record

    def __eq__(self, other: object) -> bool:
        self._all()
        return self._inner == other

    __hash__ = None

    def _all(self) -> None:
        for key in (RULES, DOMAINS, REGISTRATIONS):
            self._record(key)

    # The base class has these as attributes: they are set once.
    @property
    def domains(self) -> tuple[Domain, ...]:  # type: ignore[override]  # noqa: D102
        self._record(DOMAINS)
        return self._inner.domains

    @property
    def rules(self) -> Rules:  # type: ignore[override]  # noqa: D102
        self._record(RULES)
        return self._inner.rules

    @property
    def leased(self) -> Mapping[str, LeasedCode]:  # type: ignore[override]  # noqa: D102
        self._all()
        return self._inner.leased

    def with_leased(self, leased: Mapping[str, LeasedCode]) -> Snapshot:  # noqa: D102
        self._all()
        return self._inner.with_leased(leased)

    def with_rules(self, rules: Rules) -> Snapshot:  # noqa: D102
        self._all()
        return self._inner.with_rules(rules)

    def with_domain(self, domain: Domain) -> Snapshot:  # noqa: D102
        self._all()
        return self._inner.with_domain(domain)

    def with_domains(self, domains: Iterable[Domain]) -> Snapshot:  # noqa: D102
        self._all()
        return self._inner.with_domains(domains)

    def registrations(self) -> Iterator[Registration]:  # noqa: D102
        self._all()
        return self._inner.registrations()

    @property
    def names_text(self) -> str:  # noqa: D102
        self._record(REGISTRATIONS)
        return self._inner.names_text

    @property
    def entity_counts(self) -> dict[str, int]:  # noqa: D102
        self._all()
        return self._inner.entity_counts

    @property
    def subdomain_count(self) -> int:  # noqa: D102
        self._record(DOMAINS)
        return self._inner.subdomain_count

    @property
    def entity_count(self) -> int:  # noqa: D102
        self._all()
        return self._inner.entity_count

    def warm(self) -> Snapshot:  # noqa: D102
        return self

    def domain_named(self, name: str) -> Domain | None:  # noqa: D102
        self._record((LookupKind.DOMAIN, name.lower()))
        return self._inner.domain_named(name)

    def domain_numbered(self, number: str) -> Domain | None:  # noqa: D102
        self._record((LookupKind.DOMAIN, number.lower()))
        return self._inner.domain_numbered(number)

    def domain(self, number_or_name: str) -> Domain | None:  # noqa: D102
        self._record((LookupKind.DOMAIN, number_or_name.lower()))
        return self._inner.domain(number_or_name)

    def by_code(self, code: str) -> tuple[Registration, ...]:  # noqa: D102
        self._record((LookupKind.REGISTERED_CODE, codes.normalize(code)))
        return self._inner.by_code(code)

    def by_entity(self, name: str) -> tuple[Registration, ...]:  # noqa: D102
        self._record((LookupKind.REGISTERED_NAME, name.lower()))
        return self._inner.by_entity(name)

    def registration(self, domain: Domain, entity_name: str) -> Registration | None:  # noqa: D102
        self._record((LookupKind.REGISTERED_NAME, entity_name.lower()))
        return self._inner.registration(domain, entity_name)

    def is_reserved(self, code: str) -> bool:  # noqa: D102
        self._record(RULES)
        return self._inner.is_reserved(code)

    def lease_of(self, code: str) -> LeasedCode | None:  # noqa: D102
        self._record((LookupKind.REGISTERED_CODE, codes.normalize(code)))
        return self._inner.lease_of(code)

    def is_withheld(self, code: str) -> bool:  # noqa: D102
        self._record(RULES)
        return self._inner.is_withheld(code)

    def parts(self, code: str) -> CodeParts | None:  # noqa: D102
        digit = codes.normalize(code)[codes.LAYER_LENGTH : codes.LAYER_LENGTH + 1]
        self._record((LookupKind.DOMAIN_DIGIT, digit))
        return self._inner.parts(code)

    def inferred_subdomain(self, domain: Domain, entity_name: str) -> Subdomain | None:  # noqa: D102
        self._record(RULES)
        return self._inner.inferred_subdomain(domain, entity_name)

    def assignable_codes(  # noqa: D102
        self, domain: Domain, subdomain: Subdomain, *, layer: str = codes.WRITE_LAYER, used: Container[str] = ()
    ) -> list[tuple[str, int]]:
        self._all()
        return self._inner.assignable_codes(domain, subdomain, layer=layer, used=used)

    def kept_back(self, prefix: str, used: frozenset[str] = frozenset()) -> frozenset[str]:  # noqa: D102
        self._all()
        return self._inner.kept_back(prefix, used)

    def leased_in(  # noqa: D102
        self, domain: Domain, subdomain: Subdomain, layer: str = codes.WRITE_LAYER
    ) -> list[LeasedCode]:
        self._all()
        return self._inner.leased_in(domain, subdomain, layer)

    def free_sequences(  # noqa: D102
        self, domain: Domain, subdomain: Subdomain, *, layer: str = codes.WRITE_LAYER, used: Container[str] = ()
    ) -> list[int]:
        self._all()
        return self._inner.free_sequences(domain, subdomain, layer=layer, used=used)
