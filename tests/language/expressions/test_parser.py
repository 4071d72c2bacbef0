"""SQL expressions, parsed: what SpecQL's steps hold, half-typed text, and any text at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.language.expressions.heads import parse_call_head, parse_declaration, parse_row_head
from specql_lsp.language.expressions.lexer import TokenKind, tokenize
from specql_lsp.language.expressions.nodes import NameRole, paths, walk
from specql_lsp.language.expressions.parser import parse_assignments, parse_expression
from tests.language.expressions.support import check_spans, show, show_assignments


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", "?"),
        ("status", "status"),
        ("status = 'lead'", "(status string:lead =)"),
        ("a = 1 AND b != 2.5 or not c", "(((a number:1 =) (b number:2.5 !=) AND) (NOT c) OR)"),
        ("NOT a = b", "(NOT (a b =))"),
        ("a = NOT b", "(a (NOT b) =)"),
        ("not not a", "(NOT NOT a)"),
        ("a + b * -c - d", "(a (b (- c) *) d + -)"),
        ("a || ' ' || b", "(a string:  b || ||)"),
        ("email MATCHES email_pattern", "(email email_pattern MATCHES)"),
        ("name is not null", "(name null:null IS NOT)"),
        ("a IS DISTINCT FROM b", "(a b IS DISTINCT FROM)"),
        ("status NOT IN ('a', 'b')", "(status [string:a, string:b] NOT IN)"),
        ("a LIKE 'x%' and b ilike 'y'", "((a string:x% LIKE) (b string:y ILIKE) AND)"),
        ("a is null = b", "((a null:null IS) b =)"),
        ("a + b is not null and c", "(((a b +) null:null IS NOT) c AND)"),
        ("a in (1) = b", "((a [number:1] IN) b =)"),
        ("a between b = c and d or e", "((a (b c =) d BETWEEN AND) e OR)"),
        ("a + b at time zone 'UTC'", "(a (b string:UTC AT TIME ZONE) +)"),
        ("a BETWEEN 1 AND 2 AND b", "((a number:1 number:2 BETWEEN AND) b AND)"),
        ("company.city = 'Paris'", "(company.city string:Paris =)"),
        ("input.email = $email", "(input.email $email =)"),
        ("$row.id > v_count", "($row.id v_count >)"),
        ("qualified_at < now()", "(qualified_at now() <)"),
        ("coalesce(a, b.c, 0)", "coalesce(a, b.c, number:0)"),
        ("f(x => 1, y := a)", "f(x => number:1, y => a)"),
        ("count(*) > 0", "(count(star:*) number:0 >)"),
        ("count(distinct a)", "count(a)"),
        ("extract(year from created)", "extract(word:year, created)"),
        ("substring(name from 1 for 2)", "substring(name, number:1, number:2)"),
        ("trim(both ' ' from name)", "trim(word:both, string: , name)"),
        ("position('a' in name)", "position((string:a name IN))"),
        ("cast(a as numeric(10, 2))", "cast(a, type:numeric)"),
        ("a::text = '1'::integer[]", "((a :: type:text) (string:1 :: type:integer) =)"),
        ("a::double precision", "(a :: type:double)"),
        ("now() - interval '1 day'", "(now() (string:1 day :: type:interval) -)"),
        ("at > 1 and similar", "((at number:1 >) similar AND)"),
        ("created at time zone 'UTC'", "(created string:UTC AT TIME ZONE)"),
        ("true = FALSE", "(boolean:true boolean:FALSE =)"),
        ('"order" = 1', "(order number:1 =)"),
        (
            "limit > 3 and values > 2 and update = 1",
            "((limit number:3 >) (values number:2 >) (update number:1 =) AND AND)",
        ),
        ("(a or b) and c", "([(a b OR)] c AND)"),
        ("()", "[]"),
        ("tags[1] = 'x'", "((tags [number:1] []) string:x =)"),
        ("array[a, 2]", "array(a, number:2)"),
        ("case when a then b else c end", "<CASE WHEN a THEN b ELSE c END>"),
        ("case a when 1 then 'x' end = b", "(<CASE a WHEN number:1 THEN string:x END> b =)"),
        ("case when a then", "<CASE WHEN a THEN ?…"),
        (
            "EXISTS (SELECT 1 FROM crm.tb_contact c WHERE c.email = input.email)",
            "EXISTS(<SELECT number:1 FROM table:crm.tb_contact AS alias:c WHERE (c.email input.email =)>)",
        ),
        (
            "id in (select fk from a as x join b on x.id = b.id order by 1)",
            "(id <SELECT fk FROM table:a AS alias:x JOIN table:b ON (x.id b.id =) ORDER BY number:1> IN)",
        ),
        (
            "SELECT a, count(*) AS n FROM t GROUP BY a HAVING n > 1",
            "<SELECT a, count(star:*) AS alias:n FROM table:t GROUP BY a HAVING (n number:1 >)>",
        ),
        ("select * from (select 1) s", "<SELECT star:* FROM <SELECT number:1> AS alias:s>"),
        (
            "with d as (delete from t where a returning *) select * from d",
            "<WITH (alias:d <DELETE FROM table:t WHERE a RETURNING star:*> AS) SELECT star:* FROM table:d>",
        ),
        (
            "insert into crm.tb_x (a, b) values (1, $b) returning id into v_id",
            "<INSERT INTO table:crm.tb_x, [a, b] VALUES [number:1, $b] RETURNING id INTO v_id>",
        ),
        ("update t set a = 1 where b", "<UPDATE table:t SET (a number:1 =) WHERE b>"),
        (
            "sum(a) filter (where b) over (partition by c order by d)",
            "(sum(a) <WHERE b> <PARTITION BY c ORDER BY d> FILTER OVER)",
        ),
        ("v_count := v_count + 1", "(v_count (v_count number:1 +) :=)"),
        # Half-typed and broken.
        ("status =", "(status ? =)"),
        ("= 1", "(? number:1 =)"),
        ("a and", "(a ? AND)"),
        ("a = and b", "((a ? =) b AND)"),
        ("company.", "company."),
        ("company. and b", "(company. b AND)"),
        ("$", "$"),
        ("status = 'le", "(status string:le… =)"),
        ("lower(na", "lower(na…"),
        ("lower(", "lower(…"),
        ("f(a, )", "f(a, ?)"),
        ("status in ('a', ", "(status [string:a, ?… IN)"),
        ("exists (select 1 from ", "exists(<SELECT number:1 FROM ?>…"),
        ("a b", "(a b _)"),
        ("a, b", "(a skipped b _ _)"),
        ("a) = 1", "(a skipped (? number:1 =) _ _)"),
        ("a = 1; b", "((a number:1 =) skipped b _ _)"),
        ("a -- why\n = 1", "(a number:1 =)"),
        ("'it''s' = a", "(string:it's a =)"),
        ("{{ x }}", "(skipped skipped x skipped skipped _ _ _ _)"),
    ],
)
def test_expressions(text: str, tree: str) -> None:
    parsed = parse_expression(text)
    assert show(parsed) == tree
    check_spans(text, parsed)


def test_spans_of_names() -> None:
    text = "company.city = input.email AND lower(status) IN ('a')"
    found = {path.text: (text[path.span.start : path.span.end], path.role) for path in paths(parse_expression(text))}
    assert found == {
        "company.city": ("company.city", NameRole.VALUE),
        "input.email": ("input.email", NameRole.VALUE),
        "lower": ("lower", NameRole.FUNCTION),
        "status": ("status", NameRole.VALUE),
    }


@pytest.mark.parametrize(
    ("text", "assignments"),
    [
        ("a = 1, b = now()", ["a = number:1", "b = now()"]),
        ("status = 'x', ", ["status = string:x"]),
        ("status", ["status ?"]),
        ("status =", ["status = ?"]),
        ("a = (select x, y from z), b = c", ["a = <SELECT x, y FROM table:z>", "b = c"]),
        ("a = f(b, c), d = e = g", ["a = f(b, c)", "d = (e g =)"]),
        ("= 1", ["= number:1"]),
        ("", []),
    ],
)
def test_assignments(text: str, assignments: list[str]) -> None:
    assert show_assignments(parse_assignments(text)) == assignments


@pytest.mark.parametrize(
    ("text", "entity", "assignments", "condition"),
    [
        ("Contact", "Contact", [], None),
        (
            "Contact SET status = 'a', n = n + 1 WHERE id = 1",
            "Contact",
            ["status = string:a", "n = (n number:1 +)"],
            "id",
        ),
        ("Contact set a = 1", "Contact", ["a = number:1"], None),
        ("Contact SET ", "Contact", [], None),
        ("Contact SET sta", "Contact", ["sta ?"], None),
        ("Contact\n  SET a = 1\n  WHERE b", "Contact", ["a = number:1"], "b"),
        ("crm.Contact WHERE email = input.email", "crm.Contact", [], "email"),
        ("Contact(a = 1, b = 2)", "Contact", ["a = number:1", "b = number:2"], None),
        ("Contact , x SET a = 1", "Contact", ["a = number:1"], None),
        ("Contact SET a = b) WHERE c", "Contact", ["a = b"], "c"),
        ("SET a = 1", None, ["a = number:1"], None),
        ("WHERE a", None, [], "a"),
        ("", None, [], None),
    ],
)
def test_row_heads(text: str, entity: str | None, assignments: list[str], condition: str | None) -> None:
    head = parse_row_head(text)
    assert (head.entity.text if head.entity else None) == entity
    assert show_assignments(head.assignments) == assignments
    assert (next(paths(head.condition)).text if head.condition else None) == condition
    for word in (head.set_word, head.where_word):
        assert word is None or text[word.span.start : word.span.end] == word.text


@pytest.mark.parametrize(
    ("text", "function", "arguments", "closed"),
    [
        ("send(a = 1, b = c.d)", "send", ["a = number:1", "b = c.d"], True),
        ("send()", "send", [], True),
        ("send", "send", [], False),
        ("crm.f(a)", "crm.f", ["a"], True),
        ("send(a = ", "send", ["a = ?"], False),
        ("send(", "send", [], False),
        ('owner(email, "It is, done")', "owner", ["email", "It is, done"], True),
        ("(a)", None, ["a"], True),
        ("", None, [], False),
    ],
)
def test_call_heads(text: str, function: str | None, arguments: list[str], *, closed: bool) -> None:
    head = parse_call_head(text)
    assert (head.function.text if head.function else None) == function
    assert show_assignments(head.arguments) == arguments
    assert (head.closed, head.extra) == (closed, None)


def test_declarations() -> None:
    head = parse_declaration("v_count numeric(10, 2) := count + 1")
    assert head.name is not None
    assert head.type is not None
    assert head.default is not None
    assert (head.name.text, head.type.text, show(head.default)) == ("v_count", "numeric", "(count number:1 +)")
    assert parse_declaration("").name is None


WORDS = """
and or not in is null like between case when then end select from as where with set insert into values update exists
extract cast over filter order by interval at time zone left join distinct a b.c $x input. v_n 1
"""
SIGNS = ["'", "''", '"', "=", "!=", "::", ":=", "=>", "(", ")", "[", "]", ",", ";", ".", "*", "-", "--", "\n", "{", "é"]
pieces = st.lists(st.sampled_from([*WORDS.split(), *SIGNS]), max_size=40)
texts = pieces.map(" ".join) | pieces.map("".join) | st.text(max_size=60)


@given(texts)
def test_any_text(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(token.text for token in tokens) == text
    assert all(a.span.end == b.span.start for a, b in pairwise(tokens))
    assert all(token.text == text[token.span.start : token.span.end] for token in tokens)
    for token in tokens:
        assert token.value is not None
    expression = parse_expression(text)
    check_spans(text, expression)
    assert sum(1 for _ in walk(expression)) <= 3 * len(text) + 1


@given(texts)
def test_any_head(text: str) -> None:
    row, call, declaration = parse_row_head(text), parse_call_head(text), parse_declaration(text)
    for assignments in (row.assignments, call.arguments, parse_assignments(text)):
        at = 0
        for assignment in assignments:
            assert at <= assignment.span.start <= assignment.span.end <= len(text)
            at = assignment.span.end
            check_spans(text, assignment.value, *([assignment.target] if assignment.target else []))
            assert assignment.span.start <= assignment.value.span.start <= assignment.span.end
    for expression in (row.extra, row.condition, call.extra, declaration.default, declaration.type, row.entity):
        if expression is not None:
            check_spans(text, expression)


OFTEN = (
    "(|f(|[|(select |case |case when |not |-|a.|a::b|a as b |select a b, (c d (|with a as (|a and |between |extract(|"
    "a(b) over (|'|x[1]|)|in (|$a.|a = b ? c : |cast(a as b(|(select (a) as b (|array["
)


@pytest.mark.parametrize("piece", OFTEN.split("|"))
def test_large_texts(piece: str) -> None:
    text = piece * 1_000
    expression = parse_expression(text)
    assert sum(1 for _ in walk(expression)) <= 3 * len(text) + 1
    assert expression == parse_expression(text)  # comparing descends: the tree is not deep
    parse_row_head(text)
    parse_call_head(text)


def test_kinds() -> None:
    kinds = [
        (token.text, token.kind) for token in tokenize("a.b $x 'y' \"z\" 1.5, ;{") if token.kind is not TokenKind.SPACE
    ]
    assert kinds == [
        ("a", TokenKind.NAME),
        (".", TokenKind.DOT),
        ("b", TokenKind.NAME),
        ("$x", TokenKind.PARAMETER),
        ("'y'", TokenKind.STRING),
        ('"z"', TokenKind.QUOTED_NAME),
        ("1.5", TokenKind.NUMBER),
        (",", TokenKind.COMMA),
        (";", TokenKind.SEMICOLON),
        ("{", TokenKind.OTHER),
    ]
