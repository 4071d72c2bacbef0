"""Types of fields, parsed: whole, half-typed and broken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.language.type_syntax import (
    MAX_DEPTH,
    EnumType,
    FieldType,
    ListType,
    NamedType,
    OtherType,
    RefType,
    open_reference,
    parse_field_type,
    type_tokens,
)
from specql_lsp.syntax.text import Span


def shape(parsed: FieldType) -> object:
    return [show(expression) for expression in (*([parsed.type] if parsed.type else []), *parsed.extra)]


def show(expression: object) -> object:
    match expression:
        case NamedType():
            return expression.name.text
        case EnumType():
            return (expression.bracket, [value.text for value in expression.values])
        case RefType():
            return {(t.schema.text if t.schema else None, t.name.text) for t in expression.targets}
        case ListType():
            return [show(expression.item)]
        case OtherType():
            return (expression.name.text, *map(show, expression.arguments))
    return None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("text", ["text"]),
        (" text! ", ["text"]),
        ("enum(a, b c, 'd') = a!", [("(", ["a", "b c", "'d'"])]),
        ("enum[a, b]", [("[", ["a", "b"])]),
        ("enum(a, f(b, c), )", [("(", ["a", "f(b, c)"])]),
        ("enum(a, b = a", [("(", ["a", "b"])]),
        ("ref(Contact)", [{(None, "Contact")}]),
        ("ref(crm.Contact|Company)!", [{("crm", "Contact"), (None, "Company")}]),
        ("ref(crm.", [{("crm", "")}]),
        ("list(ref(Tag))", [[{(None, "Tag")}]]),
        ("list(list(text))", [[["text"]]]),
        ("list()", [[None]]),
        ("decimal(10, 2)", [("decimal", "10", "2")]),
        ("text[]", [("text",)]),
        ("text not null", ["text", "not", "null"]),
        ("list<text>", ["list", "<", "text", ">"]),
        ("double precision", ["double", "precision"]),
        (")(", [")", "("]),
        ("", []),
        ("= a", []),
    ],
)
def test_types(text: str, found: object) -> None:
    assert shape(parse_field_type(text)) == found


@pytest.mark.parametrize(
    ("text", "not_null", "ignored", "default"),
    [
        ("text!", 4, [], None),
        ("text! ", 4, [], None),
        ("text", None, [], None),
        ("text! = x", None, ["!"], "x"),
        ("text = x!", 8, [], "x"),
        ("enum(a, b) = a!", 14, [], "a"),
        ("enum(a, b)! = a", None, ["!"], "a"),
        ("ref(Company)?", None, ["?"], None),
        ("ref(Company!)", None, ["!"], None),
        ("date?!", 5, ["?"], None),
        ("text!!", 5, ["!"], None),
        ("text =", None, [], None),
        ("text = 'a = b'", None, [], "'a = b'"),
    ],
)
def test_marks_and_defaults(text: str, not_null: int | None, ignored: list[str], default: str | None) -> None:
    parsed = parse_field_type(text)
    assert parsed.not_null == (Span(not_null, not_null + 1) if not_null is not None else None)
    assert [mark.text for mark in parsed.ignored_marks] == ignored
    assert (parsed.default.text if parsed.default else None) == default


@pytest.mark.parametrize(("text", "is_open"), [("ref(A", True), ("list(ref(A)", True), ("ref(A)", False), ("a", False)])
def test_open_ends(text: str, *, is_open: bool) -> None:
    assert parse_field_type(text).ends_open is is_open


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ref(Contact)!", [(None, "Contact")]),
        ("list(ref( crm.Contact ))", [("crm", "Contact")]),
        ("ref(A|b.B) = 1", [(None, "A"), ("b", "B")]),
        ("ref(A", [(None, "A")]),
        ("ref (A, B)", [(None, "A"), (None, "B")]),
        ("optional(ref(A))", [(None, "A")]),
        ("list<ref(A)>", [(None, "A")]),
        ("text ref(A)", [(None, "A")]),
        ("href(A)", []),
        ("ref()", []),
        ("text", []),
        ("enum(ref(A))", []),
        ("text = ref(A)", []),
    ],
)
def test_targets(text: str, found: list[tuple[str | None, str]]) -> None:
    targets = list(parse_field_type(text).targets())
    assert [(t.schema.text if t.schema else None, t.name.text) for t in targets] == found
    for target in targets:
        assert text[target.span.start : target.span.end].endswith(target.name.text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ref(", (None, "", 4)),
        ("ref( ", (None, "", 5)),
        ("ref(crm.Co", ("crm", "Co", 4)),
        ("ref(crm.", ("crm", "", 4)),
        ("ref(A| B", (None, "B", 7)),
        ("ref(A|", (None, "", 6)),
        ("list(ref(B", (None, "B", 9)),
        ("ref(A) ref(B", (None, "B", 11)),
        ("ref(A)", None),
        ("ref(A = ", None),
        ("text", None),
    ],
)
def test_open_references(text: str, found: tuple[str | None, str, int] | None) -> None:
    opened = open_reference(text)
    assert (tuple(opened) if opened else None) == found


types = st.lists(
    st.sampled_from(
        [
            "text",
            "enum",
            "ref",
            "list",
            "(",
            ")",
            "[",
            "]",
            "|",
            ",",
            ".",
            "=",
            "!",
            "?",
            " ",
            "crm",
            "A",
            "'",
            "é",
            "-",
        ]
    ),
    max_size=30,
).map("".join)


@given(types | st.text(max_size=60))
def test_any_text(text: str) -> None:
    tokens = type_tokens(text)
    assert "".join(token.text for token in tokens) == text
    assert all(token.text == text[token.span.start : token.span.end] for token in tokens)
    assert all(a.span.end == b.span.start for a, b in pairwise(tokens))
    parsed = parse_field_type(text)
    last = -1
    for expression in parsed.expressions():
        assert 0 <= expression.span.start < expression.span.end <= len(text)
        assert last <= expression.span.start
        last = expression.span.start
        words = [expression.name]
        if isinstance(expression, EnumType):
            words += expression.values
        elif isinstance(expression, RefType):
            assert expression.span.start <= expression.inner.start <= expression.inner.end <= expression.span.end
            words += [word for target in expression.targets for word in (target.schema, target.name) if word]
        for word in words:
            assert word.text == text[word.span.start : word.span.end]
            assert expression.span.start <= word.span.start <= word.span.end <= expression.span.end
    for mark in parsed.ignored_marks:
        assert mark.text in {"!", "?"}
        assert mark.text == text[mark.span.start : mark.span.end]
    assert (parsed.not_null is not None) == text.rstrip().endswith("!") or "!" in text
    opened = open_reference(text)
    assert opened is None or text.endswith(opened.partial)


@pytest.mark.parametrize("text", ["list(" * 2_000, "list[" * 2_000, "ref(" * 2_000, "a(,|" * 2_000, "(" * 5_000])
def test_deep_nesting(text: str) -> None:
    parsed = parse_field_type(text)
    assert sum(1 for _ in parsed.expressions()) <= len(text)
    assert parse_field_type(text) == parsed
    assert MAX_DEPTH < 100
