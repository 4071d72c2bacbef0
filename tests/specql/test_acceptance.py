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
"""The share of mutations of which we have to say what SpecQL does; what is listed in ``EXCEPTIONS`` is none of it."""
LISTED = 0.999
"""The same with them."""


class _Exception(NamedTuple):
    """Mutations that we judge otherwise than SpecQL, for a reason.

    Attributes:
        kind: what ``disagreement`` says.
        text: what is in the text, as a pattern.
        error: what SpecQL says, as a pattern.
        reason: why it is so.
    """

    kind: str
    text: str
    error: str
    reason: str


EXCEPTIONS = (
    _Exception("missed", r"\n[^\s#][^:\n]*[\"'\])}]", "", "tree-sitter refuses what goes on in column 0."),
    _Exception("missed", r"[\[{,] *\?[^\s]", "", "tree-sitter reads `[?a]` as a text, PyYAML as a key."),
    _Exception("missed", r"&[\w-]+:(?:\s|$)", "", "tree-sitter takes the colon of `&a: b` to be part of the anchor."),
    _Exception("missed", r"\*it", "", "An anchor with no value behind it has no node, and a value may be in itself."),
    _Exception("elsewhere", r"", r"^KeyError: '", "The same key is missing several times: SpecQL names none."),
    _Exception("elsewhere", r"", r"mapping values are not allowed", "Two lines without a colon: we show the first."),
    _Exception("elsewhere", r"\*it", r"got NoneType", "An anchor with no value behind it has no node."),
)


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
        reason = _reason(kind, error or "", text)
        if kind and not reason:
            wrong.append((kind, error, text))
        excepted[reason] += 1
    assert refused > MUTATIONS / 4
    assert accepted > MUTATIONS / 4
    explained = excepted.total() - excepted[""]
    assert explained + len(wrong) <= MUTATIONS * (1 - AGREED), (excepted, wrong[:5])
    assert len(wrong) <= MUTATIONS * (1 - LISTED), (Counter(kind for kind, _, _ in wrong), wrong[:5])


def _reason(kind: str, error: str, text: str) -> str:
    """Why a text is an exception; empty where it is none of those that are listed."""
    fitting = (
        each.reason
        for each in EXCEPTIONS
        if kind == each.kind and re.search(each.error, error) and re.search(each.text, text)
    )
    return next(fitting, "")
