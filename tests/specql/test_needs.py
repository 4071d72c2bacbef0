"""``specql_needs`` beside SpecQL: what we call unreadable stops it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from specql_lsp.language.table_code import short_code
from specql_lsp.registry.yaml_edits.required import required
from specql_lsp.syntax.editing.text_edit import apply
from tests.specql.reference import Reference
from tests.specql.texts import COMPLETE, FIXTURE, REAL, damaged, document, objections
from tests.support.corpus import name_of
from tests.support.effort import times
from tests.support.exports import LATER, NOW

DAMAGED = dict(damaged(COMPLETE))


def test_the_driver_hears_when_specql_stops(specql: Reference) -> None:
    assert specql.reads(COMPLETE) == {"Contact": ["012031", "CNT"], "Company": ["012032", "CMP"]}
    assert specql.registry(COMPLETE.replace("            entity_code: CNT\n", "")).error == "KeyError: 'entity_code'"
    assert specql.registry("a: [").error is not None
    entity = specql.entity("entity: Contact\nschema: crm\norganization:\n  table_code: '012031'\n")
    assert entity.value == {"name": "Contact", "schema": "crm", "tableCode": "012031", "fields": []}


@pytest.mark.parametrize("path", [*REAL, FIXTURE], ids=name_of)
def test_specql_reads_the_real_registries_and_we_do_not_object(specql: Reference, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    specql.reads(text)
    assert [message for message in objections(text) if "SpecQL" in message] == []
    assert required(document(text), NOW) == ()


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_what_we_object_to_is_what_stops_specql(specql: Reference, text: str) -> None:
    answer = specql.registry(text)
    found = objections(text)
    if answer.error is not None or answer.value["keysThatAreNoTexts"]:
        assert found, answer
    else:
        # What SpecQL puts up with can still be what we cannot understand; never a claim about SpecQL.
        assert [message for message in found if message.startswith("SpecQL 0.9.2")] == []


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_what_can_be_mended_is_read_by_specql(specql: Reference, text: str) -> None:
    it = document(text)
    after = apply(text, required(it, NOW))
    left = objections(after)
    assert required(document(after), LATER) == () or left
    if not left:
        answer = specql.registry(after)
        assert answer.error is None, after
        assert answer.value["keysThatAreNoTexts"] == []
    before, now = yaml.safe_load(text), yaml.safe_load(after)
    assert list(before) == list(now)


@settings(max_examples=times(400))
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_short_codes_are_specqls(specql: Reference, name: str) -> None:
    assert short_code(name) == specql.short_code(name)


@pytest.mark.parametrize("name", ["Contact", "Éclair", "A", "tax_rate", "Aya", "ß", "_x", "Yeti", "A1b2", ""])
def test_known_short_codes_are_specqls(specql: Reference, name: str) -> None:
    assert short_code(name) == specql.short_code(name)
