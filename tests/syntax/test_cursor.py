"""Where the cursor (``$0``) is: kind, path and prefix."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specql_lsp.syntax.cursor import CursorContext, CursorKind, context_at
from specql_lsp.syntax.text import LineIndex

KEY, VALUE, NOWHERE = CursorKind.KEY, CursorKind.VALUE, CursorKind.OUTSIDE


def at(snippet: str) -> tuple[CursorContext, str]:
    offset = snippet.index("$0")
    text = snippet.replace("$0", "")
    context = context_at(LineIndex(text), offset)
    return context, text[context.replace.start : context.replace.end]


@pytest.mark.parametrize(
    ("snippet", "kind", "path", "prefix", "replaced"),
    [
        ("$0", KEY, "", "", ""),
        ("ent$0", KEY, "", "ent", "ent"),
        ("ent$0ity", KEY, "", "ent", "entity"),
        ("ent$0: X", KEY, "", "ent", "ent"),
        ("schema: $0", VALUE, "schema", "", ""),
        ("schema:$0", VALUE, "schema", "", ""),
        ("schema: cr$0m", VALUE, "schema", "cr", "crm"),
        ("schema: cr$0m  # c", VALUE, "schema", "cr", "crm"),
        ("schema: crm  # c$0", NOWHERE, "", "", ""),
        ("# schema: $0", NOWHERE, "", "", ""),
        ("schema: 'cr$0'", VALUE, "schema", "cr", "'cr'"),
        ("schema: 'cr$0", VALUE, "schema", "cr", "'cr"),
        ('schema: "$0"', VALUE, "schema", "", '""'),
        ("a: 1\nsch$0", KEY, "", "sch", "sch"),
        ("o:\n  $0", KEY, "o", "", ""),
        ("o:\n  t$0", KEY, "o", "t", "t"),
        ("o:\n  t: $0", VALUE, "o/t", "", ""),
        ("o:\n  t: 1\n  u: $0", VALUE, "o/u", "", ""),
        ("o:\n  t: 1\n$0", KEY, "", "", ""),
        ("o:\n\n  # c\n  t: $0", VALUE, "o/t", "", ""),
        ("o:\r\n  t: $0\r\n", VALUE, "o/t", "", ""),
        ("o:\n  t: 01$0\nbad\n\tworse: [", VALUE, "o/t", "01", "01"),
        ("o: {$0", KEY, "o", "", ""),
        ("o: {t: $0", VALUE, "o/t", "", ""),
        ("o: {t: 0$0}", VALUE, "o/t", "0", "0"),
        ("o: {a: 1, t: '0$0'}", VALUE, "o/t", "0", "'0'"),
        ('o: {"t":$0}', VALUE, "o/t", "", ""),
        ("o: {a: 1, $0}", KEY, "o", "", ""),
        ("o: {\n  a: 1,\n  t: $0\n}", VALUE, "o/t", "", ""),
        ("o: {a: 1} $0", NOWHERE, "", "", ""),
        ("l: [$0]", VALUE, "l/[]", "", ""),
        ("l: [a, b$0]", VALUE, "l/[]", "b", "b"),
        ("l:\n  - $0", VALUE, "l/[]", "", ""),
        ("l:\n- a$0", VALUE, "l/[]", "a", "a"),
        ("l:\n  - n: $0", VALUE, "l/[]/n", "", ""),
        ("l:\n  - n: 1\n    m: $0", VALUE, "l/[]/m", "", ""),
        ("l:\n  - n: 1\n    $0", KEY, "l/[]", "", ""),
        ("l:\n  - s:\n      - v: $0", VALUE, "l/[]/s/[]/v", "", ""),
        ("d: |\n  text $0\n", NOWHERE, "", "", ""),
        ("d: >-\n  a: $0\n", NOWHERE, "", "", ""),
        ("d: |\n  text\ne: $0", VALUE, "e", "", ""),
        ("f:\n  c: ref(Con$0", VALUE, "f/c", "ref(Con", "ref(Con"),
        ("f: {c: enum(a, b$0", VALUE, "f/c", "enum(a, b", "enum(a, b"),
        ("'q k':\n  \"x y\": $0", VALUE, "q k/x y", "", ""),
        ("ü😀: 数$0", VALUE, "ü😀", "数", "数"),
        ("domains:\n  '2':\n    subdomains:\n      $0", KEY, "domains/2/subdomains", "", ""),
        ("a: 1\n---\nb: $0", VALUE, "b", "", ""),
    ],
)
def test_contexts(snippet: str, kind: CursorKind, path: str, prefix: str, replaced: str) -> None:
    context, text = at(snippet)
    assert (context.kind, "/".join(context.path), context.prefix, text) == (kind, path, prefix, replaced)


def test_details() -> None:
    assert at("schema:$0")[0].needs_space
    assert not at("schema: $0")[0].needs_space
    assert at("schema: 'a$0'")[0].closed
    assert not at("schema: 'a$0")[0].closed
    assert at("ent$0: X")[0].has_colon
    assert not at("ent$0")[0].has_colon
    assert at("o: {t: $0}")[0].in_flow


pieces = st.sampled_from(
    [
        "a",
        "b:",
        " ",
        "  ",
        "\n",
        "\r\n",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "'",
        '"',
        "#",
        "|",
        "ü😀",
        "\t",
        "\u2028",
        "---\n",
    ]
)


@given(st.lists(pieces, max_size=25).map("".join), st.integers(-2, 80))
@example(" b:", 0)
def test_it_never_raises_and_replaces_around_the_cursor(text: str, offset: int) -> None:
    context = context_at(LineIndex(text), offset)
    if context.kind is not NOWHERE:
        inside = min(max(offset, 0), len(text))
        assert 0 <= context.replace.start <= context.replace.end <= len(text)
        assert context.replace.contains(inside) or text[inside - 1 : inside + 1] == "\r\n"


def test_what_is_too_long_to_be_read_while_a_request_waits_is_outside() -> None:
    flow = "fields: {" + "name: text, " * 5_000
    assert context_at(LineIndex(flow), len(flow)).kind is CursorKind.OUTSIDE
    lines = "fields: {\n" + "  name: text,\n" * 5_000 + "  "
    assert context_at(LineIndex(lines), len(lines)).kind is CursorKind.OUTSIDE
    line = "description: " + "word " * 3_000
    assert context_at(LineIndex(line), len(line)).kind is CursorKind.OUTSIDE
    below = "description: " + " " * 200_000 + "\nschema: "
    assert context_at(LineIndex(below), len(below)).kind is CursorKind.VALUE
