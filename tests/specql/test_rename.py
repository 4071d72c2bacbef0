"""After a rename SpecQL reads what it read before: every file that changes, and the registry's YAML.

One thing it cannot: SpecQL 0.9.2 knows no parameters, and takes ``$email`` for the field ``email``. Where the two are
called alike, it refuses what is left of that name after the rename of one of them; ``specql-refuses`` says so.
"""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from specql_lsp.features.rename.model import RenamePlan, RenameRefused
from specql_lsp.features.rename.plan import rename
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.semantics.classify import classify
from tests.features.test_rename_any import NEW, any_place
from tests.specql.reference import Reference
from tests.support.effort import SEED, times

OF_BETA_LINE = {SymbolKind.SERVICE, SymbolKind.SERVICE_OPERATION}
"""SpecQL 0.9.2 refuses the step that names them."""


def is_of_a_parameter(error: str, kind: SymbolKind, plan: RenamePlan) -> bool:
    """Whether SpecQL stops at a parameter that is no longer called as a field is."""
    left = plan.old if kind is SymbolKind.FIELD else plan.new
    texts = [file.new_text for file in plan.files]
    is_left = any(re.search(rf"(?:\$|input\.){left}\b", text, re.IGNORECASE) for text in texts)
    is_told = f"Field '{left.lower()}' referenced in expression not found" in error
    return kind in {SymbolKind.FIELD, SymbolKind.PARAMETER} and is_told and is_left


@pytest.mark.parametrize("number", range(times(4)))
def test_what_specql_accepts_it_accepts_after(specql: Reference, number: int) -> None:
    chosen = random.Random(SEED + number)
    place = any_place(chosen)
    done: Counter[SymbolKind] = Counter()
    for uri, offset in place.names_of_every_kind(chosen, 1500):
        symbol = classify(place.documents[uri], offset)
        if symbol is None or symbol.kind not in NEW or done[symbol.kind] >= 8:
            continue
        try:
            plan = rename(place.analysis, place.documents[uri], offset, NEW[symbol.kind], read=place.documents.get)
        except RenameRefused:
            continue
        for file in plan.files:
            read = specql.registry if file.document.is_registry else specql.entity
            if read(file.document.text).error is None:
                done[symbol.kind] += 1
                told = f"{symbol.kind} {symbol.name!r} in {uri}: {file.document.uri}"
                error = read(file.new_text).error
                assert error is None or is_of_a_parameter(error, symbol.kind, plan), (told, error)
    assert set(done) == set(NEW) - OF_BETA_LINE, done
