"""The SQL that we say SpecQL 0.9.2 generates of actions and steps, beside what it generates."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from specql_lsp.items.entity import EntityItem, StepItem
from specql_lsp.language.patterns import table_patterns
from specql_lsp.semantics.step_sql import function_of, is_refused, refused_word, step_sql, template_of
from specql_lsp.workspace.documents import Document
from tests.specql.reference import Reference
from tests.support.corpus import ENTITIES, name_of

STEPS = [
    "{validate: status = 'lead'}",
    "{validate: status = 'lead' AND email IS NOT NULL, error: not_a_lead}",
    "{validate: null = true}",
    "{validate: statuses = status}",
    "{update: \"Contact SET status = 'x'\"}",
    "{update: \"Contact SET status = 'x', email = 'WHERE' WHERE status = 'a'\"}",
    "{update: \" Company  SET status = 1  WHERE status = 'a'\"}",
    "{insert: Contact}",
    "{delete: Contact}",
    "{find: Contact}",
    "{if: status = 'a', then: [{validate: status = 'b'}]}",
    "{reject: no}",
    "{call: f(a = 1)}",
    "{refresh_table_view: {scope: self}}",
    "{refresh_table_view: {}}",
    "{refresh_table_view: {scope: related}}",
    "{refresh_table_view: {scope: batch}}",
    "{refresh_table_view: {scope: propagate, propagate: [Company, TaskItem]}}",
]


def entity_of(text: str) -> EntityItem:
    """The entity of a text."""
    entity = Document("file:///a.yaml", text).entity
    assert entity is not None
    return entity


@pytest.mark.parametrize("name", ["Contact", "TaskItem", "Éclair"])
@pytest.mark.parametrize("step", STEPS)
def test_statements_of_steps(specql: Reference, name: str, step: str) -> None:
    head = f"entity: {name}\nschema: crm\nfields: {{status: text, email: email, statuses: text}}\nactions:\n"
    entity = entity_of(f"{head}  - name: qualify\n    steps:\n      - {step}\n")
    (found,) = entity.actions[0].steps
    lines = step_sql(entity, StepItem(found.node, found.shift))
    generated = _lines(specql.action(f"{head}  - name: qualify\n    steps:\n      - {step}\n"))
    without = _lines(specql.action(f"{head}  - name: qualify\n"))
    assert set(lines) <= set(generated)
    added = [line for line in generated if line not in without and not line.startswith(("--", "RAISE "))]
    assert bool(lines) == bool(added)
    assert [line for line in added if line.startswith(("UPDATE", "SELECT", "FROM", "PERFORM", "INSERT", "IF"))] == [
        line for line in lines if not line.startswith("WHERE")
    ]


def _lines(sql: str) -> list[str]:
    return [line.strip() for line in sql.splitlines() if line.strip()]


@pytest.mark.parametrize("action", ["create_contact", "Create", "update_it", "deleted", "qualify", "recreate", "do.it"])
def test_functions_of_actions(specql: Reference, action: str) -> None:
    text = f"entity: TaskItem\nschema: crm\nfields: {{status: text}}\nactions:\n  - name: {action}\n"
    sql = specql.action(text)
    assert f"CREATE OR REPLACE FUNCTION {function_of(entity_of(text), action)}(" in sql


@pytest.mark.parametrize("path", ENTITIES, ids=name_of)
def test_every_step_of_a_file(specql: Reference, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if specql.entity(text).error is not None:
        return
    data = yaml.safe_load(text)
    for action in data.get("actions") or ():
        alone = yaml.safe_dump({**data, "actions": [action]}, sort_keys=False, width=100_000)
        entity = entity_of(alone)
        generated = _lines(specql.action(alone))
        assert f"CREATE OR REPLACE FUNCTION {function_of(entity, action['name'])}(" in generated
        for step in entity.actions[0].steps if template_of(action["name"]) is None else ():
            assert not is_refused(step)
            assert refused_word(entity, step) is None
            assert set(step_sql(entity, step)) <= set(generated)


def test_nothing_is_generated_of_patterns_and_translations(specql: Reference) -> None:
    """What the hover of a pattern says: SpecQL reads them, and its table is the same without them."""
    plain = {"entity": "Thing", "fields": {"a": "text", "b": "date", "c": "date"}}
    expected = specql.table(yaml.safe_dump(plain))
    patterns = [{"type": name, "params": {}} for name in table_patterns()]
    assert specql.table(yaml.safe_dump({**plain, "patterns": patterns})) == expected
    translations = {"enabled": True, "fields": ["a"]}
    assert specql.table(yaml.safe_dump({**plain, "translations": translations})) == expected
