"""PostgreSQL's registry written into a YAML: every line that stays as it was, and those that change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.export import ExportError, export_registry
from tests.features.export_support import changes, edited
from tests.support.corpus import REGISTRIES
from tests.support.exports import NOW, STAMP, exported, read
from tests.support.registries import small_registry

ROOT = Path(__file__).parents[2]

REAL = REGISTRIES
FIXTURE = ROOT / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"
HOUSE = """\
# House rules: ask before you add a domain.
version: 1.0.0   # never changes
last_updated: '2025-11-21T15:53:37.813506'
schema_layers: {'01': write_side, "03": functions}

domains:

    # --- Customers ---
    "2":
        name: crm            # customer relations
        description: >
            Whoever buys
            from us
        multi_tenant: yes
        aliases: [ management ,  "dim" ]
        owner: team-crm
        subdomains:
            "03":
                next_entity_sequence: 0x5
                name: "customer"
                description: ""
                # people first
                entities:
                    Contact: {table_code: "012031", entity_code: CNT, assigned_at: '2025-11-08'}   # the people
                    Company:
                        entity_code: CMP
                        table_code: "012032"     # the firms
                        assigned_at: 2025-11-09
                    # Tag: retired, do not use again
                read_entities: {ContactView: {table_code: "022031"}}

    # --- Things ---
    "3":
        name: catalog
        description: ""
        subdomains: {}

reserved_codes: ['000000', '01203F']   # and more to come
house_rules: &rules
    - ask
legacy: *rules
"""

SAME = {
    "house": HOUSE,
    "windows": HOUSE.replace("\n", "\r\n"),
    "old mac": HOUSE.replace(">\n            Whoever buys\n            from us", "Buyers").replace("\n", "\r"),
    "byte order mark": "\ufeff" + HOUSE,
    "no line break at the end": HOUSE.rstrip("\n"),
    "empty lines at the end": HOUSE + "\n\n  \n",
    "document markers": "%YAML 1.1\n---\n" + HOUSE + "...\n",
    "flow": "{domains: {'2': {name: crm, description: d, subdomains: {'03': {name: c, description: d, "
    "next_entity_sequence: 1, entities: {Contact: {table_code: '012031', entity_code: X, assigned_at: y}}}}}}}",
    "fixture": FIXTURE.read_text(encoding="utf-8"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_does_not_differ_is_not_touched(text: str) -> None:
    assert export_registry(read(text), text, NOW) == text


HOUSE_CHANGES = """\
+    "1":
+        name: core
+        description: Basics
+        aliases: [base]
+        multi_tenant: false
+        subdomains:
+            "01":
+                name: users
+                description: ''
+                next_entity_sequence: 2
+                entities:
+                    User: {table_code: "011011", entity_code: USR, assigned_at: '2026-03-04T05:06:07.000Z'}
-        description: >
-            Whoever buys
-            from us
-        multi_tenant: yes
-        aliases: [ management ,  "dim" ]
+        description: Buyers
+        multi_tenant: false
+        aliases: [dim, sales]
-                next_entity_sequence: 0x5
-                name: "customer"
+                next_entity_sequence: 7
+                name: "people"
-                    Contact: {table_code: "012031", entity_code: CNT, assigned_at: '2025-11-08'}   # the people
-                        table_code: "012032"     # the firms
+                        table_code: "0120A2"     # the firms
+                    Zebra: {table_code: "012033", entity_code: ZBR, assigned_at: '2026-03-04T05:06:07.000Z'}
+                    Ape: {table_code: "012034", entity_code: APE, assigned_at: '2026-03-04T05:06:07.000Z'}
+            "04":
+                name: 'yes'
+                description: 'Sales: all of it'
+                next_entity_sequence: 1
+                entities: {}
-        subdomains: {}
+        subdomains:
+            "01":
+                name: parts
+                description: ''
+                next_entity_sequence: 1
+                entities:
+                    Part: {table_code: "013011", entity_code: PRT, assigned_at: '2026-03-04T05:06:07.000Z'}"""


def test_every_kind_of_difference_changes_its_own_lines_only() -> None:
    crm, catalog = read(HOUSE).domains
    (customer,) = crm.subdomains
    postgresql = Snapshot(
        (
            Domain(
                "1",
                "core",
                "Basics",
                False,
                ("base",),
                (Subdomain("01", "users", None, 2, (Entity("User", "011011", 1),)),),
            ),
            crm._replace(
                description="Buyers",
                multi_tenant=False,
                aliases=("dim", "sales"),
                subdomains=(
                    customer._replace(
                        name="people",
                        next_entity_sequence=7,
                        entities=(
                            Entity("Zebra", "012033", 3),
                            Entity("Company", "0120A2", 2),
                            Entity("Ape", "012034", 4),
                        ),
                    ),
                    Subdomain("04", "yes", "Sales: all of it", 1),
                ),
            ),
            catalog._replace(subdomains=(Subdomain("01", "parts", None, 1, (Entity("Part", "013011", 1),)),)),
        )
    )
    after = exported(postgresql, HOUSE)
    assert changes(HOUSE, after) == HOUSE_CHANGES.split("\n")


def test_what_only_the_yaml_can_say_stays() -> None:
    crm, _ = read(HOUSE).domains
    after = exported(Snapshot((crm,)), HOUSE)
    assert changes(HOUSE, after) == [
        '-    "3":',
        "-        name: catalog",
        '-        description: ""',
        "-        subdomains: {}",
    ]
    everything_gone = yaml.safe_load(exported(Snapshot(()), HOUSE))
    assert everything_gone == {**yaml.safe_load(HOUSE), "domains": {}}


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_line_endings_and_byte_order_mark_stay(change: Any) -> None:
    crm, catalog = read(HOUSE).domains
    postgresql = Snapshot((edited(Snapshot((crm,)), "2", "03", entities=()).domains[0], catalog, Domain("4", "new")))
    assert exported(postgresql, change(HOUSE)) == change(exported(postgresql, HOUSE))


def test_a_text_without_a_line_break_at_its_end_goes_on_to_have_none() -> None:
    text = (
        "domains:\n  '1': {name: a, description: a}\n  '2':\n    name: b\n    description: b\n    subdomains:\n"
        "      '01':\n        name: c\n        description: c\n        next_entity_sequence: 1"
    )
    one = read(text)
    more = exported(Snapshot((*one.domains, Domain("3", "d"))), text)
    assert more.startswith(text + "\n  '3':\n    name: d\n")
    assert not more.endswith("\n")
    assert exported(Snapshot(one.domains[:1]), text) == "domains:\n  '1': {name: a, description: a}"
    assert exported(edited(one, "2", subdomains=()), text).endswith("    description: b\n    subdomains: {}")


def test_what_goes_from_a_flow_mapping_of_several_lines_leaves_room_for_what_comes() -> None:
    text = "domains: {'1': {name: a, subdomains: {'01': {name: b,\n    description: c}}, description: d}}\n"
    postgresql = Snapshot(
        (Domain("1", "a", None, False, ("x",), (Subdomain("01", "b", None, 2, (Entity("A", "011011"),)),)),)
    )
    assert exported(postgresql, text) == (
        "domains: {'1': {name: a, subdomains: {'01': {name: b,\n    description: '', next_entity_sequence: 2, "
        f"entities: {{A: {{table_code: '011011', entity_code: A, assigned_at: '{STAMP}'}}}}}}}}, "
        "description: '', aliases: [x]}}\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "domains:\n  '1': {name: a\nversion: 1\n",
            "The file cannot be updated: line 2: This { is not closed: add a }.",
        ),
        (
            "# c\ndomains: {'1': *gone}\n",
            "The file cannot be updated: line 2: No anchor &gone is defined before this alias:",
        ),
        ("# c\n- a\n", "The file cannot be updated: line 2: A registry is a mapping"),
        (
            "schema: crm\nentity: A\n",
            "The file cannot be updated: line 2: This file defines an entity; it is no registry.",
        ),
        ("version: 1\ndomains: [a]\n", "The file cannot be updated: line 2: The key domains must hold a mapping"),
        (
            "domains: {}\n---\nx: 1\n",
            "Line 2 cannot be changed to what PostgreSQL holds. The file holds",
        ),
        (
            "domains:\n  [1]: {name: a}\n",
            "The file cannot be updated: line 2: SpecQL's reader refuses a key that is a list or a mapping.",
        ),
        (
            "# x\ndomains:\n  <<: {'9': {name: gone}}\n  '2':\n    name: crm\n",
            "Line 3 cannot be changed to what PostgreSQL holds. Domain 9 (gone) is",
        ),
        (
            "domains:\n  '9':\n    name: &x gone\n  '2':\n    name: crm\n    multi_tenant: true\nowner: [*x]\n",
            "Line 7 cannot be changed to what PostgreSQL holds. Its anchor goes with what",
        ),
    ],
)
def test_what_cannot_be_updated_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        export_registry(small_registry(), text, NOW)
    assert str(caught.value).startswith(message)
