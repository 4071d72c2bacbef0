"""Where an editor can show what a registry has: its own line of the registry YAML, else the nearest place to it.

PostgreSQL may hold what the YAML lacks, or there may be no YAML. Then the subdomain, the domain or the key ``domains``
in which it would be is shown, else the first place in the files that names it. So a place is always one that exists.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.index.summary import FileSummary
from specql_lsp.index.symbols import Key, Place, SymbolKind, Use, entity_key, place, schema_key, subdomain_key
from specql_lsp.items.registry_file import DomainNode
from specql_lsp.registry.model import Domain, Registration, Subdomain
from specql_lsp.semantics.identity import domain_names, domain_node, subdomain_names, subdomain_node
from specql_lsp.semantics.resolve import resolve_use
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.workspace.analysis import Analysis


def domain_place(analysis: Analysis, domain: Domain) -> Place | None:
    """Where a domain that the registry YAML lacks is shown; None where no file has anything to do with it."""
    entry = _domains_key(analysis)
    if entry is not None:
        return _in_registry(analysis, entry)
    return _first_use(analysis, map(schema_key, sorted(domain_names(analysis, domain.number))))


def subdomain_place(analysis: Analysis, domain: Domain, subdomain: Subdomain) -> Place | None:
    """Where a subdomain that the registry YAML lacks is shown; None where no file has anything to do with it."""
    node = domain_node(analysis, domain.number)
    if node is not None:
        return _in_registry(analysis, _named(node))
    if _domains_key(analysis) is not None:
        return domain_place(analysis, domain)
    domains = sorted(domain_names(analysis, domain.number))
    names = sorted(subdomain_names(analysis, domain.number, subdomain.number))
    keys = (subdomain_key(name, of) for of in domains for name in names)
    return _first_use(analysis, keys) or domain_place(analysis, domain)


def entity_place(analysis: Analysis, registration: Registration) -> Place | None:
    """Where a registered entity without a file is shown; None where no file has anything to do with it."""
    domain, subdomain, entity = registration
    own = analysis.registered_place(domain.number, subdomain.number, entity.name)
    if own is not None:
        return own
    node = subdomain_node(analysis, domain.number, subdomain.number)
    if node is not None:
        return _in_registry(analysis, node.name or node.number)
    if _domains_key(analysis) is not None:
        return subdomain_place(analysis, domain, subdomain)
    return _first_reference(analysis, registration) or subdomain_place(analysis, domain, subdomain)


def _named(node: DomainNode) -> Scalar:
    return node.name or node.number


def _domains_key(analysis: Analysis) -> Scalar | None:
    """The key ``domains`` of the registry YAML."""
    registry = analysis.registry_document.registry if analysis.registry_document is not None else None
    entry = registry.domains_entry if registry is not None else None
    return entry.key if entry is not None and isinstance(entry.key, Scalar) else None


def _in_registry(analysis: Analysis, scalar: Scalar) -> Place | None:
    document = analysis.registry_document
    return place(document, scalar.text_span) if document is not None else None


def _first_reference(analysis: Analysis, registration: Registration) -> Place | None:
    """The first place that names an entity, in the order of the files."""
    for summary, use in _uses(analysis, entity_key(registration.entity.name)):
        found = resolve_use(analysis, summary, use)
        if not found.files and registration in found.registrations:
            return use.spot.place(summary.uri)
    return None


def _first_use(analysis: Analysis, keys: Iterator[Key]) -> Place | None:
    """The first place in the files that has one of some names, the first of them before the others."""
    found = (use.spot.place(summary.uri) for key in keys for summary, use in _uses(analysis, key))
    return next(found, None)


def _uses(analysis: Analysis, key: Key) -> Iterator[tuple[FileSummary, Use]]:
    for uri in analysis.index.users(key):
        summary = analysis.index.get(uri)
        for use in summary.uses if summary is not None else ():
            owner = "" if use.symbol is SymbolKind.ENTITY else use.owner
            if summary is not None and use.is_placed and use.key._replace(owner=owner) == key:
                yield summary, use
