"""What SpecQL needs, added to texts of odd style: they stay YAML that says the same, and SpecQL reads them."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.registry.yaml_edits.required import required
from specql_lsp.syntax.editing.text_edit import apply
from tests.specql.reference import Reference
from tests.specql.texts import document, objections
from tests.support.exports import LATER, NOW

HEAD = (
    "schema_layers: {'01': a}\ndomains:\n  '2':\n    name: crm\n    description: d\n    subdomains:\n      '03':\n"
    "        name: c\n        description: d\n        next_entity_sequence: 1\n        entities:\n"
)
ENTITIES = [
    "A: '0120''31'\n",
    'A: "01\\x32031"\n',
    "A: 01,2031\n",
    "A: 012 031\n",
    "A: >-\n            012031\n          B: '012032'\n",
    "A: !!str 012031\n",
    "A: &a !!str 012031 # c\n",
    "? A\n          : &a '012031' # c\n",
    "A:\n            '012031'\n",
    "A:\n            # c\n            012031\n",
    "A: {\n            table_code: '012031'\n          }\n",
    "A: {\n            table_code: '012031',  # c\n            entity_code: X  # d\n          }\n",
    "A: &e {table_code: '012031'}\n          B: *e\n",
    "A: ''\n",
    "'A b': '012031'",
    # Nobody but their author knows these codes.
    "A:\n          B: {}\n          C: {table_code: '012031',}\n",
    "A: ~\n",
    "A: null # c\n",
    "A:   # c\n            # d\n          B:\n            table_code: '012032'\n",
    "? A\n          ? B\n",
]
OTHERS = [
    "{domains: {'2': {name: crm}, 3: {}, '4': , '5'}}",
    "domains: {'2': {name: crm, subdomains: {'03': {name: c}, '04':{name: d}, }, }}\n",
    "domains:\n  - a\n",
    "domains:\n  '2': []\n",
    "domains:\n  '2':\n    - a\n",
    "domains:\n  '2': &x\n    subdomains: &y\n  '3':\n    name: b\n    subdomains: *y\n",
    "domains:\n  ? '2'\n  ? '3'\n",
    "domains:\r  '2':\r    name: a\r",
    "domains:\n  '2':\n    name: a\n    description: |\n     x\n    subdomains:\n      ! '02': {}\n      &q '03': {}\n",
    "domains:\n  '2': !!map {name: b}\n",
    "---\ndomains:\n    '2':\n        subdomains:\n            '01':\n                entities: {A: '1'}\n...\n",
]


@pytest.mark.parametrize("text", [*(HEAD + "          " + each for each in ENTITIES), *OTHERS])
def test_odd_styles(specql: Reference, text: str) -> None:
    yaml.safe_load(text)
    after = apply(text, required(document(text), NOW))
    yaml.safe_load(after)
    assert required(document(after), LATER) == ()
    if not objections(after):
        assert specql.registry(after).error is None
