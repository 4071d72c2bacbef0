"""The quality of completion as a number: deleted names of the corpus come back."""

from __future__ import annotations

import pytest

from tests.benchmarks.completion_quality import FIXTURES, KINDS, WAYS, Answer, measured, of, score


@pytest.fixture(scope="module")
def found() -> list[Answer]:
    return measured(FIXTURES)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_after_one_character_nine_of_ten_are_among_the_first_five(found: list[Answer], kind: str, way: str) -> None:
    answers = of(found, kind, way, 1)
    assert len(answers) > 10
    assert score(answers).in_first >= 0.9, [a.question.expected for a in answers if a.rank is None or a.rank > 5]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_after_one_character_the_mean_reciprocal_rank(found: list[Answer], kind: str, way: str) -> None:
    assert score(of(found, kind, way, 1)).mean_reciprocal_rank >= 0.75


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["key", "type", "reference"])
def test_without_a_character_three_of_five_are_among_the_first_five(found: list[Answer], kind: str, way: str) -> None:
    assert score(of(found, kind, way, 0)).in_first >= 0.6
