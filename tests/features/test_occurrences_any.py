"""In any workspace, files broken as people slip included: the places that name a thing all lead back to each other."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from specql_lsp.features.call_hierarchy import incoming_calls, outgoing_calls, prepare_calls
from specql_lsp.features.definition import definition
from specql_lsp.features.document_highlight import document_highlight
from specql_lsp.features.document_links import document_links
from specql_lsp.features.model import OutlineKind
from specql_lsp.features.occurrences import Access, Occurrence, occurrences
from specql_lsp.features.references import references
from specql_lsp.features.type_definition import type_definition
from specql_lsp.features.type_hierarchy import prepare_types, subtypes, supertypes
from specql_lsp.index.symbols import Place, SymbolKind
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.semantics.classify import Symbol, classify
from specql_lsp.semantics.identity import identities
from specql_lsp.syntax.duplicate_keys import repeated_keys
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.specql.file_mutations import mutated_file
from tests.support.corpus import ENTITIES, KINDS
from tests.support.effort import SEED, times
from tests.support.workspaces import FIXTURE, REGISTRY

FOLDER = "file:///workspace/"
WORD = re.compile(r"[^\W\d]\w*|(?<=')\w+|(?<=[&*])\w+|'[0-9A-F]{6}'")
BY_OTHER_NAMES = {SymbolKind.SCHEMA, SymbolKind.SUBDOMAIN}
"""In the registry YAML a number or an alias leads to the name, which alone is among the places."""


def any_workspace(chosen: random.Random) -> tuple[Analysis, dict[str, Document]]:
    texts: dict[str, str] = {}
    for path in sorted(FIXTURE.rglob("*.yaml")):
        texts[path.relative_to(FIXTURE).as_posix()] = path.read_text(encoding="utf-8")
    others: list[Path] = chosen.sample([*ENTITIES, *KINDS], 30)
    for path in others:
        texts[f"entities/{path.name.replace('-', '/')}"] = path.read_text(encoding="utf-8")
    for path_ in chosen.sample(sorted(set(texts) - {REGISTRY}), 12):
        texts[path_] = mutated_file(texts[path_], chosen).text
    for path_ in chosen.sample(sorted(set(texts) - {REGISTRY}), 6):
        texts[path_] = chosen.choice(["# ä😀\n" + texts[path_], texts[path_].replace("\n", "\r\n")])
    for path_ in chosen.sample(sorted(set(texts) - {REGISTRY}), 4):
        texts[path_] = f"{texts[path_]}\n---\n{texts[chosen.choice(sorted(set(texts) - {REGISTRY}))]}"
    documents = {
        FOLDER + path: Document(FOLDER + path, text, 1, is_registry=path == REGISTRY) for path, text in texts.items()
    }
    registry = documents[FOLDER + REGISTRY]
    assert registry.registry is not None
    state = RegistryState(Provenance(Source.YAML), snapshot_of(registry.registry, registry.tree))
    index = WorkspaceIndex(it.summary for it in documents.values() if not it.is_registry and it.summary is not None)
    return Analysis(registry=state, index=index, registry_document=registry), documents


def where(place: Place) -> tuple[str, int, int, int, int]:
    return (place.uri, *place.start, *place.end)


def symbols_of(document: Document, chosen: random.Random) -> dict[int, Symbol]:
    starts = [match.start() for match in WORD.finditer(document.text)]
    found = (classify(document, offset) for offset in chosen.sample(starts, min(25, len(starts))))
    # What an alias repeats may be two things: the one is the name's whose text begins there.
    again = (classify(document, symbol.span.start) for symbol in found if symbol is not None)
    return {symbol.span.start: symbol for symbol in again if symbol is not None}


@pytest.mark.parametrize("number", range(times(3)))
def test_the_places_of_a_name_all_lead_back_to_each_other(number: int) -> None:
    chosen = random.Random(SEED + number)
    analysis, documents = any_workspace(chosen)
    kinds: dict[SymbolKind, int] = {}
    for document in documents.values():
        for symbol in symbols_of(document, chosen).values():
            meant = identities(analysis, document, symbol)
            found = list(occurrences(analysis, document, symbol, read=documents.get, whole=True))
            if not meant:
                assert found == []
                continue
            kinds[symbol.kind] = kinds.get(symbol.kind, 0) + 1
            told = f"{symbol.kind} {symbol.name!r} at {document.uri} {document.lines.position(symbol.span.start)}"
            check_found(analysis, documents, meant, found, told)
            check_own(analysis, document, symbol, found, told)
            check_definition(analysis, documents, document, symbol, found, told)
    assert min(kinds[kind] for kind in (SymbolKind.ENTITY, SymbolKind.FIELD, SymbolKind.ENUM_VALUE)) >= 3
    assert {SymbolKind.ACTION, SymbolKind.SCHEMA, SymbolKind.CODE} <= set(kinds)


def check_found(
    analysis: Analysis, documents: dict[str, Document], meant: frozenset[object], found: list[Occurrence], told: str
) -> None:
    assert len({where(each.place) for each in found}) == len(found), told
    for each in found:
        assert each.document is documents[each.place.uri], told
        assert each.symbol is not None
        assert each.place.span == each.symbol.span
        again = classify(each.document, each.place.span.start)
        assert again is not None
        assert not identities(analysis, each.document, again).isdisjoint(meant), (told, each)


def check_own(analysis: Analysis, document: Document, symbol: Symbol, found: list[Occurrence], told: str) -> None:
    """The name itself is among the places, and the highlights are those in its file."""
    spans = {each.place.span for each in found if each.place.uri == document.uri}
    if not (document.is_registry and symbol.kind in BY_OTHER_NAMES):
        assert symbol.span in spans, told
    highlights = [each.span for each in document_highlight(analysis, document, symbol.span.start)]
    assert highlights == sorted({*spans, symbol.span}), told


def check_definition(
    analysis: Analysis,
    documents: dict[str, Document],
    document: Document,
    symbol: Symbol,
    found: list[Occurrence],
    told: str,
) -> None:
    """Definitions are among the references with declaration, and no others are missing when files are not read."""
    offset = symbol.span.start
    targets = {where(link.target) for link in definition(analysis, document, offset, read=documents.get)}
    every = {where(place) for place in references(analysis, document, offset, with_definition=True, read=documents.get)}
    uses = {where(place) for place in references(analysis, document, offset, with_definition=False, read=documents.get)}
    # PyYAML drops all but the last of duplicate keys, and so does the index; who reads the file sees each. Of a file of
    # several documents, which SpecQL refuses, the index has the schema of the first.
    trees = {uri: document.tree for uri, document in documents.items()}
    plain = {uri for uri, tree in trees.items() if not tree.further_roots and not list(repeated_keys(tree))}
    missing = {where(each.place) for each in found if each.place.uri in plain} - every
    assert every <= {where(each.place) for each in found}, told
    assert not missing, told
    assert targets <= every, told
    if symbol.kind is not SymbolKind.CODE:  # from the registry YAML the definitions are the uses
        assert {where(each.place) for each in found if each.access is Access.DEFINITION} >= every - uses, told
        assert targets.isdisjoint(uses), told


@pytest.mark.parametrize("number", range(times(2)))
def test_no_text_is_too_odd(number: int) -> None:
    """Every answer about a name comes, whatever the text, and its places are in the texts."""
    chosen = random.Random(SEED + number)
    analysis, documents = any_workspace(chosen)
    for document in documents.values():
        for link in document_links(analysis, document):
            assert 0 <= link.span.start < link.span.end <= len(document.text)
        for offset in chosen.sample(range(len(document.text) + 1), min(40, len(document.text))):
            places = [link.target for link in type_definition(analysis, document, offset, read=documents.get)]
            places += [link.target for link in definition(analysis, document, offset, read=documents.get)]
            for item in (
                *prepare_calls(analysis, document, offset, read=documents.get),
                *prepare_types(analysis, document, offset, read=documents.get),
            ):
                places += [item.whole, item.name_place]
                home = documents[item.name_place.uri]
                if item.kind is OutlineKind.ENTITY:
                    found = supertypes(analysis, home, item.identity, read=documents.get)
                    found += subtypes(analysis, home, item.identity, read=documents.get, check=lambda: None)
                    places += [each.name_place for each in found]
                else:
                    calls = incoming_calls(analysis, home, item.identity, read=documents.get, check=lambda: None)
                    calls += outgoing_calls(analysis, home, item.identity, read=documents.get)
                    places += [place for call in calls for place in call.places]
            for place in places:
                lines = documents[place.uri].lines
                assert lines.position(lines.offset(place.start)) == place.start
                assert place.start <= place.end
