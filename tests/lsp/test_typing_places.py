"""What is withheld of findings while a document is being typed in: no clock, the caller says when it is quiet."""

from __future__ import annotations

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.lsp.typing_places import TypingPlaces
from tests.features.support import URI, analysis, document

CONTACT = "entity: Lead\nfields:\n  company: ref(Company)\n  owner: ref(Nobody)\n"


def published(places: TypingPlaces, text: str) -> list[tuple[str, int]]:
    """The codes and lines that are published now of a text."""
    it = document(text)
    shown = places.published_now(it, check(analysis(), it))
    return [(finding.code, it.lines.line_of(finding.span.start)) for finding in shown]


def typed(places: TypingPlaces, before: str, after: str) -> list[tuple[str, int]]:
    """What is published of a text right after an edit."""
    old, new = document(before), document(after)
    places.edited(old, new)
    shown = places.published_now(new, check(analysis(), new))
    return [(finding.code, new.lines.line_of(finding.span.start)) for finding in shown]


def test_a_name_waits_where_it_is_typed_and_nowhere_else() -> None:
    places = TypingPlaces()
    after = CONTACT.replace("ref(Company)", "ref(Compa)")
    assert typed(places, CONTACT, after) == [("unknown-entity", 3)]
    places.ended(URI)
    assert published(places, after) == [("unknown-entity", 2), ("unknown-entity", 3)]


def test_the_next_edit_lets_what_was_typed_before_be_published() -> None:
    places = TypingPlaces()
    first = CONTACT.replace("ref(Company)", "ref(Compa)")
    typed(places, CONTACT, first)
    second = first.replace("fields:", "description: x\nfields:")
    assert typed(places, first, second) == [("unknown-entity", 3), ("unknown-entity", 4)]


@pytest.mark.parametrize("line", ["desc", "description: 'a", "actions: [", "\t"])
def test_yaml_that_is_not_complete_yet_waits(line: str) -> None:
    places = TypingPlaces()
    before = "entity: Contact\n\nfields:\n  name: text\n"
    after = before.replace("\n\n", f"\n{line}\n")
    assert [code for code, _ in typed(places, before, after) if code == "yaml-syntax"] == []
    places.ended(URI)
    assert "yaml-syntax" in [code for code, _ in published(places, after)]


def test_a_broken_place_elsewhere_stays_red() -> None:
    places = TypingPlaces()
    before = "entity: Contact\nfields:\n  name: [text\n\n\n\ndescription: a\n"
    assert "yaml-syntax" in [code for code, _ in typed(places, before, before.replace(": a\n", ": ab\n"))]


def test_what_is_no_half_typed_word_never_waits() -> None:
    places = TypingPlaces()
    before = "entity: Lead\nfields:\n  name: text\n"
    after = f"{before}  name: text\n"
    assert typed(places, before, after) == [("duplicate-key", 3)]


def test_another_text_of_the_document_is_published_whole() -> None:
    places = TypingPlaces()
    after = CONTACT.replace("ref(Company)", "ref(Compa)")
    typed(places, CONTACT, after)
    assert ("unknown-entity", 2) in published(places, after + "# more\n")


@pytest.mark.parametrize(
    ("line", "more", "code"),
    [
        ("  phone:", " ", "unknown-type"),
        ("organization:", " ", "invalid-structure"),
        ("organization:", "\n  ", "invalid-structure"),
        ("actions:\n  - name: close\n    steps:\n      - validate:", " ", "invalid-step"),
        ("actions:\n  - name: close\n    steps:", "\n      - ", "invalid-step"),
    ],
)
def test_a_key_waits_for_the_value_that_is_typed_behind_it(line: str, more: str, code: str) -> None:
    places = TypingPlaces()
    before = f"entity: Contact\nfields:\n  name: text\n{line}\n"
    after = before.replace(line, line + more)
    assert code not in [found for found, _ in typed(places, before, after)]
    places.ended(URI)
    assert code in [found for found, _ in published(places, after)]


def test_the_name_of_the_entity_waits() -> None:
    places = TypingPlaces()
    before = "entity\nfields:\n  name: text\n"
    after = before.replace("entity", "entity:")
    assert typed(places, before, after) == []
    places.ended(URI)
    assert published(places, after) == [("missing-entity", 0)]


def test_what_is_complete_on_the_line_above_does_not_wait() -> None:
    places = TypingPlaces()
    before = "entity: Lead\nfields:\n  owner: ref(Nobody) # old\n"
    assert typed(places, before, before + "  ") == [("unknown-entity", 2)]
