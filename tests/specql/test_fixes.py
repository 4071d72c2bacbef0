"""Every fix that is offered in mutated files, beside SpecQL: what it says is mended, and nothing else has changed."""

from __future__ import annotations

import random
from collections import Counter

from tests.specql.acceptance import said_of
from tests.specql.file_mutations import mutated_file
from tests.specql.fix_acceptance import fixes_of, objection
from tests.specql.reference import Reference
from tests.specql.sources import mutated_sources
from tests.support.effort import SEED, times

MUTATIONS = times(300)
SOUND = 0.99
"""The share of fixes to which nothing may be objected."""


def test_fixes_of_mutated_files(specql: Reference) -> None:
    chosen = random.Random(SEED)
    sources = list(mutated_sources().values())
    tried: Counter[str] = Counter()
    wrong: list[tuple[str, str, str]] = []
    for _ in range(MUTATIONS):
        said = said_of(mutated_file(chosen.choice(sources), chosen).text)
        for action in fixes_of(said):
            tried[action.fixes[0].code if action.fixes else ""] += 1
            found = objection(specql, said, action)
            if found:
                wrong.append((found, action.title, said.document.text))
    assert len(tried) > 8
    assert len(wrong) <= (1 - SOUND) * tried.total(), (Counter(kind for kind, _, _ in wrong), wrong[:5])
