"""Rename of patterns, their parameters, services and operations: in their files and in the entities that name them."""

from __future__ import annotations

import pytest

from specql_lsp.features.rename.model import FileMove, RenameRefused
from specql_lsp.features.rename.moved_files import expanded, following
from specql_lsp.features.rename.renamable import renamable
from tests.features.rename_support import check_rename, reader, refusal, rename_in
from tests.features.workspace_snippets import FOLDER, workspace

FILES = """
-- stdlib/actions/state_machine/transition.yaml --
pattern: state_machine/transition  # ours
version: 1.0
description: Moves on to_state
parameters:
  - name: to_state
    type: string
    required: true
  - {name: from_states, type: array<string>}
template: |
  steps:
    {% for each in from_states %}
    - validate: status = '{{ each }}'
    {% endfor %}
    - update: X SET status = '{{ to_state }}'
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: finance
    operations:
      - name: create_charge
        input_schema: {}
      - name: refund
  - {name: mailer, type: mail, category: x, operations: [{name: refund}]}
"""
ENTITIES = """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
patterns:
  - state_machine/transition
actions:
  - name: qualify
    description: state_machine/transition
    pattern: state_machine/transition
    config:
      to_state: customer
      from_states: [lead]
  - name: lose
    pattern: "actions/state_machine/transition"
    config: {to_state: lost}
  - name: pay
    steps:
      - call_service:
          service: stripe
          operation: refund
      - if: status = 'lead'
        then:
          - call_service: {service: Stripe, operation: create_charge}
      - call_service: {service: mailer, operation: refund}
-- entities/crm/order.yaml --
entity: Order
schema: crm
actions:
  - name: ship
    pattern: state_machine/transition
    config: {to_state: sent}
"""


def moved(text: str, name: str) -> str:
    """The files after the rename of the pattern."""
    for place in ("pattern: ", 'pattern: "actions/'):
        text = text.replace(f"{place}state_machine/transition", f"{place}{name}")
    return text.replace("-- stdlib/actions/state_machine/transition.yaml --", f"-- stdlib/actions/{name}.yaml --")


@pytest.mark.parametrize("name", ["state_machine/move", "crm/move-on", "move"])
@pytest.mark.parametrize(
    ("old", "cursor"),
    [
        ("pattern: state_machine/transition  # ours", "pattern: state_ma$0chine/transition  # ours"),
        (
            "description: state_machine/transition\n    pattern: s",
            "description: state_machine/transition\n    pattern: $0s",
        ),
        ('"actions/state_machine/transition"', '"actions/state_mach$0ine/transition"'),
    ],
)
def test_a_pattern_with_its_file_and_everything_that_names_it(name: str, old: str, cursor: str) -> None:
    text = FILES + ENTITIES
    assert text.count(old) == 1
    done = check_rename(text.replace(old, cursor), name, moved(text, name))
    old_uri = f"{FOLDER}stdlib/actions/state_machine/transition.yaml"
    assert done.plan.move == FileMove(old_uri, f"{FOLDER}stdlib/actions/{name}.yaml")
    assert done.plan.needs_move
    assert set(done.groups.values()) == {"This file", "Other files"}


def test_the_prefix_may_be_given_with_the_name() -> None:
    text = FILES + ENTITIES
    at = text.replace(
        "pattern: state_machine/transition\n    config: {to", "pattern: state$0_machine/transition\n    config: {to"
    )
    check_rename(at, "actions/state_machine/move", moved(text, "state_machine/move"), back=False)


def test_a_file_that_writes_its_own_part_of_the_name_alone() -> None:
    short = FILES.replace("pattern: state_machine/transition", "pattern: transition")
    expected = moved(short + ENTITIES, "state_machine/move").replace("pattern: transition", "pattern: move")
    check_rename(short.replace("pattern: tran", "pattern: tran$0") + ENTITIES, "move", expected, back=False)
    place = short + ENTITIES.replace(
        "pattern: state_machine/transition\n    config: {", "pattern: $0state_machine/transition\n    config: {"
    )
    check_rename(place, "state_machine/move", expected)


def test_a_file_that_is_found_by_what_it_says() -> None:
    """SpecQL looks for ``.yaml`` alone: of another file the name is what it says, and it stays where it is."""
    text = (FILES + ENTITIES).replace("transition.yaml", "any.yml")
    done = check_rename(
        text.replace("pattern: state_machine/transition  #", "pattern: $0state_machine/transition  #"),
        "state_machine/move",
        moved(text, "state_machine/move"),
    )
    assert done.plan.move is None and not done.plan.needs_move


def test_a_parameter_in_its_template_and_in_configs() -> None:
    text = FILES + ENTITIES
    expected = text.replace("to_state", "target").replace("Moves on target", "Moves on to_state")
    for old, cursor in (
        ("- name: to_state", "- name: $0to_state"),
        ("{{ to_state", "{{ to$0_state"),
        ("{to_state: l", "{to_st$0ate: l"),
    ):
        check_rename(text.replace(old, cursor), "target", expected)
    looped = text.replace("from_states", "states")
    check_rename(text.replace("each in from_states", "each in from$0_states"), "states", looped)


def test_a_service_in_every_step_that_calls_it() -> None:
    text = FILES + ENTITIES
    expected = text.replace("stripe", "adyen").replace("Stripe", "Adyen")
    for old, cursor in (
        ("name: stripe", "name: $0stripe"),
        ("service: stripe", "service: str$0ipe"),
        ("Stripe", "St$0ripe"),
    ):
        check_rename(text.replace(old, cursor), "adyen", expected)


def test_an_operation_of_one_service_alone() -> None:
    text = FILES + ENTITIES
    expected = text.replace("- name: refund", "- name: give_back").replace(
        "          operation: refund", "          operation: give_back"
    )
    check_rename(text.replace("- name: refund", "- name: re$0fund"), "give_back", expected)
    check_rename(text.replace("          operation: refund", "          operation: $0refund"), "give_back", expected)


def test_what_yaml_would_read_as_something_else() -> None:
    text = FILES.replace("name: stripe", "name: 'stripe'") + ENTITIES.replace("service: stripe", "service: $0stripe")
    done = rename_in(workspace(text), "12")
    assert "- name: '12'\n" in done.texts["registry/service_registry.yaml"]
    assert "service: '12'\n" in done.texts["entities/crm/contact.yaml"]


@pytest.mark.parametrize(
    ("old", "cursor", "new", "words"),
    [
        (
            "pattern: state_machine/transition\n    config: {",
            "pattern: cr$0ud/create\n    config: {",
            "x",
            "standard pattern",
        ),
        (
            "pattern: state_machine/transition\n    config: {",
            "pattern: ours/x$0y\n    config: {",
            "x",
            "No pattern file of the workspace defines 'ours/xy'",
        ),
        ("patterns:\n  - st", "patterns:\n  - $0st", "x", "No pattern file of the workspace defines"),
        ("patterns:\n  - state_machine/transition", "patterns:\n  - computed$0_column", "x", "standard pattern"),
        (
            "pattern: state_machine/transition  #",
            "pattern: $0state_machine/transition  #",
            "../up",
            "cannot name a pattern",
        ),
        (
            "pattern: state_machine/transition  #",
            "pattern: $0state_machine/transition  #",
            "a//b",
            "cannot name a pattern",
        ),
        (
            "pattern: state_machine/transition  #",
            "pattern: $0state_machine/transition  #",
            "a.yaml",
            "cannot name a pattern",
        ),
        ("pattern: state_machine/transition  #", "pattern: som$0ething/else  #", "x", "by the place of its file"),
        ("service: stripe", "service: un$0known", "x", "No service registry of the workspace has 'unknown'"),
        ("operation: create_charge", "operation: un$0known", "x", "has no operation 'unknown'"),
        ("name: stripe", "name: $0stripe", "Mailer", "There is a service mailer already"),
        ("name: stripe", "name: $0stripe", "a b", "cannot name a service"),
        ("name: create_charge", "name: $0create_charge", "Refund", "stripe has refund already"),
        ("- name: to_state", "- name: $0to_state", "from_states", "has a parameter from_states already"),
        ("- name: to_state", "- name: $0to_state", "each", "uses each for something else"),
        ("- name: to_state", "- name: $0to_state", "for", "a meaning of its own in templates"),
        ("{to_state: l", "{un$0known: l", "x", "has no parameter 'unknown'"),
    ],
)
def test_what_is_refused(old: str, cursor: str, new: str, words: str) -> None:
    text = FILES + ENTITIES
    assert text.count(old) == 1, text.count(old)
    assert words in refusal(text.replace(old, cursor), new)


def test_names_that_several_files_define_and_files_in_the_way() -> None:
    at = FILES.replace("pattern: state_machine/transition  #", "pattern: $0state_machine/transition  #") + ENTITIES
    other = "-- more/stdlib/actions/state_machine/transition.yaml --\npattern: x\n"
    assert "defined in several files" in refusal(at + other, "x")
    taken = "-- stdlib/actions/x/y.yaml --\nentity: Other\nschema: crm\n"
    assert "There is a file y.yaml" in refusal(at + taken, "x/y")
    twice = FILES.replace("name: mailer", "name: STRIPE").replace("name: stripe", "name: $0stripe")
    assert "defined 2 times" in refusal(twice + ENTITIES, "x")
    same = FILES.replace("- name: create_charge", "- name: Refund").replace("- name: refund", "- name: $0refund")
    assert "has Refund twice" in refusal(same + ENTITIES, "x")
    unresolved = ENTITIES.replace(
        "pattern: state_machine/transition\n    config: {", "pattern: crud/create\n    config: {"
    )
    only = at.partition("-- entities")[0] + unresolved
    assert refusal(only, "crud/create") == "Line 5 of order.yaml names crud/create already: choose another name."
    broken = ENTITIES.replace("entity: Order", "entity: [Order")
    assert "order.yaml is not valid YAML" in refusal(at + broken, "x")


def test_what_a_client_shows_before_it_asks_for_the_name() -> None:
    text = FILES + ENTITIES
    for old, cursor, span, name in (
        ('"actions/state_', '"actions/$0state_', "state_machine/transition", "state_machine/transition"),
        ("service: Stripe", "service: $0Stripe", "Stripe", "Stripe"),
        ("{{ to_state", "{{ $0to_state", "to_state", "to_state"),
    ):
        place = workspace(text.replace(old, cursor))
        found = renamable(place.analysis(), place.document(), place.offset)
        assert (place.document().text[slice(*found.span)], found.name) == (span, name)
    place = workspace("-- entities/a.yaml --\nentity: A\nactions:\n  - {name: b, pattern: cr$0ud/create}\n")
    with pytest.raises(RenameRefused, match="standard pattern"):
        renamable(place.analysis(), place.document(), place.offset)


def test_what_names_a_pattern_follows_its_file() -> None:
    place = workspace(FILES + ENTITIES)
    folder = f"{FOLDER}stdlib/actions/"
    moves = expanded(place.analysis(), [FileMove(f"{folder}state_machine", f"{folder}states")])
    assert moves == (FileMove(f"{folder}state_machine/transition.yaml", f"{folder}states/transition.yaml"),)
    found = following(place.analysis(), moves, read=reader(place))
    (plan,) = found.plans
    assert found.refused == () and plan.move == moves[0]
    texts = {each.document.uri.removeprefix(FOLDER): each.new_text for each in plan.files}
    assert texts["entities/crm/order.yaml"].count("pattern: states/transition") == 1
    assert texts["stdlib/actions/state_machine/transition.yaml"].startswith("pattern: states/transition  # ours\n")
    # Where the text is that of the new place already, the move is a part of what has been done.
    done = workspace(
        (FILES + ENTITIES).replace("pattern: state_machine/transition  #", "pattern: states/transition  #")
    )
    assert following(done.analysis(), moves, read=reader(done)).plans == ()
    away = following(place.analysis(), [FileMove(moves[0].old_uri, f"{FOLDER}elsewhere/x.yaml")], read=reader(place))
    assert (away.plans, away.refused) == ((), ())
