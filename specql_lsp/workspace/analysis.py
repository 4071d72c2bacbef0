"""What features are given: the registry, the entities of the workspace and the settings, as they are at one moment.

Features are pure functions over an ``Analysis`` and a ``Document``: no I/O, no protocol types, no clock.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace

from specql_lsp.config import Settings
from specql_lsp.index.summary import EntityFacts
from specql_lsp.index.symbols import Place, place
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.language import names
from specql_lsp.language.table_code import WRITE_LAYER, normalize
from specql_lsp.registry.model import Domain, Entity, Registration, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, RegistryState
from specql_lsp.workspace.documents import Document


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is known at one moment of one workspace folder. Immutable: any thread may read it."""

    settings: Settings = field(default_factory=Settings)
    registry: RegistryState = field(default_factory=RegistryState)
    index: WorkspaceIndex = field(default_factory=WorkspaceIndex)
    registry_document: Document | None = None
    """The registry's YAML, where it can be read (the editor's text before the disk's): codes are shown there."""
    has_read_all: bool = True
    """Whether every file of the folder has been read once; until then the index may lack some."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The registry that answers; None when none can be read: unavailable is not empty."""
        return self.registry.snapshot

    @property
    def discrepancies(self) -> tuple[Discrepancy, ...] | None:
        """What differs between PostgreSQL and the registry YAML; None while the two cannot be compared."""
        return self.registry.discrepancies

    def knows_all_files(self) -> bool:
        """Whether what the index lacks is nowhere in the workspace; ask before a finding says that it is missing."""
        return self.has_read_all

    def registered_place(self, domain: str, subdomain: str, entity: str) -> Place | None:
        """Where the registry's YAML has an entity, as far as it can be read.

        Args:
            domain: the domain's number.
            subdomain: the subdomain's number.
            entity: the entity's name.
        """
        document = self.registry_document
        registry = document.registry if document is not None else None
        node = registry.entity(domain, subdomain, entity) if registry is not None else None
        if document is None or node is None:
            return None
        return place(document, node.code.span if node.code else node.name.span)

    def without_files(self) -> Analysis:
        """The same without the workspace's entities: for a document that is none of its files."""
        return replace(self, index=WorkspaceIndex(), has_read_all=False)

    def domain_of(self, document: Document) -> Domain | None:
        """The domain of an entity file: its schema's, or for framework schemas the one its organization names."""
        entity, snapshot = document.entity, self.snapshot
        if entity is None or snapshot is None:
            return None
        domain = snapshot.domain_named(entity.schema)
        if domain is None and entity.domain_name is not None:
            domain = snapshot.domain(entity.domain_name.value)
        return domain

    def subdomain_of(self, document: Document, domain: Domain) -> Subdomain | None:
        """The subdomain of an entity file: the one it names, else the inferred one."""
        entity, snapshot = document.entity, self.snapshot
        if entity is None or snapshot is None:
            return None
        if entity.subdomain is not None:
            named = domain.subdomain(entity.subdomain.value)
            if named is not None:
                return named
        return snapshot.inferred_subdomain(domain, entity.name.value) if entity.name else None

    def registration_of(self, document: Document) -> Registration | None:
        """The registration of an entity file: that of its name in the domain of its schema."""
        entity, snapshot = document.entity, self.snapshot
        domain = self.domain_of(document)
        if entity is None or entity.name is None or snapshot is None or domain is None:
            return None
        return snapshot.registration(domain, entity.name.value)

    def file_of(self, domain: Domain, entity: Entity) -> EntityFacts | None:
        """The file that defines a registered entity of ``domain``: the one with its code before others of its name."""
        named = self.index.named(entity.name)
        if not named:
            return None
        code = normalize(entity.table_code)
        own = [f for f in named if self.snapshot is not None and self.snapshot.domain_named(f.schema) is domain]
        return next((f for f in named if f.code == code), own[0] if own else None)

    def codes_used_elsewhere(self, uri: str, entity: str | None = None) -> frozenset[str]:
        """The table codes that files other than ``uri`` use (upper case); they are never given out.

        A file that defines ``entity`` itself is not another file: its code may become the registered one.
        """
        own = {facts.uri for facts in self.index.named(entity)} if entity else set()
        own.add(uri)
        return frozenset(
            code for code in self.index.codes() if any(f.uri not in own for f in self.index.using_code(code))
        )

    def free_sequences(self, domain: Domain, subdomain: Subdomain, uri: str, layer: str = WRITE_LAYER) -> list[int]:
        """The sequences that can be given to the entity of the file ``uri``, lowest first."""
        if self.snapshot is None:
            return []
        own = self.index.entity(uri)
        used: Container[str] = self.index.codes()
        # The file's own code is free for it; it can be in the way of one subdomain only.
        prefix = layer + domain.number.upper() + subdomain.number.upper()
        if own is not None and own.code and own.code.startswith(prefix):
            used = _UsedElsewhere(self.index, uri)
        return self.snapshot.free_sequences(domain, subdomain, layer=layer, used=used)

    def known_schema(self, schema: str) -> bool:
        """Whether a schema is a domain, an alias or the framework's; True where no registry can say otherwise."""
        if self.snapshot is None or names.needs_no_domain(schema):
            return True
        return self.snapshot.domain_named(schema) is not None


class _UsedElsewhere:
    """The codes that files other than one use, as a container: asked for a few codes, it makes no copy of all."""

    def __init__(self, index: WorkspaceIndex, uri: str) -> None:
        self._index = index
        self._uri = uri

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and any(f.uri != self._uri for f in self._index.using_code(code))
