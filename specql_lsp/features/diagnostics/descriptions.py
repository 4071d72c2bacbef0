"""What each diagnostic is about, in one sentence: for the list of rules in a report."""

from __future__ import annotations

from collections.abc import Mapping

from specql_lsp.features.diagnostics.rules import RULES

DIAGNOSTICS_URI = "https://pypi.org/project/specql-lsp/#diagnostics"
"""The section "Diagnostics" of README.md, which is the description of the distribution."""

_DESCRIPTIONS: Mapping[str, str] = {
    "yaml-syntax": "The YAML is not valid.",
    "duplicate-key": "A mapping has the same key twice; SpecQL keeps the last one.",
    "several-documents": "The file holds more than one YAML document; SpecQL reads one document per file.",
    "invalid-registry": "The registry YAML lacks something that SpecQL needs in order to read it.",
    "unknown-domain": "A schema or a domain reference names no domain of the registry.",
    "invalid-table-code": "A table code is not six hexadecimal digits.",
    "unquoted-table-code": "YAML 1.1 does not read an unquoted table code as text.",
    "reserved-table-code": "The registry reserves the table code.",
    "unknown-schema-layer": "The first two digits of a table code name no schema layer of the registry.",
    "unknown-domain-number": "The third digit of a table code names no domain of the registry.",
    "unknown-subdomain": "The digits of a table code name no subdomain of its domain.",
    "domain-mismatch": "A table code belongs to another domain than the entity's schema.",
    "subdomain-mismatch": "The registry files a table code under another subdomain than its digits name.",
    "table-code-taken": "Another entity has the table code.",
    "table-code-differs": "The registry has another table code for the entity.",
    "unregistered-table-code": "A table code is not registered.",
    "missing-table-code": "An entity has no table code.",
    "unknown-entity": "A ref or a step names an entity that neither the workspace nor the registry has.",
    "missing-in-postgresql": "The registry YAML has a domain that PostgreSQL lacks.",
    "missing-in-yaml": "PostgreSQL has a domain that the registry YAML lacks.",
    "domain-attribute-mismatch": "PostgreSQL and the registry YAML differ in an attribute of a domain.",
    "missing-subdomain-in-postgresql": "The registry YAML has a subdomain that PostgreSQL lacks.",
    "missing-subdomain-in-yaml": "PostgreSQL has a subdomain that the registry YAML lacks.",
    "subdomain-attribute-mismatch": "PostgreSQL and the registry YAML differ in an attribute of a subdomain.",
    "missing-entity-in-postgresql": "The registry YAML has an entity that PostgreSQL lacks.",
    "missing-entity-in-yaml": "PostgreSQL has an entity that the registry YAML lacks.",
    "entity-attribute-mismatch": "PostgreSQL and the registry YAML differ in an attribute of an entity.",
}


def description(code: str) -> str:
    """The sentence for a diagnostic's code; of an unknown code, its words."""
    rule = RULES.get(code)
    return (rule.summary if rule is not None else _DESCRIPTIONS.get(code)) or code.replace("-", " ").capitalize() + "."
