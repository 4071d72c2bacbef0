"""``completionItem/resolve``: an item's documentation from its key alone, never from the last request."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.features import descriptions
from specql_lsp.features.completion.language_documentation import of_language
from specql_lsp.features.model import DocumentationKey
from specql_lsp.workspace.analysis import Analysis


def document_item(analysis: Analysis, key: DocumentationKey, now: datetime) -> str:
    """The documentation as Markdown; empty if what the key names no longer exists.

    Args:
        analysis: the registry and the index as they are now.
        key: what the item stands for.
        now: the time of the request, for the age of the registry's answer.
    """
    text = _of_registry(analysis, key)
    if text:
        return descriptions.with_provenance(analysis, text, now)
    return of_language(analysis, key) or ""


def _of_registry(analysis: Analysis, key: DocumentationKey) -> str | None:
    values = key.values
    match key.kind:
        case "code":
            return descriptions.code_text(analysis, values.get("code", ""))
        case "domain":
            return _domain(analysis, values.get("number"), values.get("name"))
        case "subdomain":
            return _subdomain(analysis, values.get("domain", ""), values.get("subdomain", ""))
        case "entity":
            return descriptions.entity_text(analysis, values.get("name", ""), values.get("schema"))
        case "layer":
            return descriptions.layer_text(analysis, values.get("layer", ""))
    return None


def _domain(analysis: Analysis, number: str | None, name: str | None) -> str | None:
    if number is None:
        return descriptions.schema_text(name or "")
    domain = analysis.snapshot.domain_numbered(number) if analysis.snapshot else None
    return descriptions.domain_text(analysis, domain) if domain else None


def _subdomain(analysis: Analysis, domain_number: str, number: str) -> str | None:
    domain = analysis.snapshot.domain_numbered(domain_number) if analysis.snapshot else None
    if domain is None:
        return None
    subdomain = next((s for s in domain.subdomains if s.number.upper() == number.upper()), None)
    return descriptions.subdomain_text(analysis, domain, subdomain) if subdomain else None
