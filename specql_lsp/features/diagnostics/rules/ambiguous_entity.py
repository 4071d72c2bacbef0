"""``ambiguous-entity``: several files define the entity that is named, and none of them is nearer than the others."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.descriptions import file_name
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding, Related
from specql_lsp.items.entity import EntityReference
from specql_lsp.semantics.resolve import Site, definitions_meant, nearest_files, site_of
from specql_lsp.severity import Severity

RULE = Rule(
    code="ambiguous-entity",
    severity=Severity.INFORMATION,
    summary="Several files define the entity that a ref or a step names, and none of them is the nearest.",
    explanation=(
        "Of several entities of one name, the one in the file's own schema is meant, then the one whose file is "
        "nearest: in the same folder, or with most folders in common. Where two are equally near, nothing says which "
        "is meant, and definition, completion and the checks of fields go by all of them.\n\n"
        "SpecQL 0.9.2 reads each file by itself and writes a foreign key to the table of that name in the file's own "
        "schema. Write the schema before the name, or rename one of the entities."
    ),
    example="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
fields:
  address: ref(Address)
-- entities/catalog/address.yaml --
entity: Address
schema: catalog
-- entities/billing/address.yaml --
entity: Address
schema: core
""",
    better="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
fields:
  address: ref(catalog.Address)
-- entities/catalog/address.yaml --
entity: Address
schema: catalog
-- entities/billing/address.yaml --
entity: Address
schema: core
""",
    fix="Writes one of the schemas before the name.",
)

_MOST_RELATED = 5


def check(context: RuleContext) -> Iterator[Finding]:
    """The names of entities that several files define."""
    entity = context.entity
    site = site_of(context.document)
    in_views = (reference[:2] for reference in entity.view_entities)
    unclear: set[tuple[str | None, str]] = set()
    for schema, name in {*entity.named_entities, *in_views}:
        meant = definitions_meant(context.analysis, site, name, schema)
        if len(meant) > 1 and context.analysis.knows_all_files():
            unclear.add((schema, name))
    if unclear:
        for reference in (*entity.references, *entity.step_entities, *entity.view_entities):
            if reference[:2] in unclear:
                yield _finding(context, site, reference)


def _finding(context: RuleContext, site: Site, reference: EntityReference) -> Finding:
    named = context.analysis.index.named(reference.name)
    meant = definitions_meant(context.analysis, site, reference.name, reference.schema)
    uris = {definition.uri for definition in meant}
    places = nearest_files(site, (facts for facts in named if facts.uri in uris))
    name = shortened(reference.name)
    files = ", ".join(file_name(facts.uri) for facts in places[:_MOST_RELATED])
    schemas = list(dict.fromkeys(facts.schema for facts in places))
    hint = "Write the schema before the name." if len(schemas) > 1 else "Rename one of them."
    message = f"{len(places)} files define {name}, and nothing says which one is meant: {files}. {hint}"
    related = tuple(Related(facts.name_place, f"{name} is defined here.") for facts in places[:_MOST_RELATED])
    replacements = tuple(f"{schema}.{reference.name}" for schema in schemas) if len(schemas) > 1 else ()
    return RULE.finding(reference.name_span, message, related=related, replacements=replacements)
