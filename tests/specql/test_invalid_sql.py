"""``invalid-sql``, held to PostgreSQL's parser: it refuses SpecQL's SQL exactly where something is reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from specql_lsp.features.diagnostics import check
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.specql.reference import Reference
from tests.support.corpus import ENTITIES, ODD

BASE: dict[str, Any] = {"entity": "Thing", "schema": "crm", "fields": {"name": "text"}}
ACTIONS = [{"name": "create_x"}, {"name": "update_x"}, {"name": "foo"}]
NAMES = (
    *("order", "user", "table", "left", "name", "value", "a-b", "a b", "a.b", "1a", "Ünï", "x$", "é", "A", "Order"),
    *("select", "end", "desc", "group", "_x", "a'b", 'a"b', "", "a/b", "values", "interval", "none", "row", "true"),
    *("null", "x;y", "naïve b", "a\tb", "$a", "check", "primary", "key", "json_array", "between", "like"),
)
TYPES = (
    *("text", "email", "money", "ref(Company)", "enum(a, b)", "list(text)", "MoneyAmount", "coordinates", "ref()"),
    *("ref(crm.Company)", "ref(a.b.c)", "ref(A B)", "ref(A|B)", "ref(A-B)", "ref(Å)", "enum('a', 'b')"),
    *('enum("a", "b")', "enum(it's, b)", "enum(it''s)", "enum()", "enum(a, 'b')", "enum(')", "enum('')"),
    *("enum(a\\'b)", "text! = x", "timestamp", "ref(order)", "enum('a,b')", "ref(Company)!", "enum(a, b) = a!"),
    *("ref(A(B))", "enum(a(b), c)", "text = 'x'", "ref( Company )", "ref(A' )", "ref(1A)", "ref(a$)"),
)
DESCRIPTIONS: tuple[Any, ...] = (
    *("plain", "it's", "it''s", "it'''s", "two\nlines", "end\n", "a\n-- b", "a\n\n", "a\r\nb", "''", "'", "' '"),
    *("a -- b", "a /* b", "a */", "$$", "{{ x }}", "{% x %}", "a\\'b", "\t", "é’", "x\x0cy", "a\n--b\n c", ""),
    *(5, True, None, ["a"], {"a": 1}, [1]),
)
ACTION_NAMES = (
    *("create_x", "update_x", "delete_x", "foo", "do-it", "do it", "order", "Foo", "1foo", "fo'o", "$$", "a$$"),
    *("qualify_lead", "", "x$y", "é"),
)
ENTITIES_NAMES = (
    *("Thing", "My Thing", "my-thing", "Order", "thing's", "Ünï", "1Thing", "A$B", "A$$", "T.x", "tÅ", "User"),
)
SCHEMAS: tuple[Any, ...] = (
    *("crm", "order", "user", "my-schema", "a b", "CRM", "1x", 5, True, None, "", "none", "é", "public", "sch'x"),
    *("left", "values"),
)
PARSED_AND_REFUSED = ("like",)
"""A field of that name makes PostgreSQL look for a table of the type's name."""


def variants() -> Iterator[dict[str, Any]]:
    for name in NAMES:
        yield from ({**BASE, "fields": {name: type_}} for type_ in TYPES[:9])
        yield from ({**BASE, "fields": {name: type_}, "actions": ACTIONS} for type_ in TYPES[:8])
    for type_ in TYPES:
        yield {**BASE, "fields": {"x": type_}}
        yield {**BASE, "fields": {"x": type_}, "actions": ACTIONS}
        yield {**BASE, "fields": {"x": {"type": type_}}, "actions": ACTIONS}
    for text in DESCRIPTIONS:
        yield {**BASE, "description": text}
        yield {**BASE, "entity": {"name": "Thing", "description": text}, "description": "it's"}
    for name in ACTION_NAMES:
        yield from ({**BASE, "actions": [{"name": name, **steps}]} for steps in _steps())
    for name in ENTITIES_NAMES:
        yield {**BASE, "entity": name}
        yield {**BASE, "entity": name, "actions": ACTIONS}
    for schema in SCHEMAS:
        yield {**BASE, "schema": schema}
        yield {**BASE, "schema": schema, "actions": ACTIONS}
        yield {**BASE, "entity": {"name": "T", "schema": schema}}


def _steps() -> Iterator[dict[str, Any]]:
    yield {}
    for row in ("Thing", "Thing(name = 'x')", "Thing(name = ''x'')"):
        insert = {"insert": row}
        yield {"steps": [insert]}
        yield {"steps": [{"notify": 'a(b, "it\'s")'}, {"delete": "Thing WHERE name = 'x'"}, insert]}
        yield {"steps": [{"validate": "name = 'x'"}, {"insert": "Other"}, insert]}
        yield {"steps": [{"update": "Thing SET name = 'x'"}, {"if": "name = 'x'", "then": [insert]}]}
    yield {"steps": [{"update": "Thing's SET name = 'x'"}]}


def is_reported(text: str) -> bool:
    document = Document("file:///workspace/thing.yaml", text)
    return any(finding.code == "invalid-sql" for finding in check(Analysis(), document))


def test_variants(specql: Reference) -> None:
    seen = {True: 0, False: 0}
    for data in variants():
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        answer = specql.refused_sql(text)
        if answer.error is not None or next(iter(data["fields"])) in PARSED_AND_REFUSED:
            continue  # nothing is generated, or it is not for the parser to refuse it
        refused = bool(answer.value)
        assert is_reported(text) == refused, (answer.value, text)
        seen[refused] += 1
    assert min(seen.values()) > 300


def test_real_files(specql: Reference) -> None:
    for path in (*ENTITIES, *ODD):
        text = path.read_text(encoding="utf-8")
        answer = specql.refused_sql(text)
        if answer.error is None:
            assert is_reported(text) == bool(answer.value), path


def test_names_with_a_dot_are_of_another_database(specql: Reference) -> None:
    """PostgreSQL parses them and refuses them then."""
    for data in ({**BASE, "schema": "a.b"}, {**BASE, "actions": [{"name": "a.b"}]}):
        text = yaml.safe_dump(data)
        assert specql.refused_sql(text).value == {}
        assert is_reported(text)
