"""A document is as broken to us as it is to ``yaml.safe_load``, which SpecQL reads its files with."""

from __future__ import annotations

import yaml

from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.pyyaml.errors import review_syntax
from tests.support.effort import SEED, times
from tests.syntax.mutations import mutated, real_files

COUNT = times(600)
"""How many mutated texts are compared; of one seed, a larger number begins with the same ones."""


def refuses(text: str) -> str | None:
    """What PyYAML says; None where it reads the text."""
    try:
        yaml.safe_load(text)
    except Exception as error:  # whatever it is: some values end in a ValueError or a KeyError
        return f"{type(error).__name__}: {error}"
    return None


def difference(text: str) -> str | None:
    """How PyYAML and we differ about a text; None where both read it or both refuse it."""
    review = review_syntax(parse(text))
    ours = [message for _, message in review.errors] + (["several documents"] if review.second_document else [])
    theirs = refuses(text)
    if bool(ours) == bool(theirs):
        return None
    return f"we say {ours}, PyYAML says {theirs}, of {text!r}"


def test_mutated_real_files_are_as_broken_to_us_as_to_pyyaml() -> None:
    differences = [found for text in mutated(real_files(), COUNT, SEED) if (found := difference(text))]
    assert not differences, f"{len(differences)} of {COUNT}:\n" + "\n".join(differences[:10])
