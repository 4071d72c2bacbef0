"""An export into a YAML with comments, anchors, aliases, tags and keys that it has twice."""

from __future__ import annotations

import yaml

from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.export import export_registry
from tests.features.export_support import changes, edited
from tests.support.exports import NOW, exported, read


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
    new = "{table_code: '01101F', entity_code: A, assigned_at: x}"
    assert changes(ANCHORS, exported(edited(snapshot, "2", subdomains=(sub,)), ANCHORS)) == [
        "-    subdomains: *subdomains",
        "+    subdomains:",
        "+      '01':",
        "+        name: b",
        "+        description: b",
        "+        next_entity_sequence: 1",
        f"+        entities: {{A: {new}}}",
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
        "+        entities: {X: *a, Y: {table_code: '015012', entity_code: A, assigned_at: x}}",
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
