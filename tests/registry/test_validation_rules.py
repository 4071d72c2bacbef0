"""The one table of rules of a registry YAML: who acts on each rule, and how it appears in an editor."""

from __future__ import annotations

import pytest

from specql_lsp.features.diagnostics.rules import RULES as DIAGNOSTICS
from specql_lsp.items.registry_file import read_registry
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.findings import Rule
from specql_lsp.registry.sources.yaml.validation import RULES, Use, validate
from specql_lsp.registry.yaml_edits.export import ExportError, export_registry
from specql_lsp.syntax.parsing.parse import parse
from tests.support.exports import NOW

HEAD = "schema_layers: {'01': write_side}\nreserved_codes: []\n"
SUBDOMAIN = "'01': {name: core, description: '', next_entity_sequence: 1, entities: %s}"
DOMAIN = "domains:\n  '1': {name: crm, description: '', subdomains: {%s}}\n"
ENTITY = "{A: {table_code: '011011', entity_code: A, assigned_at: ''}}"
COMPLETE = HEAD + DOMAIN % (SUBDOMAIN % ENTITY)
EXAMPLES = {
    Rule.NOT_YAML: "domains: {'1': [}\n",
    Rule.NOT_A_REGISTRY: "- domains\n",
    Rule.READ_DIFFERENTLY: COMPLETE + "---\nmore: 1\n",
    Rule.NOT_READ: COMPLETE.replace("description: ''", "description: [a]", 1),
    Rule.MISREAD_TEXT: COMPLETE.replace("name: crm", "name: 0x10"),
    Rule.MISREAD_CODE: COMPLETE.replace("'011011'", "011011"),
    Rule.REPEATED_KEY: COMPLETE.replace("name: crm", "name: crm, name: sales"),
    Rule.STOPS_SPECQL: COMPLETE.replace("entity_code: A, ", ""),
}


def rules_of(text: str, use: Use) -> set[Rule]:
    tree = parse(text)
    return {found.rule for found in validate(read_registry(tree), tree, use)}


def test_every_rule_has_a_policy_and_an_example() -> None:
    assert set(RULES) == set(Rule)
    # What our parser alone does not understand is not known: property tests would find it.
    assert set(EXAMPLES) == set(Rule) - {Rule.UNCLEAR_STRUCTURE}


@pytest.mark.parametrize("use", Use)
def test_a_complete_registry_breaks_no_rule(use: Use) -> None:
    assert rules_of(COMPLETE, use) == set()


@pytest.mark.parametrize(("rule", "use"), [(rule, use) for rule in EXAMPLES for use in Use], ids=str)
def test_a_use_finds_the_rules_of_the_table_and_no_other(rule: Rule, use: Use) -> None:
    found = rules_of(EXAMPLES[rule], use)
    assert (rule in found) == (use in RULES[rule].uses)
    assert all(use in RULES[other].uses for other in found)


@pytest.mark.parametrize("rule", Rule, ids=str)
def test_the_severity_is_that_of_the_diagnostic_in_an_editor(rule: Rule) -> None:
    policy = RULES[rule]
    assert DIAGNOSTICS[policy.diagnostic].severity is policy.severity


@pytest.mark.parametrize("rule", [rule for rule in EXAMPLES if Use.EXPORT_INPUT in RULES[rule].uses], ids=str)
def test_an_export_refuses_what_the_table_says(rule: Rule) -> None:
    tree = parse(EXAMPLES[rule])
    first = validate(read_registry(tree), tree, Use.EXPORT_INPUT)[0]
    with pytest.raises(ExportError) as refused:
        export_registry(Snapshot(()), EXAMPLES[rule], NOW)
    assert first.message in str(refused.value)
