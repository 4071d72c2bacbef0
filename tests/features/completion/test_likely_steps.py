"""The kinds of steps are offered in the order in which they are likely, by the steps before and the action's name."""

from __future__ import annotations

import pytest

from specql_lsp.features.completion import complete
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import NOW, as_shown
from tests.features.support import analysis

_V, _I, _U, _D, _N = "validate", "insert", "update", "delete", "notify"
REAL = (
    ("create_contact", (_V, _I)),
    ("update_contact", (_U,)),
    ("create_product", (_V, _V, _V, _I)),
    ("update_product", (_U,)),
    ("adjust_inventory", (_U,)),
    ("create_tenant", (_V, _V, _I)),
    ("create_comment", (_V, _V, _V, _I)),
    ("approve_comment", (_V, _U)),
    ("reject_comment", (_D,)),
    ("add_contact", (_I,)),
    ("qualify_lead", (_V, _U)),
    ("archive_project", (_U,)),
    ("create", (_V, _V, _V, _I)),
    ("send", (_V, _V, _U, _N)),
    ("mark_paid", (_V, _U)),
    ("mark_overdue", (_V, _V, _U, _N)),
)
"""Names and kinds of steps of actions in SpecQL's public examples, by which the order was not chosen."""
_STEPS = {_V: "{0} = 'a'", _I: "Item", _U: "Item SET name = 'a'", _D: "Item", _N: 'owner(email, "x")'}


def offered(text: str) -> list[str]:
    """The labels at the ``$0`` of a text, as a client orders them."""
    offset = text.index("$0")
    document = Document("file:///w/entities/crm/item.yaml", text.replace("$0", ""))
    items = complete(analysis(), document, offset, NOW).items
    return [item.label.partition(":")[0] for item in as_shown(document, offset, items)]


def _rank(action: str, before: tuple[str, ...], kind: str, typed: str, dash: str = "      - ") -> int:
    steps = "".join(f"{dash}{each}: {_STEPS[each].format('name')}\n" for each in before)
    actions = f"actions:\n  - name: {action}\n    steps:\n{steps}{dash}{typed}$0\n"
    return offered(f"entity: Item\nschema: crm\nfields:\n  name: text\n{actions}").index(kind) + 1


@pytest.mark.parametrize(("typed", "mean"), [(0, 0.65), (1, 0.9)])
def test_real_actions(typed: int, mean: float) -> None:
    ranks = [_rank(action, kinds[:at], kind, kind[:typed]) for action, kinds in REAL for at, kind in enumerate(kinds)]
    assert sum(rank <= 5 for rank in ranks) / len(ranks) >= 0.95, ranks
    assert sum(1 / rank for rank in ranks) / len(ranks) >= mean, ranks


@pytest.mark.parametrize(
    ("before", "typed", "first"),
    [
        ("- cursor_declare: c CURSOR FOR SELECT 1", "c", "cursor_open"),
        ("- cursor_open: c", "c", "cursor_fetch"),
        ("- cursor_fetch: c INTO r", "", "cursor_close"),
        ("- declare: {name: x, type: integer}", "", "assign"),
        ("- validate: name = 'a'\n        error: bad", "", "update"),
        ("- validate: name = 'a'\n        # why\n\n      - update: Item SET name = 'b'", "", "notify"),
        ("- if: name = 'a'\n        then:\n          - reject: bad", "", "update"),
    ],
)
def test_what_follows(before: str, typed: str, first: str) -> None:
    head = "entity: Item\nfields:\n  name: text\nactions:\n  - name: close\n    steps:\n"
    text = f"{head}      {before}\n      - {typed}$0\n"
    assert offered(text)[0] == first


def test_a_step_within_a_step_is_one_of_its_action() -> None:
    head = "entity: Item\nfields: {name: text}\nactions:\n- name: create\n  steps:\n  - if: name = 'a'\n    then:\n"
    assert offered(head + "    - validate: name = 'b'\n    - $0\n")[0] == "insert"


def test_the_other_branch_refuses() -> None:
    head = "entity: Item\nfields: {name: text}\nactions:\n- name: close\n  steps:\n  - if: name = 'a'\n"
    assert offered(head + "    then:\n    - $0\n")[:2] == ["validate", "update"]
    assert offered(head + "    then:\n    - update: Item SET name = 'b'\n    else:\n      - $0\n")[0] == "reject"


def test_a_view_is_refreshed_after_a_change_where_there_is_one() -> None:
    head = "entity: Item\nfields: {name: text}\n{}actions:\n- name: a\n  steps:\n  - update: Item SET name = 'a'\n"
    assert offered(head.replace("{}", "table_views: {mode: force}\n") + "  - $0\n")[0] == "refresh_table_view"
    assert offered(head.replace("{}", "") + "  - $0\n")[0] == "notify"


def test_in_flow_style_and_in_an_action_without_a_name() -> None:
    head = "entity: Item\nfields: {name: text}\nactions:\n"
    assert offered(head + "- steps: [{$0}]\n")[0] == "validate"
    assert offered(head + "- steps:\n  - $0\n")[0] == "validate"
    assert offered(head + "- steps:\n  - $0\n  name: create_item\n")[:2] == ["validate", "insert"]
    assert offered(head + "- {name: create_item, steps: [{$0}]}\n")[0] == "validate"


def test_kinds_that_specql_does_not_read_stay_last() -> None:
    kinds = offered("entity: Item\nactions:\n- name: get_item\n  steps:\n  - validate: a = 1\n  - $0\n")
    assert kinds.index("select") > kinds.index("cursor_close")
