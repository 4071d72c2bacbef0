"""A file without an error is one that SpecQL takes; what it refuses has a finding at its cause: all rules together."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import NamedTuple

import pytest

from tests.specql.acceptance import disagreement
from tests.specql.file_mutations import mutated_file
from tests.specql.reference import Reference
from tests.specql.sources import answered_texts, corpus_files, mutated_sources
from tests.support.effort import SEED, times

MUTATIONS = times(5000)
AGREED = 0.995
"""The share of mutations of which we have to say what SpecQL does, those of ``EXCEPTIONS`` included."""


class _Exception(NamedTuple):
    """Mutations that we judge otherwise than SpecQL, for a reason.

    Attributes:
        kind: what ``disagreement`` says.
        error: what SpecQL says, as a pattern; empty where it takes the file.
        reason: why it is so.
    """

    kind: str
    error: str
    reason: str


EXCEPTIONS: tuple[_Exception, ...] = ()


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in corpus_files().items()])
def test_corpus(specql: Reference, text: str) -> None:
    assert disagreement(specql, text, specql.entity(text).error) == ""


def test_texts_with_answers(specql: Reference) -> None:
    texts = answered_texts()
    if not texts:
        pytest.skip("The texts with SpecQL's answers are not here.")
    found = {name: disagreement(specql, text, specql.entity(text).error) for name, text in texts.items()}
    assert {name: kind for name, kind in found.items() if kind} == {}


def test_mutations(specql: Reference) -> None:
    chosen = random.Random(SEED)
    sources = list(mutated_sources().values())
    refused = accepted = 0
    wrong: list[tuple[str, str | None, str]] = []
    excepted: Counter[str] = Counter()
    for _ in range(MUTATIONS):
        text = mutated_file(chosen.choice(sources), chosen).text
        error = specql.entity(text).error
        refused, accepted = refused + (error is not None), accepted + (error is None)
        kind = disagreement(specql, text, error)
        reasons = (each.reason for each in EXCEPTIONS if kind == each.kind and re.search(each.error, error or ""))
        reason = next(reasons, "")
        if kind and not reason:
            wrong.append((kind, error, text))
        excepted[reason] += 1
    assert refused > MUTATIONS / 4
    assert accepted > MUTATIONS / 4
    assert len(wrong) <= MUTATIONS * (1 - AGREED), (Counter(kind for kind, _, _ in wrong), excepted, wrong[:5])
