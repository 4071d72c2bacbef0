"""The language's tables beside SpecQL 0.9.2: what it reads, which types it has, what it refuses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import yaml

from specql_lsp.features.completion.snippet import expanded
from specql_lsp.language import names, sql
from specql_lsp.language.keys import Level, Meaning, entity_keys, registry_keys
from specql_lsp.language.patterns import table_patterns
from specql_lsp.language.release import Release
from specql_lsp.language.steps import Generated, step_kinds
from specql_lsp.language.types import TypeTier, types
from tests.language.whole_files import ENTITY, ENTITY_IN_A_MAPPING, REGISTRY, STEPS, keys_in
from tests.specql.reference import Reference

UNREAD = {key.name: "x" for key in entity_keys().levels["entity file"].keys if key.release is not Release.REFERENCE}


@pytest.mark.parametrize("data", [{**ENTITY, **UNREAD}, ENTITY_IN_A_MAPPING], ids=["whole", "mapping"])
def test_which_keys_of_an_entity_are_read(specql: Reference, data: dict[str, Any]) -> None:
    asked = specql.keys("entity", yaml.safe_dump(data))
    for path, key in keys_in(entity_keys(), data):
        if key.meaning is Meaning.KEY and "params" not in path[:-1] and "config" not in path[:-1]:
            assert (path in asked) == (key.release is Release.REFERENCE), path


def test_which_keys_of_a_registry_are_read(specql: Reference) -> None:
    asked = specql.keys("registry", yaml.safe_dump(REGISTRY))
    for path, key in keys_in(registry_keys(), REGISTRY):
        if key.meaning is Meaning.KEY:
            assert (path in asked) == (key.release is Release.REFERENCE), path


def _without(data: Any, path: tuple[str, ...]) -> None:
    for name in path[:-1]:
        data = data[0] if name == "[]" else data[name]
    del data[path[-1]]


def test_what_is_required(specql: Reference) -> None:
    """Without a required key SpecQL stops, and without any other it does not."""
    for data in ({**ENTITY, "actions": [{"name": "a"}]}, ENTITY_IN_A_MAPPING):
        for path, key in keys_in(entity_keys(), data):
            if key.release is Release.REFERENCE and key.meaning is Meaning.KEY:
                text = yaml.safe_dump(data)
                damaged = yaml.safe_load(text)
                _without(damaged, path)
                refused = specql.entity(yaml.safe_dump(damaged)).error is not None
                if path[0] == "translations" and path[-1] == "fields":
                    assert refused  # only because they are enabled
                elif len(path) == 1 and path != ("entity",):
                    assert not key.required
                else:
                    assert refused == key.required, path
    for path, key in keys_in(registry_keys(), REGISTRY):
        if key.meaning is Meaning.KEY:
            damaged = yaml.safe_load(yaml.safe_dump(REGISTRY))
            _without(damaged, path)
            answer = specql.registry(yaml.safe_dump(damaged))
            assert (answer.error is not None) == key.required, (path, answer)


def _with_steps(*steps: dict[str, Any]) -> str:
    fields = {"status": "text", "name": "text"}
    return yaml.safe_dump({"entity": "Contact", "fields": fields, "actions": [{"name": "a", "steps": list(steps)}]})


def test_kinds_of_steps(specql: Reference) -> None:
    examples = {key: step for step in STEPS for key in step if key in step_kinds()}
    examples |= {"reject": {"reject": "x"}, "update": {"update": "Contact SET status = 'x'"}}
    for name, kind in step_kinds().items():
        answer = specql.entity(_with_steps(examples.get(name, {name: "x"})))
        if kind.release is Release.REFERENCE:
            assert answer.error is None, name
        else:
            assert answer.error is not None, name
            assert "Unknown step type" in answer.error


def test_what_is_generated_for_a_step(specql: Reference) -> None:
    examples = {key: step for step in STEPS for key in step if key in step_kinds()}
    examples |= {"reject": {"reject": "x"}, "update": {"update": "Contact SET status = 'x' WHERE name = 'zebra'"}}
    without = _lines(specql.action(_with_steps()))
    for name, kind in step_kinds().items():
        if kind.release is Release.REFERENCE:
            lines = _lines(specql.action(_with_steps(examples[name])))
            added = [line for line in lines if line not in without]
            code = [line for line in added if not line.startswith("--")]
            match kind.generated:
                case Generated.NOTHING:
                    assert added == [], name
                case Generated.COMMENT:
                    assert added
                    assert code == [], name
                case Generated.PARTLY:
                    assert code
                    assert not any("zebra" in line for line in code), name
                case Generated.CODE:
                    assert code, name


def _lines(sql: str) -> list[str]:
    return [line.strip() for line in sql.splitlines() if line.strip()]


def test_the_precedence_of_steps(specql: Reference) -> None:
    examples = {key: step for step in STEPS for key in step if key in step_kinds()}
    examples |= {"reject": {"reject": "x"}, "update": {"update": "Contact SET status = 'x'"}}
    read = [kind for kind in step_kinds().values() if kind.release is Release.REFERENCE]
    for first, second in pairwise(read):
        for order in ((first, second), (second, first)):
            step = {key: value for kind in order for key, value in examples[kind.name].items()}
            asked = {path[-1] for path in specql.keys("entity", _with_steps(step)) if "[]" in path[-2:]}
            assert first.name in asked
            assert second.name not in asked or first.name.startswith("cursor_")


def test_where_descriptions_go(specql: Reference) -> None:
    field = {"type": "text", "description": "Zebra"}
    data = {"entity": "Thing", "description": "Giraffe", "fields": {"a": field}, "patterns": ["nothing_of_that_name"]}
    sql = specql.table(yaml.safe_dump(data))
    assert "Giraffe" in sql
    assert "Zebra" not in sql


def test_snippets_of_keys_are_read(specql: Reference) -> None:
    """What a snippet writes at the top level, in a list of steps or in a block is read by SpecQL."""
    base = {"entity": "Contact", "fields": {"name": "text"}}
    for level in entity_keys().levels.values():
        for key in level.keys:
            if key.snippet:
                value = yaml.safe_load("\n".join(map(expanded, key.snippet)))
                text = yaml.safe_dump(_placed(base, level, value))
                assert specql.entity(text).error is None, text
                assert any(path[-1] == key.name for path in specql.keys("entity", text)), text


def _placed(base: dict[str, Any], level: Level, value: Any) -> dict[str, Any]:
    match level.name:
        case "step":
            return {**base, "actions": [{"name": "a", "steps": [value]}]}
        case "action":
            return {**base, "actions": [{"name": "a", **value}]}
    assert level.name == "entity file"
    return {**base, **value}


def _entity_with(types_of_fields: dict[str, str]) -> str:
    return yaml.safe_dump({"entity": "Thing", "fields": types_of_fields})


def test_types(specql: Reference) -> None:
    answer = specql.fields(_entity_with({f"f_{number}": name for number, name in enumerate(types())}))
    assert answer.error is None
    for number, spec in enumerate(types().values()):
        facts = answer.value[f"f_{number}"]
        assert facts["postgres"] == spec.postgres, spec.name
        assert facts["tier"] == spec.tier.value, spec.name
        assert (facts["pattern"], facts["minimum"], facts["maximum"]) == (spec.pattern, spec.minimum, spec.maximum)
        assert facts["parts"] == sorted(part.name for part in spec.fields)
        if spec.tier is not TypeTier.BASIC:
            assert facts["graphql"] == spec.graphql


def test_the_checks_of_types(specql: Reference) -> None:
    for spec in types().values():
        sql = specql.table(_entity_with({"zebra": spec.name}))
        checks = [line.split("CHECK (", 1)[1].rsplit(")", 1)[0] for line in sql.splitlines() if "CHECK (zebra" in line]
        assert checks == [check.replace("<field>", "zebra") for check in spec.checks], spec.name
        assert any(line.strip().startswith(f"zebra {spec.postgres}") for line in sql.splitlines()), spec.name


def test_there_are_no_other_types(specql: Reference) -> None:
    """Other spellings are basic types that become TEXT."""
    others = ["timestamp", "decimal", "jsonb", "string", "TEXT", "Email", "text(100)", "date?", "Phone", "ref", "enum"]
    assert not set(others) & set(types())
    answer = specql.fields(_entity_with({f"f_{number}": name for number, name in enumerate(others)}))
    assert answer.error is None
    assert {(facts["tier"], facts["postgres"]) for facts in answer.value.values()} == {("basic", "TEXT")}


def test_reserved_names(specql: Reference) -> None:
    reserved = [*names.RESERVED_FIELD_NAMES, *(f"{prefix}x" for prefix in names.RESERVED_FIELD_PREFIXES)]
    free = ["Id", "ID", "created", "pkx", "fk", "name", "version", "Path", "deleted"]
    for name in [*reserved, *free]:
        answer = specql.entity(_entity_with({name: "text"}))
        assert (answer.error is not None) == names.is_reserved_field_name(name) == (name in reserved), name


def test_words_of_expressions(specql: Reference) -> None:
    for word in [*sql.WORDS_THAT_SPECQL_ACCEPTS, *sql.functions(), "in", "like", "ilike", "between", "auth_user_id"]:
        answer = specql.entity(_with_steps({"validate": f"status {word} name"}))
        assert (answer.error is None) == (word in sql.WORDS_THAT_SPECQL_ACCEPTS), word


def test_patterns_of_tables(specql: Reference) -> None:
    for name in table_patterns():
        answer = specql.entity(yaml.safe_dump({"entity": "Thing", "patterns": [{"type": name, "params": {}}]}))
        assert answer.error is None


def test_snippets_beside_others() -> None:
    """The snippets that are tested have a place above."""
    with_snippets = {level.name for level in entity_keys().levels.values() if any(key.snippet for key in level.keys)}
    assert with_snippets == {"entity file", "action", "step"}
