"""README's table of what works in which editor says what the tests in the real editors drive."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.docs.blocks import README
from tests.docs.editor_features import EDITORS, Feature, driven, features, readme

FEATURES = features()
DRIVEN = driven()


def test_the_table_is_up_to_date() -> None:
    assert README.read_text(encoding="utf-8") == readme(), "run: make features"


def test_every_test_names_features_that_are_rows() -> None:
    names = {feature.name for feature in FEATURES}
    assert [each for each in DRIVEN if each.feature not in names] == []
    assert [name for name, count in Counter(feature.name for feature in FEATURES).items() if count > 1] == []


def test_every_editor_has_tests_that_drive_it() -> None:
    assert {each.editor for each in DRIVEN} == set(EDITORS)


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.name for feature in FEATURES])
def test_what_is_said_of_an_editor_is_what_its_tests_say(feature: Feature) -> None:
    editors = {each.editor for each in DRIVEN if each.feature == feature.name}
    assert editors, "no test drives it"
    assert set(feature.how) <= editors, "what is added to a ✓ that is not there"
    assert not set(feature.without) & editors, "a test drives what an editor is said not to have"
    assert set(feature.how) | set(feature.without) <= set(EDITORS)
