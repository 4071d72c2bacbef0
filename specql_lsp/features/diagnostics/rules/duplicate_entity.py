"""``duplicate-entity``: two files define the same entity in the same schema."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.descriptions import file_name
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding, Related
from specql_lsp.severity import Severity

_MOST_RELATED = 5

RULE = Rule(
    code="duplicate-entity",
    severity=Severity.WARNING,
    summary="Two files define the same entity in the same schema.",
    explanation="""\
SpecQL reads each file by itself: it makes both tables, and the second `CREATE TABLE` of the same name fails in
PostgreSQL. A reference to the name means one of the two files only.

Rename one of the entities, or give it another schema.
""",
    example="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
-- entities/crm/person.yaml --
entity: Contact
schema: crm
""",
    better="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
-- entities/crm/person.yaml --
entity: Person
schema: crm
""",
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The entity's name, where another file defines the entity, too."""
    analysis, document, entity = context
    name = entity.name
    if name is None:
        return
    others = [f for f in analysis.index.defining(name.value, entity.schema) if f.uri != document.uri]
    if not others:
        return
    shown = shortened(name.value)
    which = file_name(others[0].uri)
    define = "defines" if len(others) == 1 else f"and {len(others) - 1} more define"
    yield RULE.finding(
        name.span,
        f"{which} {define} {shown} in the schema {shortened(entity.schema)}, too: rename one of them, or give it "
        "another schema.",
        related=tuple(Related(f.name_place, f"{shown} is defined here, too.") for f in others[:_MOST_RELATED]),
    )
