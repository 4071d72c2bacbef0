"""The language's tables: complete, consistent, and walked by paths."""

from __future__ import annotations

import subprocess
import sys

import pytest

from specql_lsp.language.keys import ITEM, UNKNOWN_PLACE, KeyTable, Meaning, ValueSpec, entity_keys, registry_keys
from specql_lsp.language.patterns import action_patterns, table_patterns
from specql_lsp.language.release import Release
from specql_lsp.language.sql import functions, operators
from specql_lsp.language.steps import Generated, step_kind, step_kinds
from specql_lsp.language.types import CONSTRUCTORS, TypeTier, type_instead, type_named, types
from specql_lsp.syntax import cursor
from tests.language.whole_files import ENTITY, ENTITY_IN_A_MAPPING, REGISTRY, keys_in

TABLES = {"entity": entity_keys(), "registry": registry_keys()}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_levels_are_there_and_used(table: KeyTable) -> None:
    named = {table.root.level}
    for level in table.levels.values():
        for key in (*level.keys, *([level.any_key] if level.any_key else [])):
            value: ValueSpec | None = key.value
            while value is not None:
                named.add(value.level)
                assert (value.meaning is Meaning.CHOICE) == bool(value.choices)
                value = value.items
    assert named - {""} == set(table.levels)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_key_is_described_in_sentences(table: KeyTable) -> None:
    for level in table.levels.values():
        names = [key.name for key in level.keys]
        assert len(names) == len(set(names)), level.name
        for key in (*level.keys, *([level.any_key] if level.any_key else [])):
            assert key.documentation[0].isupper()
            assert key.documentation.rstrip("`'").endswith((".", ":")) or key.documentation.endswith("`"), key.name
            assert not key.detail.endswith("."), key.name
            assert key.instead.endswith(".") or not key.instead, key.name
            assert set(key.beside) <= set(names), key.name
            assert not key.required or key.release is Release.REFERENCE
            assert not key.snippet or key.snippet[0].startswith(f"{key.name}:")
            assert (key.name == "*") == (key is level.any_key)
            assert key.documentation in key.markdown


def test_whole_files_have_every_key() -> None:
    written = {key for data in (ENTITY, ENTITY_IN_A_MAPPING) for _, key in keys_in(entity_keys(), data)}
    for level in entity_keys().levels.values():
        for key in level.keys:
            of_beta = level.name == "service call" or (level.name == "step" and key.release is not Release.REFERENCE)
            unread = level.name == "entity file" and key.release is Release.NONE
            assert key in written or of_beta or unread, (level.name, key.name)
    written = {key for _, key in keys_in(registry_keys(), REGISTRY)}
    assert {key for level in registry_keys().levels.values() for key in level.keys} <= written


@pytest.mark.parametrize(
    ("path", "meaning", "level"),
    [
        ("", Meaning.NOTHING, "entity file"),
        ("entity", Meaning.ENTITY, "entity"),
        ("entity/schema", Meaning.SCHEMA, None),
        ("organization/table_code", Meaning.TABLE_CODE, None),
        ("organization/domain", Meaning.DOMAIN, None),
        ("fields/email", Meaning.FIELD_TYPE, "field"),
        ("entity/fields/email/type", Meaning.TYPE, None),
        ("actions", Meaning.NOTHING, None),
        ("actions/[]", Meaning.NOTHING, "action"),
        ("actions/[]/steps/[]", Meaning.NOTHING, "step"),
        ("actions/[]/steps/[]/then/[]/else/[]/update", Meaning.ROW_HEAD, None),
        ("actions/[]/steps/[]/refresh_table_view/propagate/[]", Meaning.ENTITY_REFERENCE, None),
        (
            "table_views/include_relations/[]/Company/include_relations/[]/Country/fields/[]",
            Meaning.FIELD_REFERENCE,
            None,
        ),
        ("translations/fields/[]", Meaning.FIELD_REFERENCE, None),
        ("patterns/[]", Meaning.PATTERN, "pattern"),
        ("identifier/components/[]", Meaning.FIELD_REFERENCE, "identifier component"),
    ],
)
def test_places_in_an_entity(path: str, meaning: Meaning, level: str | None) -> None:
    place = entity_keys().walk(name for name in path.split("/") if name)
    assert (place.meaning, place.level.name if place.level else None) == (meaning, level)


@pytest.mark.parametrize(
    "path", ["nothing", "schema/x", "fields/[]", "actions/steps", "fields/a/type/b", "[]", "entity/x"]
)
def test_places_that_no_table_knows(path: str) -> None:
    assert entity_keys().walk(path.split("/")) == UNKNOWN_PLACE
    assert UNKNOWN_PLACE.meaning is None


def test_names_that_users_choose() -> None:
    place = registry_keys().walk(["domains", "2", "subdomains", "03", "entities", "Contact", "table_code"])
    assert place.meaning is Meaning.TABLE_CODE
    assert place.names == (
        (Meaning.DOMAIN_NUMBER, "2"),
        (Meaning.SUBDOMAIN_NUMBER, "03"),
        (Meaning.REGISTERED_ENTITY, "Contact"),
    )
    assert place.name(Meaning.SUBDOMAIN_NUMBER) == "03"
    assert place.name(Meaning.FIELD) is None
    field = entity_keys().walk(["fields", "email"])
    assert field.key is not None
    assert field.key.meaning is Meaning.FIELD


def test_ranks() -> None:
    level = entity_keys().levels["entity file"]
    assert [level.rank(name) for name in ("entity", "schema", "description", "fields")] == [0, 1, 2, 3]
    assert level.rank("nothing") == len(level.keys)
    read = list(level.read())
    assert read == list(level.keys[: len(read)])  # what is read comes before what is not
    step = entity_keys().levels["step"]
    assert step.rank("validate") < step.rank("update") < step.rank("insert")


def test_what_is_said_about_releases() -> None:
    level = entity_keys().levels["field"]
    required = level.key("required")
    assert required is not None
    assert "SpecQL 0.9.2 does not read it." in required.markdown
    assert "`nullable: false`" in required.markdown
    step = entity_keys().levels["step"]
    then, service = step.key("then"), step.key("call_service")
    assert then is not None
    assert service is not None
    assert "It is read beside `if`." in then.markdown
    assert "beta line" in service.markdown


def test_kinds_of_steps() -> None:
    kind = step_kind(["error", "update", "validate"])
    assert kind is not None
    assert (kind.name, kind.generated) == ("validate", Generated.CODE)
    assert kind.key.value.meaning is Meaning.EXPRESSION
    assert step_kind(["error"]) is None
    assert step_kind([]) is None
    other = step_kind(["foreach", "raw_sql"])
    assert other is not None
    assert other.release is Release.BETA
    for kind in step_kinds().values():
        assert kind.key.name == kind.name
        assert kind.key.release is kind.release


def test_types() -> None:
    assert len([spec for spec in types().values() if spec.tier is TypeTier.COMPOSITE]) == 17
    assert len([spec for spec in types().values() if spec.tier is TypeTier.SCALAR and not spec.alias_of]) == 50
    money, phone = type_named("money"), type_named("phone")
    assert money is not None
    assert phone is not None
    assert (money.postgres, money.minimum, money.checks) == ("NUMERIC(19,4)", 0.0, ("<field> >= 0.0",))
    assert (phone.alias_of, phone.graphql) == ("phoneNumber", "PhoneNumber")
    assert type_named("Money") is None
    address = type_named("SimpleAddress")
    assert address is not None
    assert [part.name for part in address.fields][:2] == ["street", "city"]
    for spec in types().values():
        assert spec.postgres
        assert spec.description or spec.tier is TypeTier.BASIC
        assert spec.description[:1].isupper() or spec.tier is TypeTier.BASIC


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("timestamp", "datetime"),
        ("VARCHAR", "text"),
        ("Email", "email"),
        ("jsonb", "json"),
        ("url", "url"),
        ("x", None),
    ],
)
def test_types_instead(name: str, instead: str | None) -> None:
    assert type_instead(name) == instead
    assert instead is None or type_named(instead) is not None


def test_every_type_instead_is_one() -> None:
    for name in ("array", "decimal", "timestamptz", "inet", "point", "interval", "number", "object"):
        found = type_instead(name)
        assert found is not None
        assert type_named(found) is not None or found.startswith(CONSTRUCTORS)


def test_patterns() -> None:
    transition = action_patterns()["state_machine/transition"]
    assert [p.name for p in transition.parameters if p.required][:2] == ["from_states", "to_state"]
    assert "natural_key" in {p.name for p in table_patterns()["temporal_scd_type2_helper"].parameters}
    assert table_patterns()["computed_column"].parameters == table_patterns()["schema_computed_column"].parameters


def test_sql() -> None:
    for function in functions().values():
        assert function.signature.startswith(function.name)
        assert function.documentation
    assert len({word.text for word in operators()}) == len(operators())


def test_nothing_is_read_before_it_is_used() -> None:
    """Importing the language reads no data file and builds no table."""
    program = (
        "import sys, specql_lsp.language.keys, specql_lsp.language.types, specql_lsp.language.steps\n"
        "import specql_lsp.language.patterns, specql_lsp.language.sql, specql_lsp.language.type_syntax\n"
        "assert specql_lsp.language.types.types.cache_info().currsize == 0\n"
        "assert not any(name.startswith('specql_lsp.language.tables') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_paths_have_the_cursors_name_for_items() -> None:
    assert cursor.ITEM == ITEM
