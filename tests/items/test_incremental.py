"""Items of a text after an edit are those of the text alone, and only what the edit touched is worked out again."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from specql_lsp.items.entity import EntityItem, StepItem
from specql_lsp.items.lower import lower_entities
from specql_lsp.syntax.parsing.parse import parse, parse_edit
from specql_lsp.syntax.tree import SyntaxTree
from tests.support.effort import SEED, times
from tests.syntax.random_edits import MADE, edits, real_texts

COUNT = times(1500)

ENTITY = """\
entity: Contact
schema: crm
fields:
  # the first
  email: email!
  company: ref(crm.Company)
  owner:
    type: "ref(Person|Team)"
    description: who looks after it
  'odd one': enum(a, b) = a
actions:
  - name: qualify
    steps:
      - validate: email = 'a'
      - if: email = 'b'
        then:
          - update: Contact SET email = 'c'
        else: [{insert: crm.Lead(a = 1)}]

  # the second
  - name: close
    pattern: state/close
    steps:
      - refresh_table_view: {propagate: [Company, "Person"]}
patterns: [history]
table_views: {include_relations: [{Company: {fields: [name]}}]}
"""


def steps(found: Iterable[StepItem]) -> list[object]:
    return [(s.kind, s.title, s.keyword, s.value, s.span, s.entities, steps(s.steps)) for s in found]


def said(entity: EntityItem) -> tuple[object, ...]:
    """All that an entity says, with the places in the text."""
    return (
        entity.name,
        entity.schema_node,
        entity.code,
        [(f.name, f.name_span, f.key, f.entry, f.span, f.type, f.references, f.inherited) for f in entity.fields],
        [(a.name, a.span, a.pattern, a.entities, steps(a.steps)) for a in entity.actions],
        entity.references,
        entity.step_entities,
        entity.view_entities,
        entity.patterns,
        entity.field_mentions,
    )


def test_items_after_random_edits_are_those_of_the_texts() -> None:
    random = Random(SEED)
    texts = [ENTITY, *MADE, *real_texts()]
    edited = done = 0
    while done < COUNT:
        tree: SyntaxTree = parse(random.choice([ENTITY, random.choice(texts)]))
        for text in edits(tree.text, 12, random, texts):
            whole = parse(text)
            tree = parse_edit(tree, text) or whole
            edited += tree.is_edited
            expected = [said(entity) for entity in lower_entities(whole)]
            assert [said(entity) for entity in lower_entities(tree)] == expected, repr(text)
            done += 1
    assert edited > COUNT // 20


def test_an_edit_has_its_own_section_alone_lowered() -> None:
    fields = "".join(f"  field_{number}: ref(Company)\n" for number in range(500))
    actions = "".join(f"  - name: a{number}\n    steps: [{{insert: Task}}]\n" for number in range(300))
    text = f"entity: A\nfields:\n{fields}actions:\n{actions}"
    tree = edited(parse(text), text.replace("field_7:", "field_7x:"))
    lower_entities(tree)
    kept: list[EntityItem] = []
    for old, new in (("field_250:", "field_25:"), ("name: a100\n", "name: b\n"), ("insert: Task", "insert: Job")):
        before = nodes(tree, kept)
        tree = edited(tree, tree.text.replace(old, new, 1))
        [entity] = lower_entities(tree)
        assert len(nodes(tree, kept) - before) == 1
        assert said(entity) == said(lower_entities(parse(tree.text))[0])


def edited(tree: SyntaxTree, text: str) -> SyntaxTree:
    found = parse_edit(tree, text)
    assert found is not None
    return found


def nodes(tree: SyntaxTree, kept: list[EntityItem]) -> set[int]:
    """What was worked out of sections, by identity; it is kept alive, so that no identity is given twice."""
    [entity] = lower_entities(tree)
    kept.append(entity)
    return {id(item.node) for item in (*entity.fields, *entity.actions)}
