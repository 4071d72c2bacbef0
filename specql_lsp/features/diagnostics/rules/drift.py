"""Drift: the nine ways in which PostgreSQL and the registry YAML can differ.

Of each rule ``example`` is a YAML that differs from a PostgreSQL with what ``better`` holds.
"""

from __future__ import annotations

from dataclasses import replace

from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.model import Finding
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.severity import Severity
from specql_lsp.syntax.text import Span

_SAME = """\
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    description: Customers
    subdomains:
      '03':
        name: customer
        description: Customers
        next_entity_sequence: 2
        entities:
          Contact: {table_code: '012031', entity_code: CNT, assigned_at: '2026-01-01'}
"""
_CATALOG = """\
  '3':
    name: catalog
    description: Products
    subdomains: {}
"""
_EMPTY_CRM = """\
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    description: Customers
    subdomains: {}
"""
_WITHOUT_CONTACT = _SAME[: _SAME.index("        entities:")] + "        entities: {}\n"
_WHY = (
    "SpecQL reads PostgreSQL where it is the registry's backend, and the YAML where it is not: what they do not share "
    "depends on who asks. Only what both can hold is compared, and what is missing as a whole is one difference.\n\n"
)
_KEEP = (
    "The light bulb keeps either side: PostgreSQL's changes the YAML in the editor, the YAML's writes to PostgreSQL."
)


def _rule(kind: DiscrepancyType, summary: str, explanation: str, example: str, better: str = _SAME) -> Rule:
    return Rule(
        code=kind.diagnostic_code,
        severity=Severity.WARNING,
        summary=summary,
        explanation=f"{explanation} {_WHY}{_KEEP}",
        example=example,
        better=better,
        fix="Keeps what PostgreSQL holds, or what the YAML holds.",
    )


RULES = (
    _rule(
        DiscrepancyType.MISSING_IN_POSTGRESQL,
        "The registry YAML has a domain that PostgreSQL lacks.",
        "It is reported at the domain's number.",
        _SAME + _CATALOG,
    ),
    _rule(
        DiscrepancyType.MISSING_IN_YAML,
        "PostgreSQL has a domain that the registry YAML lacks.",
        "It is reported at the key `domains`.",
        _SAME,
        _SAME + _CATALOG,
    ),
    _rule(
        DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH,
        "PostgreSQL and the registry YAML differ in an attribute of a domain.",
        "The attributes are the name, the description, `multi_tenant` and the aliases.",
        _SAME.replace("name: crm", "name: sales"),
    ),
    _rule(
        DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
        "The registry YAML has a subdomain that PostgreSQL lacks.",
        "It is reported at the subdomain's number.",
        _SAME,
        _EMPTY_CRM,
    ),
    _rule(
        DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML,
        "PostgreSQL has a subdomain that the registry YAML lacks.",
        "It is reported at the number of the domain.",
        _EMPTY_CRM,
    ),
    _rule(
        DiscrepancyType.SUBDOMAIN_ATTRIBUTE_MISMATCH,
        "PostgreSQL and the registry YAML differ in an attribute of a subdomain.",
        "The attributes are the name, the description and `next_entity_sequence`.",
        _SAME.replace("next_entity_sequence: 2", "next_entity_sequence: 5"),
    ),
    _rule(
        DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
        "The registry YAML has an entity that PostgreSQL lacks.",
        "It is reported at the entity's name.",
        _SAME,
        _WITHOUT_CONTACT,
    ),
    _rule(
        DiscrepancyType.MISSING_ENTITY_IN_YAML,
        "PostgreSQL has an entity that the registry YAML lacks.",
        "It is reported at the number of the subdomain.",
        _WITHOUT_CONTACT,
    ),
    _rule(
        DiscrepancyType.ENTITY_ATTRIBUTE_MISMATCH,
        "PostgreSQL and the registry YAML differ in an attribute of an entity.",
        "The attributes are the table code, and the sequence where the YAML has one.",
        _SAME.replace("012031", "012032"),
    ),
)

_RULE_OF = dict(zip((rule.code for rule in RULES), RULES, strict=True))


def finding(span: Span, discrepancy: Discrepancy) -> Finding:
    """The finding for what differs, at its place in the YAML."""
    rule = _RULE_OF[discrepancy.type.diagnostic_code]
    return replace(rule.finding(span, discrepancy.message or "The registries differ."), discrepancy=discrepancy)
