"""The keys of a registry YAML (``registry/domain_registry.yaml``).

Source: SpecQL 0.9.2's reader, ``generators/…/schema/naming_conventions.py``: ``required`` keys are those without which
it stops. ``tests/specql`` holds them to that release.
"""

from __future__ import annotations

from specql_lsp.language.keys import KeySpec, Level, Meaning, ValueSpec
from specql_lsp.language.release import Release
from specql_lsp.language.tables.values import ANY, BOOLEAN, NUMBER, TEXT, listed, listed_or_one, mapping


def levels() -> tuple[Level, ...]:
    """The levels of a registry YAML."""
    return (
        Level("registry", _top_level()),
        Level(
            "domains",
            any_key=KeySpec(
                "*",
                mapping("domain"),
                "A domain under its number: one hexadecimal digit in quotes, which is the third digit of table codes. "
                "`'2':`",
                detail="a domain",
                meaning=Meaning.DOMAIN_NUMBER,
            ),
        ),
        Level("domain", _domain()),
        Level(
            "subdomains",
            any_key=KeySpec(
                "*",
                mapping("subdomain"),
                "A subdomain under its number: hexadecimal digits in quotes, which follow the domain's number in table "
                "codes. `'03':`",
                detail="a subdomain",
                meaning=Meaning.SUBDOMAIN_NUMBER,
            ),
        ),
        Level("subdomain", _subdomain()),
        Level(
            "entities",
            any_key=KeySpec(
                "*",
                mapping("registration", Meaning.TABLE_CODE),
                "A registered entity.",
                detail="a registered entity",
                meaning=Meaning.REGISTERED_ENTITY,
            ),
        ),
        Level("registration", _registration()),
        Level(
            "schema_layers",
            any_key=KeySpec("*", TEXT, "A schema layer: two digits, and its name.", meaning=Meaning.LAYER),
        ),
        Level(
            "subdomain_inference",
            any_key=KeySpec(
                "*", mapping("inference of a domain"), "The patterns of a domain's subdomains.", meaning=Meaning.DOMAIN
            ),
        ),
        Level(
            "inference of a domain",
            any_key=KeySpec(
                "*", mapping("inference of a subdomain"), "The patterns of a subdomain.", meaning=Meaning.SUBDOMAIN
            ),
        ),
        Level(
            "inference of a subdomain",
            (
                KeySpec(
                    "patterns",
                    listed(TEXT),
                    "Parts of entity names in lower case: an entity whose name has one of them belongs to the "
                    "subdomain. `patterns: [contact, company]`",
                    detail="parts of entity names",
                ),
            ),
        ),
        Level("validation", _validation()),
    )


def _top_level() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "domains",
            mapping("domains"),
            "The domains by their numbers, with their subdomains and the entities that are registered.",
            detail="the domains",
            required=True,
        ),
        KeySpec(
            "version",
            TEXT,
            "The version of the registry's form. `version: 1.0.0`",
            detail="the form's version",
            release=Release.NONE,
        ),
        KeySpec(
            "last_updated",
            ValueSpec(Meaning.TIMESTAMP),
            "When SpecQL last wrote the file.",
            detail="when it was last written",
            release=Release.NONE,
        ),
        KeySpec(
            "schema_layers",
            mapping("schema_layers"),
            "The schema layers: the first two digits of table codes. `'01': write_side`",
            detail="the schema layers",
        ),
        KeySpec(
            "reserved_codes",
            listed_or_one(Meaning.RESERVED_CODE),
            "Table codes that are never given out. `['000000', '999999']`",
            detail="codes that are not given out",
        ),
        KeySpec(
            "subdomain_inference",
            mapping("subdomain_inference"),
            "How the subdomain of an entity follows from its name: domain, subdomain, and parts of names.",
            detail="subdomains by entity name",
        ),
        KeySpec(
            "validation",
            mapping("validation"),
            "Which rules apply to codes.",
            detail="rules for codes",
            release=Release.NONE,
        ),
    )


def _domain() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "name",
            ValueSpec(Meaning.DOMAIN),
            "The domain's name, which is that of its schema. `name: crm`",
            detail="the domain's name",
            required=True,
        ),
        KeySpec("description", TEXT, "What the domain is about.", detail="what it is about", required=True),
        KeySpec(
            "subdomains",
            mapping("subdomains"),
            "The domain's subdomains by their numbers.",
            detail="the subdomains",
        ),
        KeySpec(
            "aliases",
            listed_or_one(Meaning.ALIAS),
            "Other names of the domain, which entity files may use as `schema`. `aliases: [management]`",
            detail="other names",
        ),
        KeySpec(
            "multi_tenant",
            BOOLEAN,
            "Whether the domain's tables hold rows of several tenants, so that they have the column `tenant_id`.",
            detail="whether tables have tenants",
        ),
    )


def _subdomain() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "name",
            ValueSpec(Meaning.SUBDOMAIN),
            "The subdomain's name. `name: customer`",
            detail="the subdomain's name",
            required=True,
        ),
        KeySpec("description", TEXT, "What the subdomain is about.", detail="what it is about", required=True),
        KeySpec(
            "next_entity_sequence",
            NUMBER,
            "The counter from which SpecQL takes the sequence of the next entity. `next_entity_sequence: 4`",
            detail="the next sequence",
            required=True,
        ),
        KeySpec(
            "entities",
            mapping("entities"),
            "The registered entities by their names; `{}` if there are none.",
            detail="the registered entities",
        ),
        KeySpec(
            "read_entities",
            ANY,
            "Entities of the read side, in registries of version 2.0.0.",
            detail="entities of the read side",
            release=Release.NONE,
        ),
    )


def _registration() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "table_code",
            ValueSpec(Meaning.TABLE_CODE),
            "The entity's code: six hexadecimal digits in quotes. `table_code: '012031'`",
            detail="six hexadecimal digits",
            required=True,
        ),
        KeySpec(
            "entity_code",
            ValueSpec(Meaning.SHORT_CODE),
            "The short code: three capitals from the entity's name. `entity_code: CNT`",
            detail="three capitals",
            required=True,
        ),
        KeySpec(
            "assigned_at",
            ValueSpec(Meaning.TIMESTAMP),
            "When the code was assigned, in quotes. `assigned_at: '2025-11-21T15:53:37'`",
            detail="when it was assigned",
            required=True,
        ),
    )


def _validation() -> tuple[KeySpec, ...]:
    rules = (
        ("enforce_uniqueness", "Whether a code may be given only once."),
        ("allow_manual_override", "Whether entity files may have codes of their own."),
        ("require_subdomain", "Whether an entity must name its subdomain."),
        ("warn_on_inference", "Whether there is a warning where a subdomain is inferred."),
    )
    return tuple(KeySpec(name, BOOLEAN, text, release=Release.NONE) for name, text in rules)
