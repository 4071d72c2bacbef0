"""PostgreSQL's registry written into a YAML: what SpecQL then reads, and every line that stays as it was."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
import yaml

from specql_lsp.features.registry_yaml.export import ExportError, export_registry
from specql_lsp.registry.migration.migrate import Migration, migrate_file
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from tests.support.corpus import REGISTRIES, name_of
from tests.support.exports import NOW, STAMP, exported, read
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

ROOT = Path(__file__).parents[1]
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


def changes(before: str, after: str) -> list[str]:
    """The lines taken out and put in."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def edited(snapshot: Snapshot, domain: str, subdomain: str | None = None, **values: Any) -> Snapshot:
    """A snapshot with other attributes of one domain or subdomain."""
    return Snapshot(
        (
            d
            if d.number != domain
            else d._replace(**values)
            if subdomain is None
            else d._replace(
                subdomains=tuple(s._replace(**values) if s.number == subdomain else s for s in d.subdomains)
            )
        )
        for d in snapshot.domains
    )


# Nothing differs


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


@pytest.mark.parametrize("path", [*REAL, FIXTURE], ids=name_of)
def test_an_export_after_a_migration_changes_no_line(database_url: str, tmp_path: Path, path: Path) -> None:
    text = path.read_bytes().decode()
    source = postgresql_source(database_url)
    assert migrate_file(path, source) != Migration()
    assert exported(source.load(), text) == text
    # A new file holds the same, so that it migrates with nothing to add.
    fresh = tmp_path / "fresh.yaml"
    fresh.write_bytes(exported(source.load(), None).encode())
    assert migrate_file(fresh, source) == Migration()
    source.close()


# What differs


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


def test_comments_in_the_midst_of_a_flow_collection_stay() -> None:
    text = """\
domains: {
  # first
  '1': {name: a, description: a},   # goes with a
  # second
  '2': {name: b, description: b, subdomains: {
    '01': {name: c, description: c, next_entity_sequence: 1, entities: {
      A: {table_code: '012011', entity_code: A, assigned_at: x},
      B: {table_code: '012012', entity_code: B, assigned_at: x},
      C: {table_code: '012013', entity_code: C, assigned_at: x}}}}},
  # third
  '3': {name: d, description: d}
  # end
}
"""
    one, two, three = read(text).domains
    assert changes(text, exported(Snapshot((two, three)), text)) == [
        "-  '1': {name: a, description: a},   # goes with a"
    ]
    assert changes(text, exported(Snapshot((one, two)), text)) == ["-  '3': {name: d, description: d}"]
    entities = two.subdomains[0].entities
    for kept, names in (
        (entities[1:], "BC"),
        (entities[::2], "AC"),
        (entities[:1], "A"),
        ((), ""),
        ((*entities[:1], Entity("D", "012014", 4)), "AD"),
    ):
        postgresql = Snapshot((one, two._replace(subdomains=(two.subdomains[0]._replace(entities=kept),)), three))
        after = exported(postgresql, text)
        assert "".join(yaml.safe_load(after)["domains"]["2"]["subdomains"]["01"]["entities"]) == names
        assert [line for line in after.split("\n") if "#" in line] == [line for line in text.split("\n") if "#" in line]
    assert [line for line in exported(Snapshot(()), text).split("\n") if "#" in line] == [
        "  # first",
        "  # second",
        "  # third",
        "  # end",
    ]


def test_comments_between_aliases_stay() -> None:
    text = "domains:\n  '1':\n    name: a\n    aliases:\n    # why\n    - b  # b\n    # and\n    - c\n    # end\n"
    (one,) = read(text).domains
    for aliases, written in (
        (("d", "e"), "    # why\n    - d\n    - e\n    # and\n    # end\n"),
        (("c", "d"), "    # why\n    # and\n    - c\n    - d\n    # end\n"),
        (("b",), "    # why\n    - b  # b\n    # and\n    # end\n"),
    ):
        assert exported(Snapshot((one._replace(aliases=aliases),)), text).endswith(f"aliases:\n{written}")
    assert exported(Snapshot((one._replace(aliases=()),)), text).endswith(
        "aliases: []\n    # why\n    # and\n    # end\n"
    )


def test_comments_between_aliases_in_flow_style_stay() -> None:
    head = "domains:\n  '1':\n    name: a\n    description: a\n    aliases: "
    text = head + "[\n      # why\n      b,  # b\n      # and\n      c\n      # end\n    ]\n"
    (one,) = read(text).domains
    for aliases, written in (
        (("d", "e"), "[\n      # why\n      d, e,  # b\n      # and\n      # end\n    ]\n"),
        (("c", "d"), "[\n      # why\n      # and\n      c, d\n      # end\n    ]\n"),
        (("b",), "[\n      # why\n      b,  # b\n      # and\n      # end\n    ]\n"),
        ((), "[\n      # why\n      # and\n      # end\n    ]\n"),
    ):
        assert exported(Snapshot((one._replace(aliases=aliases),)), text) == head + written


def test_keys_with_anchors_tags_and_question_marks() -> None:
    text = """\
domains:
  ? '1'
  : name: a
    subdomains:
      &s '01':
        name: b
        entities:
          &c Contact: &contact {table_code: '011011'}
other: *contact
"""
    (one,) = read(text).domains
    more = one._replace(
        subdomains=(
            one.subdomains[0]._replace(entities=(*one.subdomains[0].entities, Entity("Tag", "011012", 2))),
            Subdomain("02", "c", None, 1),
        )
    )
    after = exported(Snapshot((more, Domain("2", "b"))), text)
    assert (
        "          Tag: {table_code: '011012', entity_code: TGA, assigned_at: '2026-03-04T05:06:07.000Z'}\n"
        "      '02':\n        name: c\n" in after
    )
    assert "\n  : name: a\n    description: ''\n" in after
    assert "\n  '2':\n    name: b\n" in after


ANCHORS = """\
domains:
  '1': &one
    name: a
    description: a
    subdomains: &subdomains
      '01':
        {name: b, description: b, next_entity_sequence: 1,
         entities: &entities {A: &a {table_code: '011011', entity_code: A, assigned_at: x}}}
  '2':
    name: a2
    description: a
    subdomains: *subdomains
  '3':
    name: a3
    description: a
    subdomains:
      '01': {name: b, description: b, next_entity_sequence: 1, entities: *entities}
  '4': *one
  '5':
    name: a5
    description: a
    subdomains:
      '01':
        name: b
        description: b
        next_entity_sequence: 1
        entities: {X: *a, Y: *a}
"""


def test_what_stands_behind_an_alias_is_changed_for_nobody_else() -> None:
    snapshot = read(ANCHORS)
    sub = Subdomain("01", "b", "b", None, (Entity("A", "01101F"),))
    new = f"{{table_code: '01101F', entity_code: A2, assigned_at: '{STAMP}'}}"
    assert changes(ANCHORS, exported(edited(snapshot, "2", subdomains=(sub,)), ANCHORS)) == [
        "-    subdomains: *subdomains",
        "+    subdomains:",
        "+      '01':",
        "+        name: b",
        "+        description: b",
        "+        next_entity_sequence: 1",
        "+        entities:",
        f"+          A: {new}",
    ]
    assert changes(ANCHORS, exported(edited(snapshot, "3", subdomains=(sub,)), ANCHORS)) == [
        "-      '01': {name: b, description: b, next_entity_sequence: 1, entities: *entities}",
        f"+      '01': {{name: b, description: b, next_entity_sequence: 1, entities: {{A: {new}}}}}",
    ]
    assert changes(ANCHORS, exported(edited(snapshot, "4", name="d"), ANCHORS))[:3] == [
        "-  '4': *one",
        "+  '4':",
        "+    name: d",
    ]
    five = snapshot.domains[4].subdomains[0]
    other = edited(snapshot, "5", "01", entities=(five.entities[0], Entity("Y", "015012")))
    assert changes(ANCHORS, exported(other, ANCHORS)) == [
        "-        entities: {X: *a, Y: *a}",
        f"+        entities: {{X: *a, Y: {{table_code: '015012', entity_code: Y, assigned_at: '{STAMP}'}}}}",
    ]


def test_what_belongs_to_an_anchor_changes_there_and_is_written_out_elsewhere() -> None:
    snapshot = read(ANCHORS)
    sub = Subdomain("01", "b", "b", None, (Entity("A", "01101F"),))
    after = exported(edited(snapshot, "1", subdomains=(sub,)), ANCHORS)
    assert "entities: &entities {A: &a {table_code: '01101F', entity_code: A, assigned_at: x}}}\n" in after
    assert after.count("table_code: '011011'") == 5
    # The anchor's own domain is gone, so that its content stands where the aliases were.
    gone = exported(Snapshot(snapshot.domains[1:]), ANCHORS)
    assert "*one" not in gone
    assert "*entities" not in gone


def test_a_key_that_stands_twice_is_read_as_pyyaml_reads_it() -> None:
    text = (
        "domains:\n  '1': {name: old, subdomains: {'01': {name: lost}}}\n  '1':\n    name: a\n    description: a\n"
        "    subdomains:\n"
        "      '01':\n        name: b\n        description: b\n        next_entity_sequence: 1\n        entities:\n"
        "          A: {table_code: '011011'}\n          B: {table_code: '011012', entity_code: B, assigned_at: x}\n"
        "          A: {table_code: '011013', entity_code: A, assigned_at: x}\n"
    )
    (one,) = Snapshot(read(text).domains).domains
    assert export_registry(Snapshot((one,)), text, NOW) == text
    less = one._replace(subdomains=(one.subdomains[0]._replace(entities=one.subdomains[0].entities[1:]),))
    after = export_registry(Snapshot((less,)), text, NOW)
    assert changes(text, after) == [
        "-          A: {table_code: '011011'}",
        "-          A: {table_code: '011013', entity_code: A, assigned_at: x}",
    ]


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


def test_what_our_reader_reads_otherwise_is_quoted() -> None:
    text = "domains:\n  '1':\n    name: a\n    description: |+\n      x\n\n    multi_tenant: true\n"
    (one,) = read(text).domains
    assert one.description == "x\n"
    assert changes(text, exported(Snapshot((one,)), text)) == [
        "-    description: |+",
        "-      x",
        '+    description: "x\\n"',
    ]


def test_what_comes_behind_a_list_stands_behind_its_new_items() -> None:
    text = "domains:\n  '1':\n    name: a\n    description: ''\n    aliases:\n    - b\n"
    postgresql = Snapshot((Domain("1", "a", None, True, ("b", "c"), (Subdomain("01", "d"),)),))
    assert exported(postgresql, text).startswith(text + "    - c\n    multi_tenant: true\n    subdomains:\n")


# A new file


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


# What cannot be updated


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
            "domains:\n  '9':\n    name: &x gone\n  '2':\n    name: crm\n    multi_tenant: true\nowner: *x\n",
            "Line 7 cannot be changed to what PostgreSQL holds. Its anchor goes with what",
        ),
    ],
)
def test_what_cannot_be_updated_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        export_registry(small_registry(), text, NOW)
    assert str(caught.value).startswith(message)
