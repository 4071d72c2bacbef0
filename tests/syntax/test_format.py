"""The formatting of YAML: what it changes."""

from __future__ import annotations

import textwrap

import pytest

from specql_lsp.syntax.editing.format import (
    DEFAULT_OPTIONS,
    FormatOptions,
    LineRange,
    format_edits,
)
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import LineIndex, Span


def formatted(text: str, options: FormatOptions = DEFAULT_OPTIONS, within: LineRange | None = None) -> str:
    return apply(text, format_edits(text, LineIndex(text), options, within=within))


def check(before: str, after: str) -> None:
    """The dedented text becomes the other one, which stays as it is."""
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    assert formatted(before) == after
    assert formatted(after) == after


# Indentation


def test_the_indentation_is_that_which_most_of_the_text_has() -> None:
    check(
        """\
        fields:
           a: text
           b:
             type: text
           c:
             type: text
        """,
        """\
        fields:
          a: text
          b:
            type: text
          c:
            type: text
        """,
    )


def test_four_columns_stay_four_columns() -> None:
    check(
        """\
        organization:
            table_code: '012031'
        fields:
            a:
                type: text
            b:
               type: text
        """,
        """\
        organization:
            table_code: '012031'
        fields:
            a:
                type: text
            b:
                type: text
        """,
    )


def test_dashes_are_where_most_of_the_text_has_them() -> None:
    check(
        """\
        actions:
          - name: a
            steps:
            - reject: x
          - name: b
            steps:
              - reject: y
        """,
        """\
        actions:
          - name: a
            steps:
              - reject: x
          - name: b
            steps:
              - reject: y
        """,
    )


def test_of_equals_what_more_lines_have_counts() -> None:
    check("a:\n- b\n- c\nd:\n  e:\n    - f\n", "a:\n- b\n- c\nd:\n  e:\n  - f\n")
    check("a:\n- b\nd:\n  e:\n    - f\n", "a:\n  - b\nd:\n  e:\n    - f\n")


def test_dashes_in_the_column_of_their_key_stay_there() -> None:
    check("a:\n- b:\n  - c\n-   d: e\n    f: g\n", "a:\n- b:\n  - c\n- d: e\n  f: g\n")


def test_what_is_behind_a_dash_moves_with_it() -> None:
    check(
        """\
        a:
            -   b: 1
                c:
                    d: 2
            -   - e
                - f
            -
              g: 3
        """,
        """\
        a:
            - b: 1
              c:
                  d: 2
            - - e
              - f
            -
              g: 3
        """,
    )


def test_the_whole_text_goes_to_the_margin() -> None:
    check("  a: 1\n  b:\n    c: 2\n", "a: 1\nb:\n  c: 2\n")


def test_lists_that_move_say_nothing_of_the_indentation() -> None:
    check(
        """\
        entity:
          Thing
        actions:
        - name: a
          steps:
              - validate:
                  a = 1
        - name: b
          steps:
          - validate: b = 1
        """,
        """\
        entity:
          Thing
        actions:
        - name: a
          steps:
          - validate:
              a = 1
        - name: b
          steps:
          - validate: b = 1
        """,
    )


def test_comments_move_with_what_they_are_about() -> None:
    check(
        """\
        # top
        fields:
        # in the margin
           # above
           a: text
           # below

           #   b: text
        # at the end
        actions:
          - name: x
        # in the margin
          # next
          - name: y
        organization:
          table_code: '012031'
        agents:
          x: 1
        """,
        """\
        # top
        fields:
        # in the margin
          # above
          a: text
          # below

          #   b: text
        # at the end
        actions:
          - name: x
        # in the margin
          # next
          - name: y
        organization:
          table_code: '012031'
        agents:
          x: 1
        """,
    )


def test_the_text_of_block_scalars_moves_and_stays_as_it_is() -> None:
    check(
        "a:\n    b: |  \n      one  \n\n         two\n          \n    c: >-\n     three\nd:\n  e: 1\nf:\n  g: 2\n",
        "a:\n  b: |\n    one  \n\n       two\n\n  c: >-\n   three\nd:\n  e: 1\nf:\n  g: 2\n",
    )


def test_an_indentation_indicator_keeps_its_meaning() -> None:
    check(
        "a:\n    b: |2\n        one\n      two\nd:\n  e: 1\nf:\n  g: 2\n",
        "a:\n  b: |2\n      one\n    two\nd:\n  e: 1\nf:\n  g: 2\n",
    )


def test_values_on_lines_of_their_own_are_one_level_deeper() -> None:
    check(
        """\
        a:
              text that
           goes on
        b:
            [c,
             d]
        e:
          f: 1
        """,
        """\
        a:
          text that
          goes on
        b:
          [c,
           d]
        e:
          f: 1
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  --- a: b\n", "  --- a: b\n"),
        ("   ---\n   # a\n", "   ---\n   # a\n"),
        ("     a: >\n       b\n  # c\n", "a: >\n  b\n# c\n"),
        ("?   a\n:   - b\n    - c\n", "?   a\n:   - b\n    - c\n"),
        ("a: b\r \n  c\r\n", "a: b\r \n  c\r\n"),
    ],
)
def test_what_would_be_read_as_something_else(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


# Blanks


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:   b\n", "a: b\n"),
        ("a : b\n", "a: b\n"),
        ("a:    # c\n  b: 1\n", "a:    # c\n  b: 1\n"),
        ("a: {b: 1,c: 2 ,   d:   3}\n", "a: {b: 1, c: 2, d: 3}\n"),
        ('a: {"b":1}\n', "a: {b: 1}\n"),
        ("a: { b: 1 }\n", "a: { b: 1 }\n"),
        ("a: [b,c,]\n", "a: [b, c,]\n"),
        ("a: {b: , c: 1}\n", "a: {b: , c: 1}\n"),
        ("a:  &x   b\n", "a: &x   b\n"),
        ("a: &x b\n*x : c\n", "a: &x b\n*x : c\n"),
        ("-   a\n-   - b\n", "- a\n- - b\n"),
        ("a: b  \n\t\n# c \t\n", "a: b\n\n# c\n"),
        ("a: 'b  \n  c'  \n", "a: 'b  \n  c'\n"),
        ("a: b   # c\n", "a: b   # c\n"),
        ("a: b::c\n", "a: b::c\n"),
        ("? a\n:   b\n", "? a\n:   b\n"),
    ],
)
def test_blanks(before: str, after: str) -> None:
    check(before, after)


# The end


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: b", "a: b\n"),
        ("a: b\n\n \n", "a: b\n"),
        ("a: b\r\nc: d", "a: b\r\nc: d\r\n"),
        ("a: b\r\n\r\n", "a: b\r\n"),
        ("a: |\n  b", "a: |\n  b"),
        ("a: |\n  b\n\n\n", "a: |\n  b\n"),
        ("a: |+\n  b\n\n", "a: |+\n  b\n\n"),
        ("a: |+\n  b\n\n# c\n\n", "a: |+\n  b\n\n# c\n"),
        ("a: |-\n  b", "a: |-\n  b\n"),
        ("a: |-\n  b\n   \n", "a: |-\n  b\n   \n"),
        ("a: |-\n  b\n  \n", "a: |-\n  b\n"),
        ("a: |", "a: |\n"),
        ("a: b\n# c\n\n", "a: b\n# c\n"),
        ("\n\na: b\n", "\n\na: b\n"),
        ("", ""),
        ("\ufeffa:  b", "\ufeffa: b\n"),
    ],
)
def test_the_end_of_the_text(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


# Quotes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'text'", "text"),
        ('"text!"', "text!"),
        ("'it''s'", "it's"),
        ("'enum(a, b)'", "enum(a, b)"),
        ("'a ''b'' c'", "a 'b' c"),
        ('"a"', "a"),
        ("'text' # c", "text # c"),
        ("&x 'text'", "&x text"),
        ("[a, 'b c', \"d\"]", "[a, b c, d]"),
        ("{a: 'b'}", "{a: b}"),
    ],
)
def test_quotes_that_a_value_does_not_need_are_taken_away(before: str, after: str) -> None:
    check(f"a: {before}\n", f"a: {after}\n")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "''",
            '""',
            "'012031'",
            "'0A'",
            "'12e3'",
            "'0o7'",
            "'1.5'",
            "'1_000'",
            "'12:30'",
            "'2024-01-01'",
            "'yes'",
            "'off'",
        ),
        *(
            "'y'",
            "'null'",
            "'~'",
            "'<<'",
            "'='",
            "' a'",
            "'a '",
            "'a: b'",
            "'a:'",
            "'a #b'",
            "'#a'",
            "'- a'",
            "'?'",
            "'@a'",
        ),
        *("'*a'", "'&a'", "'!a'", "'%a'", "'`a'", "'[a'", "'{a'", "'|'", "'>'", "'\"a'", "'''a'", "'---'", "'...'"),
        *(
            '"a\\tb"',
            '"\\x41"',
            "!!str 'a'",
            "! 'a'",
            "&x !!str 'a'",
            "[a, 'b, c', 'd: e', 'f?', '{g}', 'h]']",
            "'a\n  b'",
        ),
    ],
)
def test_quotes_that_a_value_needs_stay(value: str) -> None:
    check(f"a: {value}\n", f"a: {value}\n")


def test_quotes_of_keys() -> None:
    check("'2': 1\n'A': 2\n'0B': 3\n'FF': 4\n'FFF': 5\n", "'2': 1\n'A': 2\n'0B': 3\n'FF': 4\nFFF: 5\n")
    check("'a': 1\n\"b c\": 2\n'on': 3\n'2': 4\n'e' : 5\n", "a: 1\n\"b c\": 2\n'on': 3\n'2': 4\ne: 5\n")


def test_scalars_that_have_quotes_in_any_case() -> None:
    text = "a: 0A2031\nb: 'ABCDEF'\nc: 012031\n"
    spans = [Span(3, 9), Span(13, 21), Span(25, 31)]
    assert apply(text, format_edits(text, LineIndex(text), quoted=spans)) == "a: '0A2031'\nb: 'ABCDEF'\nc: 012031\n"


# What stays


@pytest.mark.parametrize(
    "text",
    [
        "a:   [b\nc:   d  \n",
        "a:   b\n\tc:  d\n",
        "a:   *x\n",
        "a:   !!int x\n",
        "a:   0b_\n",
        "a:   b\x85c:   d",
        "a:   b\x07\n",
        "a:   {b: ',\n",
    ],
)
def test_broken_text_is_left_alone(text: str) -> None:
    assert formatted(text) == text


def test_options() -> None:
    kept = FormatOptions(trims_lines=False, adds_final_break=False, trims_final_breaks=False)
    for text in ("a: b  \n \n\n", "a: b", "a: b  ", "a: b  \n"):
        assert formatted(text, kept) == text
    assert formatted("a:\n- b\n", FormatOptions(indentation=4)) == "a:\n- b\n"
    assert formatted("a:\n    [b]\n", FormatOptions(indentation=4)) == "a:\n    [b]\n"
    assert formatted("a:\n   - b:\n       c\n", FormatOptions(indentation=4)) == "a:\n   - b:\n        c\n"


# A part


def test_a_range_changes_its_lines_and_no_other() -> None:
    text = "a:   1\nb:   2\nc:   3  \nd: 4   \n"
    assert formatted(text, within=LineRange(1, 1)) == "a:   1\nb: 2\nc:   3  \nd: 4   \n"
    assert formatted(text, within=LineRange(2, 3)) == "a:   1\nb:   2\nc: 3\nd: 4\n"


def test_a_collection_that_is_in_the_range_in_part_keeps_its_column() -> None:
    text = "a:\n    b: 1\n    c:\n        d: 2\ne:\n  f: 1\ng:\n  h: 1\ni:\n  j: 1\n"
    assert formatted(text, within=LineRange(2, 3)) == text.replace("        d", "      d")
    assert formatted(text, within=LineRange(1, 3)) == text.replace("        d", "    d").replace(
        "    b", "  b"
    ).replace("    c", "  c")
