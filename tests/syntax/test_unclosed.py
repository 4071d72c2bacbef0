"""A file that is one flow mapping, while its end is typed."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parsing.parse import parse

WHOLE = """\
# A contact
{entity: Contact, schema: crm,  # {not a bracket
  fields: {email: "te}xt", 'na''me': text, owner: {type: 'ref(User)'}},
  actions: [{name: close, steps: [{validate: it's}]}]}
"""


def values(node: Node | None) -> Any:
    """What a node says."""
    if isinstance(node, Mapping):
        return {values(entry.key): values(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [values(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def spans_within(node: Node | Entry | None, end: int) -> bool:
    """Whether no span ends behind an offset."""
    if node is None:
        return True
    parts: tuple[Node | Entry | None, ...] = ()
    if isinstance(node, Mapping):
        parts = node.entries
    elif isinstance(node, Sequence):
        parts = node.items
    elif isinstance(node, Entry):
        parts = (node.key, node.value)
    return 0 <= node.span.start <= node.span.end <= end and all(spans_within(part, end) for part in parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{entity: Contact, fields: {email: text", {"entity": "Contact", "fields": {"email": "text"}}),
        ("{entity: Contact, fields: {email: text}", {"entity": "Contact", "fields": {"email": "text"}}),
        (
            "{entity: Contact,\n fields: {\n  email: text,\n  na\n",
            {"entity": "Contact", "fields": {"email": "text", "na": None}},
        ),
        ("{entity: Contact, note: 'half", {"entity": "Contact", "note": "half"}),
        ("{entity: Contact, # a comment }", {"entity": "Contact"}),
        ("{entity: Contact, actions: [{name: close", {"entity": "Contact", "actions": [{"name": "close"}]}),
        ("{entity: it's, fields: {", {"entity": "it's", "fields": {}}),
        ("{entity:", {"entity": None}),
    ],
)
def test_what_stands_before_the_end(text: str, expected: dict[str, Any]) -> None:
    for breaks in ("\n", "\r\n"):
        tree = parse(text.replace("\n", breaks))
        assert values(tree.root) == expected
        assert tree.problems and spans_within(tree.root, len(tree.text))


@pytest.mark.parametrize("text", ["{a: [b}", "{a: b}\nc: {d", "[a, {b: c", "a: {b: c", "{a: b"[1:]])
def test_any_other_text_is_read_as_before(text: str) -> None:
    from specql_lsp.syntax.parsing.unclosed import parse_unclosed

    assert parse_unclosed(text) is None


def test_every_beginning_of_a_file_keeps_its_keys() -> None:
    assert not parse(WHOLE).problems
    begin = WHOLE.index("{") + 1
    for end in range(begin, WHOLE.rindex("}")):
        tree = parse(WHOLE[:end])
        assert spans_within(tree.root, end)
        if end > WHOLE.index("fields"):
            assert isinstance(tree.root, Mapping), WHOLE[:end]
            assert list(tree.root.entries_by_name)[:2] == ["entity", "schema"], WHOLE[:end]


@pytest.mark.parametrize("line", ["\r\n", "# a note\r\n", " \t \r\n", "\n", "#\r"])
@pytest.mark.parametrize("rest", ["entity: Contact\n", "{entity: Contact", "#"])
def test_many_lines_before_it_cost_little(line: str, rest: str) -> None:
    """A text is looked at once, however its line breaks can be read."""
    assert parse(line * 5_000 + rest).text.endswith(rest)
