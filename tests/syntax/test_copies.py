"""A copy of a mapping, written at another place, reads as the mapping does."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.syntax.editing.copies import copied_mapping
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.nodes import Alias, Mapping
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.text import LineIndex

BODIES = [
    "{}",
    "{a: 1, b: [x, {y: z}], c: {d: }}",
    '{a: \'it\'\'s\', "b": "q\\"", c: !!str 1, d: 0x10, e: 1:30, f: ~}',
    "{a: http://x/y#w, b: x:y}",
    "\n    a: x?, y\n    b: '{no}'\n    c: d]e\n    d: a{b}",
    "\n    a: |\n      one\n\n      two\n    b: >-\n      three\n      four\n    c: six",
    "\n    a: one\n      two\n    b: 'one\n\n      two'\n    c: \"one\\\n      two\"",
    "\n    a:\n    - 1\n    - '2'\n    b:\n      - x\n      -\n        y: z\n    c:\n    - - deep\n      - [er]",
    "\n    a: &inner {x: 1}\n    b: *inner\n    c:\n      <<: *inner\n      y: 2\n    d: [*inner, *inner]",
    "\n    # before\n    a: 1  # no\n\n    ? b\n    : c\n    d:\n    e: {f: 1,\n        g: 2}\n    true: yes",
    "\n    ? &key k\n    : v\n    *key : w",
    '\n    a: "\\x41\\u00e9\\U0001f600"\n    \u00e9: \U0001f600',
]
PLACES = {
    "block": "top:\n  one: &one {}\n  two: *one  # why\nlast: 1\n",
    "flow": "top:\n  one: &one {}\n  more: {{three: 3, two: *one, four: 4}}\nlast: 1\n",
    "deep": "top:\n  one: &one {}\n  more:\n    - x:\n        two: *one\nlast: 1\n",
}


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("body", BODIES)
def test_a_copy_reads_as_what_it_is_of(body: str, place: str, line_break: str) -> None:
    text = place.format("{}").replace("&one {}", f"&one {body}").replace("\n", line_break)
    tree = parse(text, LineIndex(text))
    ((mapping, entry),) = [
        (node, each)
        for node in _mappings(tree.root)
        for each in node.entries
        if isinstance(each.value, Alias) and each.value.name == "one"
    ]
    source = tree.written_mapping(entry.value)
    assert source is not None
    copy = copied_mapping(tree, source)
    assert copy is not None
    after = apply(text, YamlWriter(tree).set_entries(entry, copy, in_flow=mapping.flow))
    assert yaml.safe_load(after) == yaml.safe_load(text)
    assert "*one" not in after
    assert ("# why" in after) == ("# why" in text)


@pytest.mark.parametrize(
    "body", ["!!omap [a: 1]", "!mine {a: 1}", "{[a]: 1}", "{a: !!set {b}}", "\n    ? [a, b]\n    : c"]
)
def test_what_cannot_be_written_so_is_left(body: str) -> None:
    text = f"one: &one {body}\n"
    tree = parse(text, LineIndex(text))
    source = tree.written_mapping(tree.anchors["one"])
    assert source is None or copied_mapping(tree, source) is None


def _mappings(root: object) -> list[Mapping]:
    found: list[Mapping] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            found.append(node)
            pending += [entry.value for entry in node.entries]
        else:
            pending += list(getattr(node, "items", ()))
    return found
