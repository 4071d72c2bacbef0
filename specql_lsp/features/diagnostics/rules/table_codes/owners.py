"""Whose a table code is: ``table-code-taken``, ``table-code-differs``, ``unregistered-`` and ``missing-table-code``."""

from __future__ import annotations

from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.severity import Severity

TAKEN = Rule(
    code="table-code-taken",
    severity=Severity.ERROR,
    summary="Another entity has the table code, by the registry or in its file.",
    explanation="""\
A table code is one entity's. It is registered to another one, or another file uses it; the related information points
there. SpecQL refuses the file when it generates with a registry (`already assigned to another entity`).

Take another code here, or in the other file. An entity that was renamed in its file keeps its code: where no file has
the old name any more, rename it in the registry, too.
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '012034'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Renames the entity in the registry, takes the registered code, or allocates one.",
)
DIFFERS = Rule(
    code="table-code-differs",
    severity=Severity.ERROR,
    summary="The registry has another table code for the entity.",
    explanation="""\
An entity of this name is registered in the domain, with another code. When SpecQL generates with a registry, it takes
the code of the file and writes it over the registered one, or beside it where the digits name another subdomain.

Take the registered code; the related information points at it where the registry is a YAML.
""",
    example="""\
entity: Contact
schema: crm
organization:
  table_code: '012039'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code.",
)
UNREGISTERED = Rule(
    code="unregistered-table-code",
    severity=Severity.WARNING,
    summary="A table code is well formed and no other entity's, but not registered.",
    explanation="""\
The registry gives a free code to the next entity that asks for one; then this file has to change. A leased code
(`specql-lsp domain lease`) is registered by the folder that has leased it, and by no other.

Register the code for this entity, or take another one where it is leased.
""",
    example="""\
entity: Lead
schema: crm
organization:
  table_code: '012039'
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Registers the code for this entity, or allocates another one where it is leased.",
)
MISSING = Rule(
    code="missing-table-code",
    severity=Severity.HINT,
    summary="An entity of a domain has no table code.",
    explanation="""\
A file may go without a code: SpecQL takes the registered one, or derives one. With a code in the file, its table
keeps the code whatever happens to the registry. In a registry YAML: an entity is registered without a code.

Take the registered code, or allocate one.
""",
    example="""\
entity: Lead
schema: crm
""",
    better="""\
entity: Contact
schema: crm
organization:
  table_code: '012034'
""",
    fix="Takes the registered code, or allocates one.",
)
