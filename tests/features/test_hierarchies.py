"""Call hierarchies of actions, patterns and services; type hierarchies of entities that refer to each other."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from specql_lsp.features.call_hierarchy import incoming_calls, outgoing_calls, prepare_calls
from specql_lsp.features.hierarchy import Call, HierarchyItem
from specql_lsp.features.type_hierarchy import prepare_types, subtypes, supertypes
from specql_lsp.index.symbols import Place
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import REGISTRY_PATH, Workspace, spot, workspace

CALLS = """
-- crm/contact.yaml --
entity: Contact
schema: crm
actions:
  - name: qualify
    steps:
      - call: notify_owner(a = 1)
      - if: a = 1
        then:
          - call: |
              notify_owner()
          - call_service: {service: mailer, operation: SEND}
  - name: notify_owner
    pattern: own/move
  - name: alone
    steps: [{call: unknown(), validate: x}]
-- crm/lead.yaml --
entity: Lead
schema: crm
actions: [{name: convert, steps: [{call: qualify()}, {call: 'qualify()'}]}]
agents: [{name: b, can_execute: [convert]}]
-- stdlib/actions/own/move.yaml --
pattern: own/move
description: Moves it
-- registry/service_registry.yaml --
services: [{name: mailer, operations: [{name: send}]}]
"""


def with_cursor(text: str, marked: str) -> Workspace:
    plain = marked.replace("$0", "")
    assert text.count(plain) == 1, plain
    return workspace(text.replace(plain, marked))


def shown(calls: Iterable[Call]) -> list[tuple[str, str, int]]:
    return [(call.item.name, call.item.detail, len(call.places)) for call in calls]


def home(it: Workspace, item: HierarchyItem) -> Document:
    found = it.read(item.name_place.uri)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("marked", "incoming", "outgoing"),
    [
        (
            "name: qua$0lify",
            [("convert", "crm.Lead", 2)],
            [("notify_owner", "crm.Contact", 2), ("send", "mailer", 1)],
        ),
        (
            "[{call: qua$0lify()},",
            [("convert", "crm.Lead", 2)],
            [("notify_owner", "crm.Contact", 2), ("send", "mailer", 1)],
        ),
        ("name: notify_$0owner", [("qualify", "crm.Contact", 2)], [("own/move", "Moves it", 1)]),
        ("name: con$0vert", [], [("qualify", "crm.Contact", 2)]),
        ("name: al$0one", [], []),
        ("    pattern: own/$0move", [("notify_owner", "crm.Contact", 1)], []),
        ("operation: SE$0ND", [("qualify", "crm.Contact", 1)], []),
    ],
)
def test_calls(marked: str, incoming: list[tuple[str, str, int]], outgoing: list[tuple[str, str, int]]) -> None:
    it = with_cursor(CALLS, marked)
    analysis = it.analysis()
    [item] = prepare_calls(analysis, it.document(), it.offset, read=it.read)
    document = home(it, item)
    found = incoming_calls(analysis, document, item.identity, read=it.read, check=lambda: None)
    assert shown(found) == incoming
    called = outgoing_calls(analysis, document, item.identity, read=it.read)
    assert shown(called) == outgoing
    for call in called:
        assert all(place.uri == document.uri for place in call.places)
    for call in (*found, *called):
        assert holds(call.item)


def holds(item: HierarchyItem) -> bool:
    whole: Place = item.whole
    return whole.uri == item.name_place.uri and whole.start <= item.name_place.start <= item.name_place.end <= whole.end


@pytest.mark.parametrize("marked", ["if: a$0 = 1", "{call: unk$0nown()", "schema: c$0rm\nactions:\n  - name: q"])
def test_what_is_not_called(marked: str) -> None:
    it = with_cursor(CALLS, marked)
    assert prepare_calls(it.analysis(), it.document(), it.offset, read=it.read) == ()


TYPES = f"""
-- crm/contact.yaml --
entity: Contact
schema: crm
organization: {{table_code: '012031'}}
fields: {{company: ref(Company), boss: ref(Contact), ghost: ref(Ghost), other: ref(Company), name: text}}
-- crm/lead.yaml --
entity: Lead
schema: crm
fields: {{contact: list(ref(Contact))}}
actions: [{{name: a, steps: [{{insert: Company}}]}}]
-- sales/company.yaml --
entity: Company
schema: sales
-- {REGISTRY_PATH} --
domains:
  '2':
    name: crm
    subdomains: {{'03': {{name: core, entities: {{Ghost: {{table_code: '012032'}}}}}}}}
"""


@pytest.mark.parametrize(
    ("marked", "name", "above", "beneath"),
    [
        ("entity: Con$0tact", "Contact", ["Company", "Contact", "Ghost"], ["Contact", "Lead"]),
        ("list(ref(Con$0tact))", "Contact", ["Company", "Contact", "Ghost"], ["Contact", "Lead"]),
        ("{con$0tact: list", "Contact", ["Company", "Contact", "Ghost"], ["Contact", "Lead"]),
        ("entity: Le$0ad", "Lead", ["Contact"], []),
        ("insert: Com$0pany", "Company", [], ["Contact"]),
        ("ref(Gh$0ost)", "Ghost", [], ["Contact"]),
    ],
)
def test_types(marked: str, name: str, above: list[str], beneath: list[str]) -> None:
    it = with_cursor(TYPES, marked)
    analysis = it.analysis()
    [item] = prepare_types(analysis, it.document(), it.offset, read=it.read)
    assert item.name == name
    document = home(it, item)
    over = supertypes(analysis, document, item.identity, read=it.read)
    assert [each.name for each in over] == above
    under = subtypes(analysis, document, item.identity, read=it.read, check=lambda: None)
    assert [each.name for each in under] == beneath
    for each in (item, *over, *under):
        assert holds(each)
        assert home(it, each).text[slice(*_span(it, each))] == each.name


def _span(it: Workspace, item: HierarchyItem) -> tuple[int, int]:
    lines = home(it, item).lines
    assert spot(item.name_place)
    return lines.offset(item.name_place.start), lines.offset(item.name_place.end)


def test_what_refers_to_nothing() -> None:
    it = with_cursor(TYPES, "na$0me: text")
    assert prepare_types(it.analysis(), it.document(), it.offset, read=it.read) == ()


def test_files_with_an_action_of_the_same_name_are_not_read() -> None:
    """In each of them the name means its own: many entities have an action ``activate``."""
    others = "\n".join(
        f"-- crm/other_{number}.yaml --\nentity: Other{number}\nschema: crm\n"
        "actions: [{name: notify_owner, steps: [{call: notify_owner()}]}]"
        for number in range(9)
    )
    it = with_cursor(f"{CALLS}{others}\n", "- name: notify_o$0wner")
    (item,) = prepare_calls(it.analysis(), it.document(), it.offset, read=it.read)
    read: list[str] = []

    def reading(uri: str) -> Document | None:
        read.append(uri)
        return it.read(uri)

    calls = incoming_calls(it.analysis(), home(it, item), item.identity, read=reading, check=lambda: None)
    assert shown(calls) == [("qualify", "crm.Contact", 2)]
    assert not [uri for uri in read if "other_" in uri]
