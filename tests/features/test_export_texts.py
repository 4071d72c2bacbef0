"""What an export writes, and that SpecQL and we read it as it was meant."""

from __future__ import annotations

from typing import Any

import yaml

from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from tests.features.export_support import changes
from tests.support.exports import STAMP, exported, read
from tests.support.registries import small_registry


def test_what_specql_would_read_as_something_else_is_quoted() -> None:
    text = """\
domains:
  2:
    name: no
    description: 2025-11-21
    aliases: [on, off-line, 12]
    subdomains:
      010:
        name: 0x1F
        description: 3
        next_entity_sequence: 1
        entities:
          Contact: {table_code: 012031, entity_code: on, assigned_at: 2025-11-21}
          Company: 123456
          Null: {table_code: 0120A4, entity_code: B, assigned_at: x}
"""
    postgresql = read(text)
    assert postgresql.domains[0].subdomains[0].number == "010"
    assert changes(text, exported(postgresql, text)) == [
        "-  2:",
        "-    name: no",
        "-    description: 2025-11-21",
        "-    aliases: [on, off-line, 12]",
        "+  '2':",
        "+    name: 'no'",
        "+    description: '2025-11-21'",
        "+    aliases: ['on', off-line, 12]",
        "-      010:",
        "-        name: 0x1F",
        "+      '010':",
        "+        name: '0x1F'",
        "-          Contact: {table_code: 012031, entity_code: on, assigned_at: 2025-11-21}",
        "-          Company: 123456",
        "-          Null: {table_code: 0120A4, entity_code: B, assigned_at: x}",
        "+          Contact: {table_code: '012031', entity_code: on, assigned_at: 2025-11-21}",
        f"+          Company: {{table_code: '123456', entity_code: CMP, assigned_at: '{STAMP}'}}",
        "+          'Null': {table_code: 0120A4, entity_code: B, assigned_at: x}",
    ]


def test_a_text_that_keeps_its_empty_lines_stays() -> None:
    text = "domains:\n  '1':\n    name: a\n    description: |+\n      x\n\n    multi_tenant: true\n"
    (one,) = read(text).domains
    assert one.description == "x\n\n"
    added = [line for line in changes(text, exported(Snapshot((one,)), text)) if "subdomains" not in line]
    assert added == []


def test_what_comes_behind_a_list_stands_behind_its_new_items() -> None:
    text = "domains:\n  '1':\n    name: a\n    description: ''\n    aliases:\n    - b\n"
    postgresql = Snapshot((Domain("1", "a", None, True, ("b", "c"), (Subdomain("01", "d"),)),))
    assert exported(postgresql, text).startswith(text + "    - c\n    multi_tenant: true\n    subdomains:\n")


def test_a_new_file_has_specqls_shape() -> None:
    expected = """\
version: 1.0.0
schema_layers:
  '00': common
  '01': write_side
  '02': read_side
  '03': functions
domains:
  '2':
    name: crm
    description: Customer relations
    aliases:
    - management
    multi_tenant: true
    subdomains:
      '01':
        name: core
        description: ''
        next_entity_sequence: 1
        entities: {}
      '03':
        name: customer
        description: Customers
        next_entity_sequence: 5
        entities:
          Contact:
            table_code: '012031'
            entity_code: CNT
            assigned_at: '2026-03-04T05:06:07.000Z'
          Company:
            table_code: '012032'
            entity_code: CMP
            assigned_at: '2026-03-04T05:06:07.000Z'
          Account:
            table_code: '012034'
            entity_code: ACC
            assigned_at: '2026-03-04T05:06:07.000Z'
  '3':
    name: catalog
    description: ''
    multi_tenant: false
    subdomains:
      '01':
        name: core
        description: Basics
        next_entity_sequence: 1
        entities: {}
      '02':
        name: manufacturer
        description: ''
        next_entity_sequence: 934
        entities:
          Manufacturer:
            table_code: '013021'
            entity_code: MNF
            assigned_at: '2026-03-04T05:06:07.000Z'
  '5':
    name: billing
    description: ''
    multi_tenant: false
    subdomains: {}
reserved_codes:
- '000000'
- '999999'
validation:
  enforce_uniqueness: true
  allow_manual_override: true
  require_subdomain: false
  warn_on_inference: true
"""
    assert exported(small_registry(), None) == expected
    assert exported(small_registry(), "") == expected
    assert exported(small_registry(), "\ufeff") == "\ufeff" + expected
    assert exported(small_registry(), "# Ours\r\n\r\n") == "# Ours\r\n\r\n" + expected.replace("\n", "\r\n")
    assert exported(small_registry(), "# Ours") == "# Ours\n" + expected
    assert "domains: {}\n" in exported(Snapshot(()), None)


def test_names_and_codes_of_any_kind_come_back_as_texts() -> None:
    entities = tuple(
        Entity(name, code, n) for n, (name, code) in enumerate([("Yes", "0120E1"), ("Null", "123456"), ("N", "1_0")])
    )
    domain = Domain("2", "no", "- a\n- b", False, ("1:30", "~", "a, b"), (Subdomain("08", "null", "", 1, entities),))
    for text in (
        None,
        "{domains: {}}",
        "domains: {'1': {name: a, subdomains: {'01': {name: b, entities: {A: '1'}}}}}\n",
    ):
        assert _code_texts(exported(Snapshot((domain,)), text)) == {"0120E1", "123456", "1_0"}


def _code_texts(text: str) -> set[Any]:
    return {
        entity if isinstance(entity, str) else entity["table_code"]
        for domain in yaml.safe_load(text)["domains"].values()
        for subdomain in domain["subdomains"].values()
        for entity in subdomain["entities"].values()
    }


def test_no_domains_are_an_empty_mapping() -> None:
    for text in ("domains:\n", "domains: ~  # c\n", "version: 1\n", "{version: 1}\n", "domains: {'1': {name: a}}\n"):
        assert yaml.safe_load(exported(Snapshot(()), text))["domains"] == {}
