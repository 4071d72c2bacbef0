"""The code action that sorts keys in SpecQL's order: lines move with their comments, values stay."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
import yaml

from specql_lsp.features.code_actions.sort_keys import TITLE
from specql_lsp.features.model import ActionKind
from specql_lsp.language.key_order import usual_rank
from specql_lsp.language.keys import entity_keys, registry_keys
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import actions_at, fix, titles
from tests.support.corpus import ENTITIES, KINDS, REGISTRIES, name_of
from tests.support.effort import SEED, times


def offered(snippet: str) -> bool:
    return TITLE in titles(snippet, ActionKind.REFACTOR_REWRITE)


def test_entries_move_with_their_comments_and_empty_lines_stay() -> None:
    fix(
        """
        # about the file

        actions:  # what is done
          - steps:
              - error: e  # e
                validate: a = 1
            name: close

        # the columns
        fields:
          b:
            description: d
            type: text
          a: text
          # below

        schema: crm
        ent$0ity: A
        """,
        TITLE,
        """
        # about the file

        entity: A

        schema: crm

        # the columns
        fields:
          b:
            type: text
            description: d
          a: text
          # below
        actions:  # what is done
          - name: close
            steps:
              - validate: a = 1
                error: e  # e
        """,
    )


def test_only_what_is_at_the_cursor_and_in_it() -> None:
    text = """
        schema: crm
        entity: A
        fields:
          a:
            nul$0lable: false
            type: text
        """
    fix(
        text,
        TITLE,
        text.replace("$0", "").replace(
            "nullable: false\n            type: text", "type: text\n            nullable: false"
        ),
    )


def test_the_registry() -> None:
    fix(
        """
        -- registry/domain_registry.yaml --
        domains:
          '2':
            sub$0domains: {}
            name: crm
            description: d
        """,
        TITLE,
        """
        -- registry/domain_registry.yaml --
        domains:
          '2':
            name: crm
            description: d
            subdomains: {}
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        "ent$0ity: A\nschema: s\n",
        "schema: $0s\nentity: A\n",
        "sch$0ema: &x s\nentity: A\ndescription: *x\n",
        "sch$0ema: s\nentity: A\ndescription: |+\n  a\n\n",
        "sch$0ema: s\nentity: A\nfields: {\n",
        "entity: A\nfields:\n  $0b: text\n  a: text\n",
        "entity: A\nfields:\n  $0b:\n    nullable: false\n    type: text\n",
        "entity: A\nfields:\n  a: {nulla$0ble: false, type: text}\n",
        "entity: A\nactions:\n  - st$0eps: []\n    # its name\n    name: x\n",
        "sch$0ema: s\nentity: A\n---\nentity: B\n",
    ],
)
def test_where_it_is_not_offered(text: str) -> None:
    assert not offered(text)


def test_a_text_without_a_line_break_at_its_end_is_left_alone() -> None:
    document = Document("file:///workspace/a.yaml", "schema: s\nentity: A", 1)
    assert TITLE not in actions_at(Analysis(), document, Span(0, 0))


def value_of(text: str) -> Any:
    return yaml.safe_load(text)


def shuffled(text: str, chance: random.Random) -> str:
    """The text with its top-level entries in another order, each with the comments right above it."""
    lines = text.split("\n")
    chunks: list[list[str]] = [[]]
    for row, line in enumerate(lines):
        is_below_comment = row > 0 and lines[row - 1].startswith("#")
        is_key = line[:1].isalpha() or line[:1] in {"'", '"'}
        if not is_below_comment and (is_key or (line.startswith("#") and row > 0)):
            chunks.append([])
        chunks[-1].append(line)
    head, rest = chunks[0], chunks[1:]
    chance.shuffle(rest)
    return "\n".join(line for chunk in [head, *rest] for line in chunk).rstrip("\n") + "\n"


@pytest.mark.parametrize("path", [*ENTITIES, *KINDS, *REGISTRIES], ids=name_of)
def test_real_files_in_another_order_keep_their_value_and_their_lines(path: Any) -> None:
    chance = random.Random(SEED)
    is_registry = path in REGISTRIES
    table = registry_keys() if is_registry else entity_keys()
    original = path.read_text(encoding="utf-8")
    for _ in range(times(3)):
        text = shuffled(original, chance)
        try:
            before = value_of(text)
        except yaml.YAMLError:
            continue
        document = Document("file:///workspace/a.yaml", text, 1, is_registry=is_registry)
        if not document.is_specql or document.tree.root is None:
            continue
        at = document.tree.root.entries[0].key.span.start  # type: ignore[union-attr]
        action = actions_at(Analysis(), document, Span(at, at)).get(TITLE)
        if action is None:
            continue
        after = apply(text, action.all_edits())
        assert value_of(after) == before
        assert sorted(line.strip() for line in after.split("\n")) == sorted(line.strip() for line in text.split("\n"))
        again = Document("file:///workspace/a.yaml", after, 1, is_registry=is_registry)
        ranks = [usual_rank(table.levels[table.root.level], entry.name or "") for entry in again.tree.root.entries]  # type: ignore[union-attr]
        assert all(one <= two for one, two in pairwise(ranks))
        assert TITLE not in actions_at(Analysis(), again, Span(0, 0))
