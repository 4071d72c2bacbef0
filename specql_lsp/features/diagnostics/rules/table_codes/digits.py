"""What is wrong with a table code by itself, whichever entity has it: its digits, its quotes, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language import table_code as codes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.severity import Severity
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

INVALID = Rule(
    code="invalid-table-code",
    severity=Severity.ERROR,
    waits=True,
    summary="A table code is not six hexadecimal digits.",
    explanation="""\
A table code has six hexadecimal digits: two for the schema layer, one for the domain, two for the subdomain, one for
the entity (`01` `2` `03` `4`). SpecQL refuses any other text when it generates with a registry (`Invalid table code
format`).

Write six digits between quotes, or let the registry give out a code.
""",
    example="""\
entity: Contact
schema: crm
organization:
  table_code: '12034'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code, or allocates one.",
)
UNQUOTED = Rule(
    code="unquoted-table-code",
    severity=Severity.ERROR,
    summary="YAML 1.1 reads a table code without quotes as something else than text.",
    explanation="""\
SpecQL reads its files by YAML 1.1, where `012031` is the octal integer 5145 and `01e031` a number. SpecQL gets a
number instead of the code, and stops with a traceback when it generates with a registry.

Write the code between quotes, also where it happens to be read as text.
""",
    example="""\
entity: Contact
schema: crm
organization:
  table_code: 012034
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Puts the code between quotes.",
)
RESERVED = Rule(
    code="reserved-table-code",
    severity=Severity.ERROR,
    summary="The registry reserves a table code and never gives it out.",
    explanation="""\
`reserved_codes` of the registry lists codes that no entity may have.

Take another code: the registered one, or one that the registry gives out.
""",
    example="""\
entity: Contact
schema: crm
organization:
  table_code: '01203E'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code, or allocates one.",
)
UNKNOWN_LAYER = Rule(
    code="unknown-schema-layer",
    severity=Severity.ERROR,
    summary="The first two digits of a table code name no schema layer of the registry.",
    explanation="""\
The first two digits are the schema layer: `00` common, `01` write_side, `02` read_side, `03` functions, or what
`schema_layers` of the registry says. An entity's table is in `01`. SpecQL refuses any other layer when it generates
with a registry.

Write a layer that the registry has.
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '992036'
""",
    better="""\
entity: Lead
schema: crm
organization:
  table_code: '012036'
""",
    fix="Takes the registered code, or allocates one.",
)
UNKNOWN_DOMAIN_NUMBER = Rule(
    code="unknown-domain-number",
    severity=Severity.ERROR,
    summary="The third digit of a table code names no domain of the registry.",
    explanation="""\
The third digit is the number of the domain. The registry has no domain of that number, so the code belongs to none;
SpecQL refuses it when it generates with a registry.

Write the number of the entity's domain, or register the domain.
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '018036'
""",
    better="""\
entity: Lead
schema: crm
organization:
  table_code: '012036'
""",
    fix="Takes the registered code, or allocates one.",
)
UNKNOWN_SUBDOMAIN = Rule(
    code="unknown-subdomain",
    severity=Severity.WARNING,
    summary="The digits of a table code name no subdomain of its domain.",
    explanation="""\
The fourth and fifth digits are the number of the subdomain within the domain (the fourth alone where a registry
numbers subdomains with one digit). The domain has no subdomain of that number.

Write the number of one that it has, or register the subdomain (`specql-lsp domain register-subdomain`).
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '012991'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code, or allocates one.",
)
DOMAIN_MISMATCH = Rule(
    code="domain-mismatch",
    severity=Severity.ERROR,
    summary="A table code belongs to another domain than the entity's schema, or than the one it is filed under.",
    explanation="""\
The third digit of the code is the number of one domain, `schema` names another. SpecQL refuses to generate such an
entity with a registry. In a registry YAML: the code is under a domain that its digits do not name.

Take a code of the domain that `schema` names, or correct the schema.
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '013022'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code, or allocates one.",
)
SUBDOMAIN_MISMATCH = Rule(
    code="subdomain-mismatch",
    severity=Severity.WARNING,
    summary="The registry files a table code under another subdomain than its digits name.",
    explanation="""\
In the registry YAML, a code is under a subdomain that its digits do not name. Real registries have such codes, and
SpecQL reads them; but a code of the subdomain that the digits name may collide with it.

Move the entity to the subdomain of its code, or give it a code of the subdomain where it is.
""",
    example="""\
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
          Contact: {table_code: '012041', entity_code: CNT, assigned_at: '2026-01-01'}
""",
    better="""\
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
""",
)


def quote_code(document: Document, finding: Finding) -> Iterator[CodeAction]:
    """Puts the code of an ``unquoted-table-code`` between quotes; not where an alias reads it in another place, too."""
    from specql_lsp.features.entity_edits import shared_anchor
    from specql_lsp.syntax.editing.scalars import scalar_around

    found = scalar_around(document.tree, finding.span)
    if found is None or shared_anchor(document.tree, finding.span) is not None:
        return
    code = found.scalar.value
    # Quotes alone mend a code of six digits only.
    yield CodeAction(
        f"Quote {code}",
        ActionKind.QUICK_FIX,
        (finding,),
        (TextEdit(finding.span, f"'{code}'"),),
        preferred=codes.is_well_formed(code),
    )


def check_writing(scalar: Scalar) -> Iterator[Finding]:
    """``invalid-table-code`` and ``unquoted-table-code``: needs no registry."""
    if not codes.is_well_formed(scalar.value):
        yield invalid_code(scalar.span, scalar.value)
    misread = misreading(scalar)
    if misread is not None:
        yield UNQUOTED.finding(scalar.span, f"YAML 1.1 reads {scalar.value} as {misread}; quote it.")


def invalid_code(span: Span, written: str) -> Finding:
    """The finding for what is no table code at all."""
    return INVALID.finding(
        span, f"{shortened(written, 40)} is not a table code: write six hexadecimal digits, for example '012031'."
    )


def reserved_code(snapshot: Snapshot, scalar: Scalar) -> Finding | None:
    """``reserved-table-code``, where the registry never gives the code out."""
    if not snapshot.is_reserved(scalar.value):
        return None
    code = codes.normalize(scalar.value)
    return RESERVED.finding(scalar.span, f"The code {code} is reserved in the registry and never given out.")


def unknown_layer(snapshot: Snapshot, scalar: Scalar) -> Finding | None:
    """``unknown-schema-layer``, where the registry has no layer with the first two digits."""
    code = codes.normalize(scalar.value)
    layer = code[: codes.LAYER_LENGTH]
    if layer in snapshot.rules.schema_layers:
        return None
    layers = {number.upper(): name for number, name in snapshot.rules.schema_layers.items()}
    if layer in layers:
        return None
    known = ", ".join(f"{number} ({name})" for number, name in sorted(layers.items()))
    return UNKNOWN_LAYER.finding(scalar.span, f"The code {code} begins with layer {layer}; the registry knows {known}.")


def unknown_domain_number(snapshot: Snapshot, scalar: Scalar, digit: str) -> Finding:
    """``unknown-domain-number`` for the domain digit of a code."""
    known = ", ".join(f"{domain.number} ({domain.name})" for domain in snapshot.domains) or "none"
    return UNKNOWN_DOMAIN_NUMBER.finding(
        scalar.span,
        f"No domain has the number {digit} of the code {codes.normalize(scalar.value)}; the registry knows {known}.",
    )
