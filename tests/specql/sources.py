"""Entity files that the tests here begin with: the corpus, texts with SpecQL's answers, files with every key."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.language.whole_files import ENTITY, ENTITY_IN_A_MAPPING
from tests.specql.step_mutations import BLOCK_STYLE, OTHER_STYLES
from tests.support.corpus import ENTITIES, KINDS, ODD, REAL, name_of

TEXTS = REAL.parent / "specql"
"""Texts with what SpecQL answers to them, beside the real corpus; no part of the project."""


def corpus_files() -> dict[str, str]:
    """The entity files of the corpus by name; odd ones, too."""
    return {name_of(path): _read(path) for path in (*ENTITIES, *KINDS, *ODD) if "registry" not in path.stem}


def answered_texts() -> dict[str, str]:
    """The texts of ``refusals.json`` and ``cases.yaml``; none where these are missing."""
    found: dict[str, str] = {}
    refusals, cases = TEXTS / "refusals.json", TEXTS / "cases.yaml"
    if refusals.is_file():
        texts = json.loads(refusals.read_text(encoding="utf-8"))["cases"]
        found |= {name: each["yaml"] for name, each in texts.items()}
    if cases.is_file():
        listed = yaml.safe_load(cases.read_text(encoding="utf-8"))["cases"]
        found |= {each["id"]: each["text"] for each in listed}
    return found


def mutated_sources() -> dict[str, str]:
    """What mutations begin with: everything above, and files with every key and every kind of step."""
    whole = {
        "every key": yaml.safe_dump(ENTITY, sort_keys=False),
        "every key in a mapping": yaml.safe_dump(ENTITY_IN_A_MAPPING, sort_keys=False),
        "steps": BLOCK_STYLE,
        "steps in other styles": OTHER_STYLES,
    }
    return {**corpus_files(), **answered_texts(), **whole}


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()
