"""``unknown-key``: only what is nearly a key that is read there."""

from __future__ import annotations

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing", "unknown-type"}


def test_slips() -> None:
    found(
        """
        entity: Thing
        descripton: d
        ^^^^^^^^^^ unknown-key: SpecQL 0.9.2 ignores it. Did you mean description?
        fields:
          a: {typ: text, nulable: false}
              ^^^ unknown-key: type
                         ^^^^^^^ unknown-key: nullable
          typ: text
        actions:
          - name: act
            'step': []
             ^^^^ unknown-key: steps
            x: y
          - name: other
            steps:
              - validate: a = 1
                eror: nope
                ^^^^ unknown-key: error
        own_notes: x
        Organisation: x
        ^^^^^^^^^^^^ unknown-key: organization
        """,
        ignoring=QUIET,
    )


def test_what_is_known_or_taken_is_no_slip() -> None:
    found(
        """
        entity: Thing
        tags: [a]
        field: x
        fields: {a: {type: text, types: x}}
        """,
        ignoring=QUIET,
    )


def test_a_slip_beside_the_key_that_is_meant() -> None:
    found(
        """
        entity: Thing
        entitty: Thing
        ^^^^^^^ unknown-key: entity is there already.
        fields:
          a: {type: text, typo: x, Type: text}
                          ^^^^ unknown-key: type is there already.
                                   ^^^^ unknown-key: type is there already.
        feilds: {b: text}
        ^^^^^^ unknown-key: fields is there already.
        actions:
          - name: act
            nane: act
            ^^^^ unknown-key: name is there already.
            steps: []
            stepps: []
            ^^^^^^ unknown-key: steps is there already.
        """,
        ignoring=QUIET,
    )


def test_the_key_that_is_there_already_is_not_written_twice() -> None:
    assert quick_fixes("entity: A\nfields: {a: text}\nfeilds$0: {b: text}\n") == []


def test_the_key_that_is_meant() -> None:
    fix("entity: A\n'feilds$0': {a: text}\n", "Change to fields", "entity: A\n'fields': {a: text}\n")
