"""What SpecQL generates of mutated files that it takes: columns as we work them out, SQL as ``invalid-sql`` says."""

from __future__ import annotations

import random

from tests.specql.acceptance import said_of
from tests.specql.file_mutations import mutated_file
from tests.specql.reference import Reference
from tests.specql.sources import mutated_sources
from tests.specql.test_columns import compare
from tests.support.effort import SEED, times

MUTATIONS = times(500)
STOPS = frozenset({"missing-entity", "invalid-structure"})
"""What says, as a warning, of a file that SpecQL reads that its generator stops at it, or takes None for a name."""
_OF_UNCHECKED_TEXT = "has no attribute 'replace'"
"""At a condition that is no text: the parser refuses it, but where an entity has no fields it does not look."""


def test_mutations(specql: Reference) -> None:
    chosen = random.Random(SEED)
    sources = list(mutated_sources().values())
    seen = {True: 0, False: 0}
    for _ in range(MUTATIONS):
        text = mutated_file(chosen.choice(sources), chosen).text
        if specql.entity(text).error is not None:
            continue
        generated = specql.refused_sql(text)
        said = said_of(text)
        stops = bool(STOPS & {finding.code for finding in said.findings})
        if generated.error is not None:
            assert stops or _OF_UNCHECKED_TEXT in generated.error, (generated.error, text)
            continue
        refused = bool(generated.value)
        seen[refused] += 1
        assert any(finding.code == "invalid-sql" for finding in said.findings) == refused, (generated.value, text)
        if not refused and not stops:
            compare(specql, text)
    assert min(seen.values()) > MUTATIONS / 20
