"""The parser of types beside SpecQL's own, on random texts: what is a type to SpecQL has that form to us."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from specql_lsp.language.type_syntax import EnumType, ListType, NamedType, RefType, parse_field_type
from specql_lsp.language.types import types
from tests.specql.reference import Reference

PIECES = [
    "text",
    "email",
    "enum",
    "ref",
    "list",
    "(",
    ")",
    "(",
    ")",
    "|",
    ",",
    ".",
    " = ",
    "!",
    "?",
    " ",
    "crm",
    "A",
    "-",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join).filter(str.strip)
usual = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        ["text", "money", "enum(a, b)", "enum(a-b,c d)", "ref(A)", "ref( crm.A |B)", "list(ref(A))", "list()"]
    ),
    st.sampled_from(["", "!", "?", " "]),
    st.sampled_from(["", " = a", " = 'a b'", " = ", "=a"]),
    st.sampled_from(["", "!", " !", "?"]),
)


@settings(max_examples=300)
@given(st.lists(texts | usual, min_size=1, max_size=40))
def test_types_of_random_texts(specql: Reference, written: list[str]) -> None:
    fields = {f"f_{number}": text for number, text in enumerate(written)}
    answer = specql.fields(yaml.safe_dump({"entity": "Thing", "fields": fields}))
    assert answer.error is None
    for name, text in fields.items():
        compare(answer.value[name], text)


def compare(facts: dict[str, Any], text: str) -> None:
    """What SpecQL makes of a text beside what the parser says about it."""
    parsed = parse_field_type(text)
    expression = parsed.type
    assert facts["nullable"] == (parsed.not_null is None), text
    if parsed.default is not None and text.count("=") == 1 and facts["default"]:
        assert facts["default"] == parsed.default.text.strip("'\""), text
    if facts["tier"] == "reference":
        assert isinstance(expression, RefType), text
        targets = [target.span for target in expression.targets]
        assert not facts["target"] or targets or not any(c.isalnum() for c in facts["target"]), text
    elif facts["tier"] in {"scalar", "composite"}:
        assert isinstance(expression, NamedType), text
        assert expression.name.text in types()
        assert not parsed.extra
    elif facts["values"] is not None:
        assert isinstance(expression, EnumType), text
        if expression.closed and not parsed.extra:
            assert [value.text for value in expression.values] == [value for value in facts["values"] if value], text
    elif facts["postgres"] == "JSONB":
        assert isinstance(expression, ListType) or text.startswith("list("), text
    elif isinstance(expression, NamedType) and not (parsed.extra or parsed.ignored_marks or parsed.equals):
        # A blank before "!" is part of the type's name to SpecQL, which therefore knows no such type.
        has_blank = parsed.not_null is not None and parsed.not_null.start > expression.span.end
        spec = types().get(expression.name.text) if not has_blank else None
        assert facts["postgres"] == (spec.postgres if spec is not None else "TEXT"), text


@pytest.mark.parametrize(
    "text", ["money!", "money !", "money", "enum(a-b, c d) = a-b!", "ref(crm.A|B)!", "text?", "list(a)"]
)
def test_types_of_usual_texts(specql: Reference, text: str) -> None:
    answer = specql.fields(yaml.safe_dump({"entity": "Thing", "fields": {"a": text}}))
    assert answer.error is None
    compare(answer.value["a"], text)
