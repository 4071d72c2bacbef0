"""The words that the grammar of VS Code colours are those of the language's tables."""

from __future__ import annotations

import re
from pathlib import Path

from specql_lsp.language.keys import entity_keys, registry_keys
from specql_lsp.language.names import RESERVED_FIELD_NAMES
from specql_lsp.language.steps import step_kinds
from specql_lsp.language.types import TypeTier, types

VOCABULARY = Path(__file__).parents[2] / "editors" / "vscode" / "scripts" / "vocabulary.mjs"
LISTS = {
    name: set(re.findall(r'"([^"]+)"', words))
    for name, words in re.findall(r"export const (\w+) = \[(.*?)\];", VOCABULARY.read_text(encoding="utf-8"), re.DOTALL)
}


def test_types() -> None:
    for tier in TypeTier:
        assert LISTS[f"{tier.name}_TYPES"] == {name for name, spec in types().items() if spec.tier is tier}


def test_keys() -> None:
    level = entity_keys().levels["entity file"]
    assert {key.name for key in level.read()} <= LISTS["ENTITY_KEYS"] <= set(level.by_name)
    assert LISTS["REGISTRY_KEYS"] == set(registry_keys().levels["registry"].by_name)
    assert LISTS["RESERVED_FIELD_NAMES"] == RESERVED_FIELD_NAMES


def test_steps() -> None:
    coloured = {name for list_, names in LISTS.items() if list_.endswith("_STEPS") for name in names}
    assert coloured <= set(step_kinds())
