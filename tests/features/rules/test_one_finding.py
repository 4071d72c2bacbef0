"""One wrong thing has one finding, the one with the best advice."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import fix
from tests.features.rules.support import found
from tests.specql import file_mutations as changes
from tests.specql.sources import answered_texts, corpus_files, mutated_sources
from tests.support.effort import SEED, times

ANALYSIS = Analysis()
MUTATIONS = times(2500)
LISTED = 0.996
"""The share of mutations that have one finding at most, or findings that are listed here."""


class _Pair(NamedTuple):
    """Codes that one change may have together, as each says something else.

    Attributes:
        codes: the codes; one code alone: it may be there several times.
        changes: parts of the names of the changes that may have them; empty for all.
        reason: what each says.
    """

    codes: frozenset[str]
    changes: tuple[str, ...]
    reason: str


def _pair(codes: str, changes: str, reason: str) -> _Pair:
    return _Pair(frozenset(codes.split()), tuple(changes.split()), reason)


MOVED = "line block unkey"
"""Changes of where a line belongs: it moves, or the one above it is no key any more."""
PAIRS = (
    _pair("yaml-syntax", "", "SpecQL's reader stops at the first; each block of the top level is read by itself."),
    _pair("key-not-read", "", "Each key that is not read is faded."),
    _pair("invalid-sql unknown-type", "", "A name that only a reference may have, and a type that is none."),
    _pair("unknown-type key-not-read", "", "A type that is none, and a key that SpecQL reads in no field."),
    _pair("unknown-field", "insert_character", "A sign within a name makes two names of it."),
    _pair("unknown-key key-not-read", "", "A key that is misspelt, and one that SpecQL does not read without it."),
    _pair("unknown-type", MOVED, "A block that lost its key leaves its own keys to the fields: each is a field now."),
    _pair("invalid-structure duplicate-key", MOVED, "A block is empty, and a key is repeated where the line is now."),
    _pair("invalid-structure unknown-type", MOVED, "A block is empty, and the line is a field where it is now."),
    _pair("invalid-structure missing-entity", MOVED, "Two blocks lack what they need."),
    _pair("unknown-step unknown-type", MOVED, "A step lost its kind, and the line is a field where it is now."),
    _pair("duplicate-key invalid-structure", "rekey", "A key that is there already, with a value of another form."),
    _pair("duplicate-key missing-entity", "rekey", "A key that is there already, with a value of another form."),
    _pair("duplicate-key unknown-type", "rekey", "A key that is there already, with a value of another form."),
    _pair("duplicate-key invalid-sql", "rekey", "A key that is there already, with a value of another form."),
    _pair("invalid-structure", MOVED, "A block is empty, and the line has the wrong form where it is now."),
)
OF_THE_KIND = frozenset({"generates-nothing"})
"""What is said of every step of a kind, whether it is right or not."""
OF_NAMES = frozenset({"unknown-field", "specql-refuses"})
CHANGES: tuple[Callable[[list[str], random.Random], None], ...] = (
    changes._retype,
    changes._revalue,
    changes._rekey,
    changes._unkey,
    changes._cut_line,
    changes._cut_block,
    changes._empty_block,
    changes._repeat_line,
    changes._move_block,
    changes._indent_line,
    changes._indent_block,
    changes._insert_character,
    changes._drop_character,
    changes._reword,
    changes._quote,
)


def findings_in(text: str) -> tuple[Finding, ...]:
    """Everything that is found in a file by itself, without a registry."""
    return check(ANALYSIS, Document("file:///workspace/entities/it.yaml", text))


def _key(finding: Finding) -> tuple[str, str]:
    """What a finding says, wherever it is, and whatever the entity is called."""
    return finding.code, re.sub(r"\d+|^\S+ has no field", "0", finding.message)


def _fields(text: str) -> set[str]:
    entity = Document("file:///workspace/entities/it.yaml", text).entity
    return {field.name for field in entity.fields} if entity is not None else set()


def _new(before: _Valid, text: str) -> list[Finding]:
    """What a change brought, apart from the places that name a field which is no more: each has to be changed."""
    gone = before.fields - _fields(text)
    return [
        each
        for each in findings_in(text)
        if _key(each) not in before.known
        and each.code not in OF_THE_KIND
        and not (each.code in OF_NAMES and text[slice(*each.span)] in gone)
    ]


def _is_listed(findings: list[Finding], change: str) -> bool:
    codes = {each.code for each in findings}
    return any(codes <= pair.codes and (not pair.changes or any(c in change for c in pair.changes)) for pair in PAIRS)


class _Valid(NamedTuple):
    """A file that SpecQL takes, with what is found in it all the same, and its fields."""

    text: str
    known: frozenset[tuple[str, str]]
    fields: set[str]


def test_one_mutation_of_a_valid_file_has_one_finding() -> None:
    chosen = random.Random(SEED)
    sources: list[_Valid] = []
    for text in mutated_sources().values():
        findings = findings_in(text)
        if "&" not in text and all(each.severity is not Severity.ERROR for each in findings):
            sources.append(_Valid(text, frozenset(map(_key, findings)), _fields(text)))
    counts: Counter[int] = Counter()
    several: list[tuple[str, list[str], str]] = []
    for _ in range(MUTATIONS):
        before = chosen.choice(sources)
        lines = before.text.split("\n")
        change = chosen.choice(CHANGES)
        change(lines, chosen)
        text = "\n".join(lines)
        new = _new(before, text)
        counts[min(len(new), 2)] += 1
        if len(new) > 1 and not _is_listed(new, change.__name__):
            several.append((change.__name__, [f"{each.code}: {each.message}" for each in new], text))
    assert counts[1] > MUTATIONS / 3
    assert counts[2] < MUTATIONS / 50
    assert len(several) <= MUTATIONS * (1 - LISTED), several[:5]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in corpus_files().items()])
def test_no_token_has_two_findings(text: str) -> None:
    spans = Counter(finding.span for finding in findings_in(text))
    assert [text[slice(*span)] for span, count in spans.items() if count > 1] == []


@pytest.mark.skipif(not answered_texts(), reason="The texts with SpecQL's answers are not here.")
def test_texts_with_one_mistake_have_one_finding() -> None:
    several = {}
    for name, text in answered_texts().items():
        findings = [each for each in findings_in(text) if each.code not in OF_THE_KIND]
        if len(findings) > 1:
            several[name] = [f"{each.code}: {each.message}" for each in findings]
    assert several == {}


# Mistakes that had several.


def test_a_type_that_yaml_cuts_at_a_comma() -> None:
    found(
        """
        entity: Thing
        fields: {status: enum(a, b), price: decimal(10, 2), name: text, kind: enum(a, b) = a}
                         ^^^^^^^^^^ unknown-type: makes a TEXT column of enum(a, and reads a field b). Write
                                            ^^^^^^^^^^^^^^ unknown-type: Write money or float instead.
                                                                              ^^^^^^^^^^^^^^ unknown-type: = a
        """
    )
    found(
        """
        entity: Thing
        fields:
          status: {nullable: false, type: enum(a, b), default: a}
                                          ^^^^^^^^^^ unknown-type: and reads a key b).
          plain: {type: 'enum(a, b)', default: a}
        """
    )
    found(
        """
        entity: Thing
        fields: {status: enum(a, b), other: enum(c, b)}
                         ^^^^^^^^^^ unknown-type
                                            ^^^^^^^^^^ unknown-type
        """
    )
    fix(
        "entity: Thing\nfields: {status: enum(a$0, b), name: text}\n",
        "Change to 'enum(a, b)'",
        "entity: Thing\nfields: {status: 'enum(a, b)', name: text}\n",
    )
    fix(
        "entity: Thing\nfields:\n  price: {type: decimal(10$0, 2), nullable: false}\n",
        "Change to money",
        "entity: Thing\nfields:\n  price: {type: money, nullable: false}\n",
    )


def test_a_step_that_yaml_cuts_at_a_comma() -> None:
    steps = "entity: Thing\nfields: {a: text}\nactions:\n  - name: act\n    steps:\n      - "
    fix(f"{steps}{{call: f(x = 1$0, y = 2)}}\n", "Change to 'f(x = 1, y = 2)'", f"{steps}{{call: 'f(x = 1, y = 2)'}}\n")
    found(
        """
        entity: Thing
        fields: {a: text}
        actions:
          - name: act
            steps:
              - {update: Thing SET a = 'x', a = 'y'}
                                            ^^^^^^^ unknown-key: SpecQL 0.9.2 ignores it
        """
    )


def test_a_reserved_name_with_whatever_type() -> None:
    found(
        """
        entity: Thing
        fields:
          id: timestamp
          ^^ reserved-field-name
          pk_x: {type: enum, required: true}
          ^^^^ reserved-field-name
                             ^^^^^^^^ key-not-read
        """
    )


def test_an_enumeration_with_its_values_beside_it() -> None:
    found(
        """
        entity: Thing
        fields:
          a: {type: enum, values: [x, y]}
                    ^^^^ unknown-type: does not read values. Write enum(x, y) instead.
          b: enum
             ^^^^ unknown-type: Write its values into the type
        """
    )


def test_a_step_that_is_refused() -> None:
    found(
        """
        entity: Thing
        fields: {status: text}
        actions:
          - name: act
            steps:
              - if:
                ^^ invalid-step
              - validate: yes
                          ^^^ invalid-step
              - if: status = 'a'
                then: nothing
                ^^^^ invalid-step
              - notify: owner
                        ^^^^^ invalid-step
                then: []
        """
    )


def test_steps_among_the_actions() -> None:
    found(
        """
        entity: Thing
        fields: {status: text}
        actions:
          - name: act
            steps:
          - validate: status = 'a'
            ^^^^^^^^ invalid-structure: validate is a step among the actions
            error: nope
          - update: Thing SET status = 'b'
          - name: other
          - reject: nope
            ^^^^^^ invalid-structure: reject is a step among the actions
        """
    )


def test_a_block_that_is_indented_like_a_field() -> None:
    found(
        """
        entity: Thing
        fields:
          name: text
          translations:
          ^^^^^^^^^^^^ unknown-type: translations is indented like a field
          enabled: true
          fields:
            - name
        """
    )


def test_a_block_whose_lines_lost_their_indentation() -> None:
    found(
        """
        entity: Thing
        fields: {name: text}
        identifier:
        ^^^^^^^^^^ invalid-structure: identifier has no value
        components: [name]
        """
    )


def test_the_fields_of_translations_misspelt() -> None:
    found(
        """
        entity: Thing
        fields: {name: text}
        translations:
          enabled: true
          feilds: [name]
          ^^^^^^ invalid-structure: Did you mean fields?
        """
    )
    found(
        """
        entity: Thing
        fields: {name: text}
        translations:
          enabled: false
          feilds: [name]
          ^^^^^^ unknown-key
        """
    )


def test_what_an_unreadable_place_leaves_open() -> None:
    found(
        """
        entity: Thing
        fields:
          name: text
          : text
          ^ yaml-syntax
        actions:
          - name: act
            steps:
              - validate: lost = 'a'
        """
    )
    found(
        """
        entity: Thing
        fields: {name: text}
        actions:
          - name: act
            steps:
              - <<: *nowhere
                    ^^^^^^^^ yaml-syntax
                error: nope
        """
    )
    found(
        """
        entity: Thing
        fields:
          name: text
        ---
        ^^^ several-documents
          broken: [
        """
    )


def test_aliases_in_steps() -> None:
    found(
        """
        entity: Thing
        fields: {status: text}
        shared: &step {validate: gone = 'a'}
                                 ^^^^ unknown-field
        list: &list [a]
                     ^ invalid-step
        actions:
          - name: act
            steps:
              - *step
              - *step
              - if: status = 'a'
                then: *step
                ^^^^ invalid-step: is a list of steps
                else: *list
        """,
        ignoring=OF_THE_KIND | {"missing-table-code"},
    )


def test_lines_that_are_indented_wrongly_are_moved() -> None:
    head = "entity: Thing\nfields: {status: text}\nactions:\n  - name: act\n    steps:\n"
    more = "  - name: other\n"
    fix(
        f"{head}  - val$0idate: status = 'a'\n    error: nope\n\n  - reject: no\n{more}",
        "Indent the steps",
        f"{head}      - validate: status = 'a'\n        error: nope\n\n      - reject: no\n{more}",
    )
    steps = "      - reject: no\n"
    fix(
        f"{head}{steps}  - val$0idate: status = 'a'\n",
        "Indent the step",
        f"{head}{steps}      - validate: status = 'a'\n",
    )
    fix(
        "entity: Thing\nfields:\n  name: text\n  trans$0lations:\n  enabled: true\n  fields: [name]\n",
        "Move translations to the top level",
        "entity: Thing\nfields:\n  name: text\ntranslations:\n  enabled: true\n  fields: [name]\n",
    )
