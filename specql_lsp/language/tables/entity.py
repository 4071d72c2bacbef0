"""The keys of an entity file, but for those of steps.

Source: ``SpecQLParser`` of SpecQL 0.9.2 (``core/specql_parser.py``). The order of keys is that of their number in real
files. ``tests/specql/test_language_tables.py`` holds what is said here about SpecQL 0.9.2 to that release.
"""

from __future__ import annotations

from specql_lsp.language.keys import Demand, KeySpec, Level, Meaning, ValueSpec
from specql_lsp.language.release import Release
from specql_lsp.language.tables.values import (
    ANY,
    BOOLEAN,
    ENTITY_REFERENCE,
    FIELD_REFERENCE,
    STEPS,
    TEXT,
    choice,
    listed,
    mapping,
    needed,
)


def levels() -> tuple[Level, ...]:
    """The levels of an entity file; those of steps are in ``specql_lsp.language.tables.steps``."""
    return (
        Level("entity file", (*_top_level(), *_top_level_of_no_release())),
        _entity(),
        _organization(),
        _fields(),
        _field(),
        _action(),
        *_table_views(),
        _translations(),
        *_identifier(),
        _pattern(),
        _agent(),
    )


def _top_level() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "entity",
            mapping("entity", Meaning.ENTITY),
            "The entity's name in PascalCase; SpecQL makes the table `tb_<name>` of it. A file is a SpecQL entity when "
            "it has this key at the top. `entity: Contact`",
            detail="the entity's name",
            required=True,
        ),
        KeySpec(
            "schema",
            ValueSpec(Meaning.SCHEMA),
            "The PostgreSQL schema of the table: a domain's name or alias, or `common`, `app` or `core`, which need no "
            "domain. Without it the schema is `public`. `schema: crm`",
            detail="the domain's name or alias",
        ),
        KeySpec(
            "description",
            TEXT,
            "What the entity is. SpecQL writes it into the SQL as a comment. With SpecQL 0.9.2, a description of "
            "several lines or with an apostrophe makes that SQL invalid.",
            detail="what the entity is",
        ),
        KeySpec(
            "fields",
            needed(mapping("fields")),
            "The entity's fields: a name and a type each. `email: email!` is a required e-mail address, "
            "`company: ref(Company)` a reference, `status: enum(lead, customer) = lead` one of several values.",
            detail="the block of fields",
            snippet=("fields:", "  ${1:name}: ${2:text}$0"),
        ),
        KeySpec(
            "actions",
            needed(listed(needed(mapping("action")))),
            "What can be done with the entity: a list of actions, each of which becomes a function in PostgreSQL.",
            detail="the block of actions",
            snippet=("actions:", "  - name: ${1:close}", "    steps:", "      - reject: ${2:not_allowed}$0"),
        ),
        KeySpec(
            "translations",
            needed(mapping("translations")),
            "Which fields have their values in several languages. `translations: {enabled: true, fields: [name]}`",
            detail="fields in several languages",
        ),
        KeySpec(
            "organization",
            needed(mapping("organization")),
            "The entity's place in the numbering system: its table code.",
            detail="the table code and its place",
        ),
        KeySpec(
            "identifier",
            needed(mapping("identifier")),
            "How the readable identifier of a row is built from its fields.",
            detail="how the identifier is built",
        ),
        KeySpec(
            "table_views",
            needed(mapping("table_views")),
            "Whether the entity gets a table view (`tv_<name>`), which columns of other entities it includes, and by "
            "which columns rows can be filtered.",
            detail="when the entity gets a table view",
            snippet=("table_views:", "  mode: ${1|auto,force|}$0"),
        ),
        KeySpec(
            "patterns",
            listed(needed(mapping("pattern", Meaning.PATTERN))).demanding(Demand.ITERABLE),
            "Patterns that add to the table: a list of names, or of mappings with `type` and `params`. SpecQL 0.9.2 "
            "ignores a name that it does not know.",
            detail="patterns of the table",
        ),
        KeySpec(
            "agents",
            needed(listed(needed(mapping("agent")))),
            "Agents that observe the entity and execute its actions.",
            detail="agents",
            snippet=("agents:", "  - name: ${1:reviewer}$0"),
        ),
    )


def _ignored(name: str, documentation: str, instead: str = "", value: ValueSpec = ANY) -> KeySpec:
    return KeySpec(name, value, documentation, release=Release.NONE, instead=instead)


def _top_level_of_no_release() -> tuple[KeySpec, ...]:
    return (
        _ignored("hierarchical", "Says that rows form a tree.", "add a field that refers to the entity itself."),
        _ignored("identifier_template", "A template for the readable identifier of a row.", "use `identifier`."),
        _ignored("indexes", "Indexes of the table.", "create them in SQL of your own."),
        _ignored("constraints", "Constraints of the table.", "create them in SQL of your own."),
        _ignored(
            "unique_constraints", "Columns that are unique together.", "create the constraint in SQL of your own."
        ),
        _ignored("projections", "Named selections of columns for reading.", "use `table_views`."),
        _ignored("read_models", "Models for reading.", "use `table_views`."),
        _ignored("views", "Views of the table.", "use `table_views`."),
        _ignored("tier", "The kind of entity, as other tools name it."),
        _ignored("_metadata", "Notes of the tool that wrote the file."),
        _ignored("query_patterns", "Queries that are made often."),
        _ignored("delete_policy", "What deleting a row does. SpecQL's functions mark rows as deleted."),
        _ignored("extends", "Another entity to inherit from.", "write the fields out."),
        _ignored("import", "Another file to include.", "write its content out."),
        _ignored("computed_fields", "Fields that are computed.", "use the pattern `schema_computed_column`."),
        _ignored("validation", "Rules for the entity's rows.", "use `validate` steps, or types that have a pattern."),
        _ignored("validation_checks", "Rules for the entity's rows.", "use `validate` steps."),
        _ignored("deduplication", "How duplicate rows are found.", "use a `validate` step."),
        _ignored("operations", "Operations of the entity.", "use `actions`."),
        _ignored("trinity_helpers", "Whether helper functions for the three keys of a row are generated."),
        _ignored("graphql", "Settings for the GraphQL API."),
        _ignored("notes", "Notes for people.", "use comments."),
        _ignored("audit", "Whether changes are recorded. SpecQL always adds the columns for it."),
        _ignored("notifications", "Notifications about changes.", "use `notify` steps."),
        _ignored("relations", "Relations to other entities.", "use fields of type `ref(…)`."),
        _ignored("inputs", "Inputs of the actions."),
        _ignored("events", "Events that the entity emits."),
        _ignored("security", "Who may do what.", "use row-level security in SQL of your own."),
    )


def _entity() -> Level:
    return Level(
        "entity",
        (
            KeySpec(
                "name",
                ValueSpec(Meaning.ENTITY),
                "The entity's name, as `entity: Contact` has it.",
                detail="the entity's name",
                required=True,
            ),
            KeySpec(
                "schema",
                ValueSpec(Meaning.SCHEMA),
                "The schema; it has precedence over `schema` at the top level.",
                detail="the domain's name or alias",
            ),
            KeySpec(
                "description",
                TEXT,
                "What the entity is; it has precedence over `description` at the top level.",
                detail="what the entity is",
            ),
            KeySpec(
                "fields",
                needed(mapping("fields")),
                "The entity's fields; where they are here, those at the top level are not read.",
                detail="the fields",
            ),
        ),
    )


def _organization() -> Level:
    def older(name: str, meaning: Meaning, documentation: str, detail: str, instead: str) -> KeySpec:
        return KeySpec(name, ValueSpec(meaning), documentation, detail=detail, release=Release.NONE, instead=instead)

    return Level(
        "organization",
        (
            KeySpec(
                "table_code",
                ValueSpec(Meaning.TABLE_CODE),
                "The entity's code: six hexadecimal digits, in quotes, made of the schema layer, the domain's number, "
                "the subdomain's number and a sequence. `table_code: '012031'`",
                detail="six hexadecimal digits",
                required=True,
            ),
            KeySpec(
                "domain_name",
                ValueSpec(Meaning.DOMAIN),
                "The domain that the entity belongs to. `domain_name: crm`",
                detail="the domain's name",
                older=("domain",),
            ),
            older(
                "subdomain",
                Meaning.SUBDOMAIN,
                "The subdomain that the entity belongs to.",
                "the subdomain's name",
                "the digits of `table_code` say it.",
            ),
            older(
                "domain",
                Meaning.DOMAIN,
                "The domain that the entity belongs to, in older files.",
                "the domain's name",
                "use `domain_name`.",
            ),
            older(
                "entity",
                Meaning.NUMBER,
                "The entity's number in its subdomain, in older files.",
                "the entity's number",
                "the last digit of `table_code` says it.",
            ),
        ),
    )


def _fields() -> Level:
    return Level(
        "fields",
        any_key=KeySpec(
            "*",
            mapping("field", Meaning.FIELD_TYPE),
            "A field: its name becomes the column's name, and that of a reference `fk_<name>`. `!` at the end of the "
            "type makes it NOT NULL, ` = value` before that is its default. `status: enum(lead, customer) = lead!`",
            meaning=Meaning.FIELD,
        ),
    )


def _field() -> Level:
    return Level(
        "field",
        (
            KeySpec(
                "type",
                needed(ValueSpec(Meaning.TYPE)),
                "The field's type; without it the type is `text`. Here `!` and a default are not read: use `nullable` "
                "and `default`. `type: email`",
                detail="the type",
            ),
            KeySpec(
                "description",
                TEXT,
                "What the field holds, for people. SpecQL 0.9.2 does not write it into the table.",
                detail="what it holds",
            ),
            KeySpec(
                "nullable",
                BOOLEAN,
                "Whether the column may be NULL, as it may without this key. `nullable: false`",
                detail="whether it may be NULL",
            ),
            KeySpec(
                "default",
                ValueSpec(Meaning.DEFAULT),
                "The field's default value. SpecQL 0.9.2 reads it and does not write it into the table.",
                detail="the default value",
            ),
            _ignored("required", "Whether the field must have a value.", "write `nullable: false`.", BOOLEAN),
            _ignored(
                "validation", "A rule for the field's values.", "choose a type that has a pattern, or use `validate`."
            ),
            _ignored(
                "schema",
                "The schema of the entity that the field refers to.",
                "write it into the type: `ref(crm.Contact)`.",
                TEXT,
            ),
            _ignored("unique", "Whether values are unique.", "create the constraint in SQL of your own.", BOOLEAN),
            _ignored(
                "values",
                "The values of an enumeration.",
                "write them into the type: `enum(open, closed)`.",
                listed(TEXT),
            ),
        ),
    )


def _action() -> Level:
    return Level(
        "action",
        (
            KeySpec(
                "name",
                ValueSpec(Meaning.ACTION),
                "The action's name in snake_case, which is that of its function. With SpecQL 0.9.2 a name that begins "
                "with `create`, `update` or `delete` gets a template instead of the steps. `name: qualify_lead`",
                detail="the action's name",
                required=True,
            ),
            KeySpec(
                "steps",
                needed(STEPS),
                "What the action does, step by step. `- validate: status = 'lead'`",
                detail="what it does",
                snippet=("steps:", "  - reject: ${1:not_allowed}$0"),
            ),
            KeySpec("description", TEXT, "What the action does, for people.", detail="what it does, for people"),
            KeySpec(
                "pattern",
                ValueSpec(Meaning.ACTION_PATTERN),
                "The action pattern that the action is made from, by its path. `pattern: state_machine/transition`",
                detail="an action pattern",
                release=Release.BETA,
            ),
            KeySpec(
                "config",
                mapping("pattern parameters"),
                "The parameters of the action pattern.",
                detail="the pattern's parameters",
                release=Release.BETA,
                beside=("pattern",),
            ),
            _ignored("params", "Parameters of the action."),
            _ignored("parameters", "Parameters of the action."),
            _ignored("requires", "What must hold before the action.", "use a `validate` step."),
            _ignored("impact", "What the action changes."),
            _ignored("impacts", "What the action changes."),
            _ignored("returns", "What the action returns."),
        ),
    )


def _table_views() -> tuple[Level, ...]:
    included = needed(listed(needed(mapping("included relation"))))
    return (
        Level(
            "table_views",
            (
                KeySpec(
                    "mode",
                    needed(choice("auto", "force", "disable")),
                    "When the table view is made: `auto`, if the entity refers to others; `force`, always; `disable`, "
                    "never. An unquoted `off` is a boolean, which SpecQL refuses.",
                    detail="when the view is made",
                ),
                KeySpec(
                    "include_relations",
                    included,
                    "Entities whose fields the view includes. `- Company: {fields: [name, city]}`",
                    detail="fields of other entities",
                ),
                KeySpec(
                    "extra_filter_columns",
                    listed(needed(mapping("filter columns", Meaning.FIELD_REFERENCE))).demanding(Demand.ITERABLE),
                    "Columns beside the references that rows can be filtered by quickly. "
                    "`- rating`, or `- author: {source: author.name}`",
                    detail="columns to filter by",
                ),
                KeySpec(
                    "refresh",
                    needed(choice("explicit")),
                    "How the view is refreshed: only `explicit`, by `refresh_table_view` steps.",
                    detail="how the view is refreshed",
                ),
            ),
        ),
        Level(
            "included relation",
            any_key=KeySpec(
                "*",
                needed(mapping("relation")),
                "An entity whose fields the view includes.",
                meaning=Meaning.ENTITY_REFERENCE,
            ),
            has_one_key=True,
        ),
        Level(
            "relation",
            (
                KeySpec(
                    "fields",
                    needed(listed(needed(FIELD_REFERENCE))),
                    "The fields that are included; `['*']` includes all of them.",
                    detail="the included fields",
                    required=True,
                ),
                KeySpec(
                    "include_relations", included, "Entities that this entity refers to.", detail="further entities"
                ),
            ),
        ),
        Level(
            "filter columns",
            any_key=KeySpec(
                "*",
                needed(mapping("filter column")),
                "A column of the view to filter by.",
                meaning=Meaning.FIELD_REFERENCE,
            ),
            has_one_key=True,
        ),
        Level(
            "filter column",
            (
                KeySpec(
                    "source",
                    ValueSpec(Meaning.FIELD_PATH),
                    "Where the value comes from, if not from the field of this name. `source: author.name`",
                    detail="where the value comes from",
                ),
                KeySpec("type", TEXT, "The column's PostgreSQL type. `type: TEXT`", detail="the column's type"),
                KeySpec(
                    "index",
                    choice("btree", "gin", "gin_trgm", "gist"),
                    "The kind of the index; without it `btree`.",
                    detail="the kind of index",
                ),
            ),
        ),
    )


def _translations() -> Level:
    return Level(
        "translations",
        (
            KeySpec(
                "enabled",
                needed(BOOLEAN),
                "Whether the fields are translatable.",
                detail="whether they are translated",
            ),
            KeySpec(
                "fields",
                needed(listed(needed(FIELD_REFERENCE))),
                "The translatable fields, each once and of type `text`. `fields: [name, description]`",
                detail="the translatable fields",
            ),
            KeySpec(
                "table_name",
                TEXT.demanding(Demand.FORM_OR_NULL),
                "The name of the table of translations, if not the usual one.",
                detail="the table's name",
            ),
        ),
    )


def _identifier() -> tuple[Level, ...]:
    return (
        Level(
            "identifier",
            (
                KeySpec(
                    "components",
                    listed(needed(mapping("identifier component", Meaning.FIELD_REFERENCE))).demanding(Demand.ITERABLE),
                    "The parts of the identifier in their order: fields, or mappings with `field`.",
                    detail="the parts",
                ),
                KeySpec(
                    "strategy",
                    TEXT,
                    "How the identifier is built; without it `simple`. SpecQL 0.9.2 accepts any text.",
                    detail="how it is built",
                ),
                KeySpec("separator", TEXT, "What separates the levels of a hierarchy.", detail="between levels"),
                KeySpec("composition_separator", TEXT, "What separates the components.", detail="between components"),
                KeySpec("internal_separator", TEXT, "What separates words in a component.", detail="between words"),
            ),
        ),
        Level(
            "identifier component",
            (
                KeySpec("field", FIELD_REFERENCE, "The field whose value is used.", detail="the field", required=True),
                KeySpec(
                    "transform",
                    choice("slugify", "uppercase", "lowercase"),
                    "What is made of the value; without it `slugify`.",
                    detail="what is made of the value",
                ),
                KeySpec("format", TEXT, "How the value is written, for dates and numbers.", detail="how it is written"),
                KeySpec("separator", TEXT, "What is written before the value.", detail="before the value"),
                KeySpec("replace", ANY, "Texts in the value that are replaced.", detail="texts to replace"),
                KeySpec(
                    "strip_tenant_prefix",
                    BOOLEAN,
                    "Whether the prefix of the tenant is taken away from the value.",
                    detail="without the tenant's prefix",
                ),
            ),
        ),
    )


def _pattern() -> Level:
    return Level(
        "pattern",
        (
            KeySpec(
                "type",
                ValueSpec(Meaning.PATTERN),
                "The pattern's name. `type: temporal_scd_type2_helper`",
                detail="the pattern",
                required=True,
            ),
            KeySpec("params", mapping("pattern parameters"), "The pattern's parameters.", detail="the parameters"),
        ),
    )


def _agent() -> Level:
    return Level(
        "agent",
        (
            KeySpec("name", ValueSpec(Meaning.AGENT), "The agent's name.", detail="the agent's name", required=True),
            KeySpec("type", TEXT, "The kind of agent; without it `rule_based`.", detail="the kind of agent"),
            KeySpec(
                "observes", listed(ENTITY_REFERENCE), "The entities that the agent observes.", detail="what it observes"
            ),
            KeySpec(
                "can_execute",
                listed(ValueSpec(Meaning.ACTION_REFERENCE)),
                "The actions that the agent may execute.",
                detail="what it may execute",
            ),
            KeySpec("strategy", TEXT, "How the agent decides.", detail="how it decides"),
            KeySpec(
                "audit", TEXT, "Whether its actions are recorded; without it `required`.", detail="what is recorded"
            ),
        ),
    )
