"""What the name under the cursor is."""

from __future__ import annotations

import random

import pytest

from specql_lsp.semantics.classify import Symbol, classify
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times

ENTITY = """\
entity: Contact
schema: 'crm'
organization:
  table_code: "012031"
  domain_name: sales
  subdomain: customer
fields:
  email: email!
  company: ref(people.Company)
  state: {type: enum(a, b)}
actions:
  - name: qualify
    steps:
      - validate: email = 'a'
      - insert: Task
patterns: [history, {type: view}]
translations: {fields: [email]}
table_views: {include_relations: [{Company: {fields: [a]}}]}
"""
REGISTRY = """\
schema_layers: {'01': write_side}
domains:
  '2':
    name: crm
    aliases: [management]
    subdomains:
      '03':
        name: customer
        next_entity_sequence: 5
        entities:
          Contact: {table_code: '012031'}
          Company: '012032'
reserved_codes: ['000000']
subdomain_inference: {crm: {customer: {patterns: [contact]}}}
"""


def symbol_at(source: str, marked: str) -> Symbol | None:
    """The symbol at the ``$`` in a part of the source."""
    part = marked.replace("$", "")
    assert source.count(part) == 1, part
    return classify(Document("file:///a.yaml", source), source.index(part) + marked.index("$"))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("entity: Con$tact", "entity definition Contact of crm"),
        ("schema: 'c$rm'", "schema reference crm"),
        ('table_code: $"012031"', "code reference 012031 of Contact"),
        ("domain_name: sal$es", "schema reference sales"),
        ("subdomain: customer$", "subdomain reference customer of sales"),
        ("  em$ail: email!", "field definition email of Contact"),
        ("email: em$ail!", "type reference email of email"),
        ("company: re$f(", "type reference ref of company"),
        ("ref(peo$ple.Company)", "schema reference people"),
        ("ref(people.Com$pany)", "entity reference Company of people"),
        ("{type: en$um(", "type reference enum of state"),
        ("{ty$pe: enum", "key reference type"),
        ("name: qual$ify", "action definition qualify of Contact"),
        ("- vali$date:", "step reference validate"),
        ("- ins$ert:", "step reference insert"),
        ("insert: Ta$sk", "entity reference Task"),
        ("[his$tory", "pattern reference history"),
        ("{type: vi$ew}", "pattern reference view"),
        ("fields: [em$ail]", "field reference email of Contact"),
        ("[{Com$pany", "entity reference Company"),
        ("trans$lations", "key reference translations"),
        ("organ$ization", "key reference organization"),
        ("validate: em$ail", "field reference email of Contact"),
        ("email: $email!\n", "type reference email of email"),
    ],
)
def test_in_an_entity_file(marked: str, expected: str | None) -> None:
    check(symbol_at(ENTITY, marked), expected, ENTITY)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("'0$1':", "layer definition 01"),
        ("write$_side", "layer definition 01"),
        ("'$2':", "schema definition 2 of 2"),
        ("name: c$rm", "schema definition crm of 2"),
        ("[man$agement]", "schema definition management of 2"),
        ("'0$3':", "subdomain definition 03 of 2"),
        ("name: cust$omer", "subdomain definition customer of 2"),
        ("Con$tact: {", "entity reference Contact of 2"),
        ("'012$031'", "code definition 012031 of Contact"),
        ("'012$032'", "code definition 012032 of Company"),
        ("['000$000']", "code reference 000000"),
        ("inference: {c$rm", "schema reference crm"),
        ("{cust$omer:", "subdomain reference customer of crm"),
        ("next_entity$_sequence", "key reference next_entity_sequence"),
        ("sequence: $5", None),
        ("aliases$:", "key reference aliases"),
    ],
)
def test_in_a_registry(marked: str, expected: str | None) -> None:
    check(symbol_at(REGISTRY, marked), expected, REGISTRY)


def check(symbol: Symbol | None, expected: str | None, source: str) -> None:
    if symbol is None:
        assert expected is None
        return
    owner = f" of {symbol.owner}" if symbol.owner else ""
    assert f"{symbol.kind.value} {symbol.role.value} {symbol.name}{owner}" == expected
    if symbol.kind.value != "layer":
        assert source[slice(*symbol.span)] == symbol.name


@pytest.mark.parametrize("text", ["", "a: 1\n", "entity:\n", "entity: ~\n", "[entity]"])
def test_where_nothing_is_named(text: str) -> None:
    found = [classify(Document("file:///a.yaml", text), offset) for offset in range(len(text) + 1)]
    assert {symbol.kind.value for symbol in found if symbol} <= {"key", "entity"}


def test_each_document_has_its_entity() -> None:
    text = "entity: A\nfields: {x: text}\n---\nentity: B\nfields: {z: text}\n"
    symbol = classify(Document("file:///a.yaml", text), text.index("z:"))
    assert symbol is not None
    assert (symbol.name, symbol.owner) == ("z", "B")


def test_any_offset_of_any_text_is_answered() -> None:
    chooser = random.Random(SEED)
    for source in (ENTITY, REGISTRY):
        for _ in range(times(100)):
            at = chooser.randrange(len(source))
            text = source[:at] + chooser.choice(["", "\t", ": ", "- ", "{", "'", "*a", "\n", "&a "]) + source[at + 3 :]
            document = Document("file:///a.yaml", text)
            for offset in chooser.sample(range(len(text)), 30):
                symbol = classify(document, offset)
                assert symbol is None or 0 <= symbol.span.start <= symbol.span.end <= len(text)
