"""A document that nothing needs any more is gone at once.

The garbage collector does not look at large trees (``specql_lsp/syntax/parsing/gc_pause.py``): whatever is in a cycle
with one would stay for the rest of the session, 11 MB with each edit of a registry of 3,000 entities.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from specql_lsp.features.completion import complete
from specql_lsp.features.diagnostics import found_in
from specql_lsp.features.hover import hover
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.benchmarks.data import SMALL, long_entity, registry, registry_yaml

REGISTRY = registry_yaml(registry(SMALL))
ENTITY = long_entity(600)
TEXTS = {
    "a registry": REGISTRY,
    "a broken registry": REGISTRY.replace("    subdomains:\n", "    subdomains\n", 1),
    "an entity": ENTITY,
    "a broken entity": ENTITY.replace("  name_7: text!\n", "  name_7\n"),
    "an entity with anchors": ENTITY.replace("  name_7: text!\n", "  name_7: &a text!\n  other_7: *a\n"),
    "an entity in flow style": "entity: A\nfields: {a: text, b: {type: text, nullable: true}, c: ref(A)}\n",
    "several documents": "entity: A\nfields:\n  a: text\n---\nentity: B\nfields:\n  b: ref(A)\n",
    "other YAML": "a:\n  - b: c\n",
}


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def used(document: Document, *, is_registry: bool) -> None:
    """Asks everything of a document that is kept with it."""
    analysis = Analysis(registry_document=document if is_registry else None)
    _ = (document.registry, document.summary, document.entity, document.is_specql)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert list(found_in(analysis, document)) is not None
    for offset in range(0, min(len(document.text), 2_000), 37):
        complete(analysis, document, offset, now)
        hover(analysis, document, offset, now)


@pytest.mark.parametrize("what", TEXTS)
def test_nothing_holds_a_document_that_is_not_needed(what: str) -> None:
    is_registry = "registry" in what
    document = Document("file:///w/a.yaml", TEXTS[what], version=1, is_registry=is_registry)
    used(document, is_registry=is_registry)
    gone = []
    for version in range(2, 4):
        gone.append(weakref.ref(document.tree))
        lines = document.lines.edited(len(document.text), len(document.text), "# a comment\n")
        document = document.edited(lines, version, is_registry=is_registry)
        used(document, is_registry=is_registry)
    assert [tree() for tree in gone] == [None, None]


@pytest.mark.parametrize("what", TEXTS)
def test_what_is_made_of_a_document_has_no_cycles(what: str) -> None:
    is_registry = "registry" in what
    document = Document("file:///w/a.yaml", TEXTS[what], version=1, is_registry=is_registry)
    used(document, is_registry=is_registry)
    gc.collect()
    document = Document("file:///w/a.yaml", TEXTS[what] + "# end\n", version=1, is_registry=is_registry)
    used(document, is_registry=is_registry)
    del document
    assert gc.collect() == 0
