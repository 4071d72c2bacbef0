"""Symbols of the workspace by a part of their name: what is found, in which order, and where it leads."""

from __future__ import annotations

import random

import pytest

from specql_lsp.features.workspace_symbols import MOST_SYMBOLS, located, workspace_symbols
from specql_lsp.index.name_search import candidates, score, text_of
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import spot, workspace
from tests.support.effort import SEED, times

FILES = """
-- crm/contact.yaml --
entity: Contact
        ^^^^^^^ entity
schema: crm
organization: {table_code: '012031'}
fields:
  email: text
  ^^^^^ email
  order_count: integer
  ^^^^^^^^^^^ order
actions:
  - name: qualify_lead
          ^^^^^^^^^^^^ action
-- sales/order_item.yaml --
entity: OrderItem
        ^^^^^^^^^ item
schema: sales
fields: {email: text}
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
          ^^^ domain
    aliases: [management]
    subdomains:
      '03':
        name: customer
              ^^^^^^^^ subdomain
        entities:
          Contact: {table_code: '012031', entity_code: CNT, assigned_at: x}
          Ghost: {table_code: '012039', entity_code: GHS, assigned_at: x}
                              ^^^^^^^^ ghost
"""


def found(query: str, snippet: str = FILES) -> list[str]:
    it = workspace(snippet)
    return [f"{each.name} · {each.container}" for each in workspace_symbols(it.analysis(), query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("contact", ["Contact · crm · 012031"]),
        ("CONT", ["Contact · crm · 012031", "order_count · crm.Contact"]),
        ("oi", ["OrderItem · sales"]),
        ("ord", ["OrderItem · sales", "order_count · crm.Contact"]),
        ("order item", ["OrderItem · sales"]),
        ("item", ["OrderItem · sales"]),
        ("email", ["email · crm.Contact", "email · sales.OrderItem"]),
        ("contact.email", ["email · crm.Contact"]),
        ("sales.", ["OrderItem · sales"]),
        ("lead", ["qualify_lead · crm.Contact"]),
        ("ql", ["qualify_lead · crm.Contact"]),
        ("crm", ["crm · 2"]),
        ("management", ["crm · 2"]),
        ("customer", ["customer · crm"]),
        ("ghost", ["Ghost · crm · 012039"]),
        ("012031", ["012031 Contact · crm · 012031"]),
        ("01203", ["012031 Contact · crm · 012031", "012039 Ghost · crm"]),
        ("nothing", []),
        ("\n", ["Contact · crm · 012031", "Ghost · crm · 012039", "OrderItem · sales", "crm · 2"]),
        ("", ["Contact · crm · 012031", "Ghost · crm · 012039", "OrderItem · sales", "crm · 2"]),
        ("[", []),
        ("é*", []),
    ],
)
def test_what_is_found(query: str, expected: list[str]) -> None:
    assert found(query) == expected


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ("contact", "entity"),
        ("contact.email", "email"),
        ("order_count", "order"),
        ("qualify", "action"),
        ("crm", "domain"),
        ("customer", "subdomain"),
        ("ghost", "ghost"),
    ],
)
def test_where_it_leads(query: str, mark: str) -> None:
    it = workspace(FILES)
    analysis = it.analysis()
    [symbol] = workspace_symbols(analysis, query)
    place = located(symbol, analysis, it.read)
    assert place is not None
    assert spot(place) in it.marked(mark)
    assert (symbol.place is None) is (mark in {"email", "order", "action"})


def test_what_is_there_no_more_has_no_place() -> None:
    it = workspace(FILES)
    [symbol] = workspace_symbols(it.analysis(), "contact.email")
    assert located(symbol, it.analysis(), lambda uri: Document(uri, "entity: Contact\n")) is None
    assert located(symbol, it.analysis(), lambda _: None) is None


def test_without_a_registry() -> None:
    it = workspace("entity: Contact\nschema: crm\n")
    assert [each.name for each in workspace_symbols(it.analysis(registry=False), "c")] == ["Contact"]


def test_so_many_and_no_more() -> None:
    documents = [Document(f"file:///{n}.yaml", f"entity: E{n}\nfields: {{name: text}}\n") for n in range(400)]
    analysis = Analysis(index=WorkspaceIndex(it.summary for it in documents if it.summary is not None))
    assert len(workspace_symbols(analysis, "e")) == MOST_SYMBOLS
    assert [each.name for each in workspace_symbols(analysis, "E39")][:2] == ["E39", "E390"]
    assert 10 <= len(workspace_symbols(analysis, "name")) < MOST_SYMBOLS


def test_names_are_followed() -> None:
    documents = [Document(f"file:///{n}.yaml", f"entity: E{n}\nfields: {{f{n}: text}}\n") for n in range(5)]
    index = WorkspaceIndex(it.summary for it in documents if it.summary is not None)
    analysis = Analysis(index=index)
    assert [each.name for each in workspace_symbols(analysis, "f3")] == ["f3"]
    index = index.put("file:///3.yaml", Document("file:///3.yaml", "entity: E3\nfields: {G9: text}\n").summary)
    analysis = Analysis(index=index)
    assert workspace_symbols(analysis, "f3") == ()
    assert [each.name for each in workspace_symbols(analysis, "g9")] == ["G9"]
    assert [each.name for each in workspace_symbols(Analysis(index=index.put("file:///3.yaml", None)), "g9")] == []


@pytest.mark.parametrize("number", range(times(20)))
def test_candidates_are_all_that_match(number: int) -> None:
    chosen = random.Random(SEED + number)
    names = {"".join(chosen.choice("abc_.") for _ in range(chosen.randrange(1, 7))) for _ in range(60)}
    text = text_of(names)
    query = "".join(chosen.choice("abc_.") for _ in range(chosen.randrange(1, 4)))

    def matches(name: str) -> bool:
        letters = iter(name)
        return all(letter in letters for letter in query)

    assert candidates(text, query, 1000) == {name for name in names if matches(name)}


@pytest.mark.parametrize(
    ("name", "query", "tier"),
    [
        ("Contact", "contact", 0),
        ("Contact", "con", 1),
        ("OrderItem", "oi", 2),
        ("order_item", "oi", 2),
        ("OrderItem", "item", 3),
        ("order_item", "item", 3),
        ("Contact", "act", 4),
        ("Contact", "cct", 5),
    ],
)
def test_how_well_a_name_matches(name: str, query: str, tier: int) -> None:
    assert score(name, query).tier == tier


LIBRARY = """
-- entities/crm/charge.yaml --
entity: Charge
schema: crm
-- stdlib/actions/crm/close_ticket.yaml --
pattern: crm/close_ticket
         ^^^^^^^^^^^^^^^^ pattern
-- registry/service_registry.yaml --
services:
  - name: Stripe
          ^^^^^^ service
    operations: [{name: create_charge}]
                        ^^^^^^^^^^^^^ operation
"""


@pytest.mark.parametrize(
    ("query", "expected", "mark"),
    [
        ("closet", [("crm/close_ticket", "pattern")], "pattern"),
        ("STRI", [("Stripe", "service")], "service"),
        ("stripe.charge", [("create_charge", "Stripe")], "operation"),
        ("charge", [("Charge", "crm"), ("create_charge", "Stripe")], ""),
        ("", [("Charge", "crm")], ""),
    ],
)
def test_patterns_and_services(query: str, expected: list[tuple[str, str]], mark: str) -> None:
    files = workspace(LIBRARY)
    found = workspace_symbols(files.analysis(), query)
    assert [(symbol.name, symbol.container) for symbol in found] == expected
    if mark:
        assert found[0].place is not None
        assert spot(found[0].place) == next(each.place for each in files.marks if each.name == mark)
