"""What the registry holds of a name: the change to ask it for, and the edits of its YAML beside the name's own."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.index.summary import EntityFacts
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Entity, Registration
from specql_lsp.registry.requests import DomainRename, EntityRename
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.semantics.identity import Identity, domain_node
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def registration_of(
    analysis: Analysis,
    snapshot: Snapshot | None,
    identity: Identity,
    facts: EntityFacts | None,
    document: Document | None,
) -> Registration | None:
    """The registration of an entity: in its schema's domain that with its code, else the first of its name.

    Args:
        analysis: what is known.
        snapshot: the registry to look in: the one that answers, or the YAML's own.
        identity: the entity.
        facts: the entity in its file; None where only the registry has it.
        document: that file.
    """
    if snapshot is None:
        return None
    found = snapshot.by_entity(identity.name)
    if facts is None or document is None:
        numbers = identity.owner
        return next((r for r in found if f"{r.domain.number}.{r.subdomain.number}".lower() == numbers), None)
    domain = analysis.domain_of(document)
    own = [r for r in found if domain is not None and r.domain.number == domain.number]
    same = (r for r in own if facts.code and codes.normalize(r.entity.table_code) == facts.code)
    return next((r for r in (*same, *own[:1]) if _is_of(analysis, r, facts)), None)


def _is_of(analysis: Analysis, registration: Registration, facts: EntityFacts) -> bool:
    """Whether no other file has the entity of a registration: where two define one, it is the first one's."""
    owner = analysis.file_of(registration.domain, registration.entity)
    return owner is None or owner.uri == facts.uri


def entity_rename(registration: Registration, new: str) -> EntityRename:
    """What to ask the registry for."""
    domain, subdomain, entity = registration
    return EntityRename(domain.number, entity.name, new, subdomain.number, entity.table_code)


def domain_rename(analysis: Analysis, old: str, new: str) -> DomainRename | None:
    """What to ask the registry for; None where no domain of it has the name."""
    domain = analysis.snapshot.domain_named(old) if analysis.snapshot is not None else None
    if domain is None:
        return None
    name = next(each for each in (domain.name, *domain.aliases) if each.lower() == old.lower())
    return DomainRename(domain.number, name, new)


def renamed_in(snapshot: Snapshot | None, request: EntityRename | DomainRename | None) -> Snapshot | None:
    """The registry as it will be when it has followed a rename."""
    domain = snapshot.domain_numbered(request.domain) if snapshot is not None and request is not None else None
    if snapshot is None or request is None or domain is None:
        return snapshot
    if isinstance(request, DomainRename):
        names = {request.name: request.new_name}
        aliases = tuple(names.get(alias, alias) for alias in domain.aliases)
        renamed = domain._replace(name=names.get(domain.name, domain.name), aliases=aliases)
        return snapshot.with_domain(renamed)
    subdomains = (
        subdomain._replace(entities=tuple(_named(entity, request) for entity in subdomain.entities))
        if subdomain.number == request.subdomain
        else subdomain
        for subdomain in domain.subdomains
    )
    return snapshot.with_domain(domain._replace(subdomains=tuple(subdomains)))


def _named(entity: Entity, request: EntityRename) -> Entity:
    return entity._replace(name=request.new_name) if entity.name == request.entity else entity


def registry_domain_edits(analysis: Analysis, document: Document, old: str, new: str) -> Iterator[tuple[Span, str]]:
    """Texts for spans of the registry YAML: the alias of a domain, where the name is one."""
    node = domain_node(analysis, old)
    for alias in node.aliases if node is not None and document is analysis.registry_document else ():
        if alias.value.lower() == old.lower():
            yield alias.text_span, new
