"""The parser of expressions beside PostgreSQL's: the same precedence, the same names of columns and tables."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specql_lsp.language.expressions.nodes import (
    Aliased,
    Call,
    Case,
    Cast,
    Clause,
    Expression,
    Group,
    NameRole,
    Operation,
    Prefix,
    Query,
    paths,
)
from specql_lsp.language.expressions.parser import parse_expression
from tests.specql.reference import Reference

LEAVES = [
    "a",
    "b.c",
    "x1",
    "1",
    "2.5",
    "'it''s'",
    "null",
    "true",
    "now()",
    "v_n",
    "input.email",
    "interval '1 day'",
    "t.*",
]
BINARY = [
    "=",
    "<>",
    "<",
    ">=",
    "and",
    "or",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "||",
    "like",
    "ilike",
    "not like",
    "->>",
    "@>",
]
BINARY += ["is distinct from", "is not distinct from", "not ilike"]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(BINARY), inner),
        st.builds("{}({})".format, st.sampled_from(["", "", "- ", "lower", "coalesce"]), inner),
        # NOT at the right of a tighter operator takes all that follows; nobody writes that.
        st.builds("{}not {}{}".format, st.sampled_from(["(", "(a and ", "(a or not b and "]), inner, st.just(")")),
        st.builds("{} is {}".format, inner, st.sampled_from(["null", "not null"])),
        st.builds("{} {}between {} and {}".format, inner, st.sampled_from(["", "not "]), inner, inner),
        st.builds("{} {}in ({}, {})".format, inner, st.sampled_from(["", "not "]), inner, inner),
        st.builds(
            "{}::{}".format,
            st.sampled_from(LEAVES) | inner.map("({})".format),
            st.sampled_from(["text", "numeric(10, 2)", "integer[]", "double precision"]),
        ),
        st.builds("case when {} then {} else {} end".format, inner, inner, inner),
        st.builds("cast({} as text)".format, inner),
        st.builds("extract(year from {})".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("{} at time zone 'UTC'".format, inner),
        st.builds("array[{}, {}]".format, inner, inner),
        st.builds("exists (select {} as n from u w where {} order by {})".format, inner, inner, inner),
        st.builds("{} in (select {} from u left join o on {})".format, inner, inner, inner),
        st.builds("count(*) filter (where {}) > {}".format, inner, inner),
    )


expressions = st.recursive(st.sampled_from(LEAVES), grown, max_leaves=10)


def rendered(text: str, node: Expression) -> str:
    """The expression with parentheses around every operation."""

    def of(each: Expression) -> str:
        return rendered(text, each)

    match node:
        case Operation():
            return operation(text, node)
        case Prefix():
            return f"({' '.join(operator.text for operator in node.operators)} {of(node.operand)})"
        case Cast():
            if node.type.span < node.operand.span:  # interval '1 day'
                return text[node.span.start : node.span.end]
            return f"({of(node.operand)}::{text[node.type.span.start : node.type.span.end]})"
        case Call():
            head = text[node.span.start : node.span.end]
            if head.lower().startswith(("extract", "cast")):
                first, last = node.arguments[0].value, node.arguments[-1].value
                words = ("from", first, last) if head.lower().startswith("extract") else ("as", first, last)
                return f"{node.function.text}({of(words[1])} {words[0]} {of(words[2])})"
            brackets = "[]" if node.function.text == "array" else "()"
            return f"{node.function.text}{brackets[0]}{', '.join(of(a.value) for a in node.arguments)}{brackets[1]}"
        case Group():
            return f"({', '.join(map(of, node.items))})"
        case Query():
            return f"({' '.join(clause(text, each) for each in node.clauses)})"
        case Case():
            return f"{' '.join(clause(text, each) for each in node.clauses)} END"
        case Aliased():
            return f"{of(node.operand)} AS {node.alias.text}"
    return text[node.span.start : node.span.end]


def clause(text: str, node: Clause) -> str:
    return f"{node.words} {', '.join(rendered(text, item) for item in node.items)}"


def operation(text: str, node: Operation) -> str:
    words = [operator.text for operator in node.operators]
    operands = [rendered(text, operand) for operand in node.operands]
    if any(word in {"FILTER", "OVER"} for word in words):
        return " ".join([operands[0], *(f"{w} {o}" for w, o in zip(words, operands[1:], strict=True))])
    found, between = operands[0], False
    for word, operand in zip(words, operands[1:], strict=True):
        if word == "AND" and between:
            found, between = f"{found.removesuffix(')')} AND {operand})", False
        else:
            found = f"({found} {word} {operand})"
            between = word.endswith("BETWEEN")
    return found


@settings(max_examples=400)
@given(expressions)
def test_precedence_and_names(specql: Reference, text: str) -> None:
    answer = specql.sql(f"select 1 from t where {text}")
    assume(answer.error is None)
    parsed = parse_expression(text)
    again = specql.sql(f"select 1 from t where {rendered(text, parsed)}")
    assert again.error is None, (text, rendered(text, parsed), again.error)
    assert again.value["fingerprint"] == answer.value["fingerprint"], (text, rendered(text, parsed))
    named = [(path.role, path.text) for path in paths(parsed)]
    assert sorted(name for role, name in named if role is NameRole.VALUE) == answer.value["columns"], text
    assert sorted(["t", *(name for role, name in named if role is NameRole.TABLE)]) == answer.value["tables"], text
