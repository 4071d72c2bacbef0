"""In any workspace of real files: a rename changes no meaning, and back again no byte."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.rename.model import RenamePlan, RenameRefused
from specql_lsp.features.rename.new_names import check_new_name
from specql_lsp.features.rename.plan import rename
from specql_lsp.features.rename.renamable import KINDS, found_at
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.semantics.classify import classify
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.test_occurrences_any import FOLDER, WORD
from tests.features.test_occurrences_any import any_workspace as any_broken_workspace
from tests.support.corpus import ENTITIES
from tests.support.corpus import KINDS as FILES_OF_KINDS
from tests.support.effort import SEED, times
from tests.support.workspaces import FIXTURE, REGISTRY

NEW = {
    SymbolKind.ENTITY: "FreshThing",
    SymbolKind.FIELD: "fresh_thing",
    SymbolKind.ACTION: "fresh_thing",
    SymbolKind.ENUM_VALUE: "fresh",
    SymbolKind.PARAMETER: "fresh_thing",
    SymbolKind.VARIABLE: "v_fresh",
    SymbolKind.ANCHOR: "fresh-thing",
    SymbolKind.SCHEMA: "fresh",
    SymbolKind.PATTERN: "fresh/thing",
    SymbolKind.PATTERN_PARAMETER: "fresh_thing",
    SymbolKind.SERVICE: "fresh",
    SymbolKind.SERVICE_OPERATION: "fresh",
}
EVERY_KIND = """\
entity: Voyage
schema: crm
description: A journey of a contact
fields:
  guest: ref(crm.Contact)
  stage: enum(asked, booked) = asked
  place: &place
    type: text
  goal: *place
actions:
  - name: book
    steps:
      - declare: v_days integer = 1
      - validate: stage = 'asked' AND goal IS NOT NULL AND goal = $goal
      - update: Voyage SET stage = 'booked' WHERE goal = input.goal
      - assign: v_days = v_days + 1
      - call: note()
  - name: note
    steps:
      - validate: guest IS NOT NULL
  - name: sail
    pattern: tides/rising
    config: {height: 3}
"""
"""A file with a name of every kind that SpecQL 0.9.2 reads; in the random files some kinds are rare."""
OF_SERVICES = """\
entity: Mooring
schema: crm
fields: {place: text}
actions:
  - name: berth
    steps:
      - call_service: {service: Harbour, operation: berth}
"""
"""The kinds that only the beta line reads."""
EVERY_KIND_PATHS = {"entities/crm/voyage.yaml": EVERY_KIND, "entities/crm/mooring.yaml": OF_SERVICES}
LIBRARY = {
    "stdlib/actions/tides/rising.yaml": (
        "pattern: tides/rising\nversion: 1.0\ndescription: Waits\nparameters: [{name: height, type: integer}]\n"
        "template: '{{ height }}'\n"
    ),
    "registry/service_registry.yaml": (
        "services:\n  - name: harbour\n    type: x\n    category: x\n    operations: [{name: berth}, {name: leave}]\n"
    ),
}
Texts = dict[str, str]
Where = tuple[str, int]


class Place:
    """A workspace: its texts, documents and what is known of them."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.documents = {
            FOLDER + path: Document(FOLDER + path, text, 1, is_registry=path == REGISTRY)
            for path, text in texts.items()
        }
        registry = self.documents[FOLDER + REGISTRY]
        assert registry.registry is not None
        snapshot = snapshot_of(registry.registry, registry.tree)
        state = RegistryState(Provenance(Source.POSTGRESQL, writable=True), snapshot)
        every = (it.summary for it in self.documents.values() if not it.is_registry)
        index = WorkspaceIndex(summary for summary in every if summary is not None)
        self.analysis = Analysis(registry=state, index=index, registry_document=registry)

    def leads_to(self, uri: str, offset: int) -> set[Where]:
        """The definitions of the name at an offset."""
        found = definition(self.analysis, self.documents[uri], offset, read=self.documents.get)
        return {(link.target.uri, self.documents[link.target.uri].lines.offset(link.target.start)) for link in found}

    def names(self, chosen: random.Random, count: int, uris: list[str]) -> list[Where]:
        """Some places of words."""
        every = self.words(uris)
        return chosen.sample(every, min(count, len(every)))

    def words(self, uris: list[str]) -> list[Where]:
        """The places of all words."""
        return [(uri, match.start()) for uri in uris for match in WORD.finditer(self.documents[uri].text)]

    def names_of_every_kind(self, chosen: random.Random, count: int) -> list[Where]:
        """Places of words: some of any file, then those of files that have every kind of name."""
        further = self.words([FOLDER + path for path in EVERY_KIND_PATHS])
        chosen.shuffle(further)
        return [*self.names(chosen, count, sorted(self.documents)), *further]


def any_place(chosen: random.Random) -> Place:
    texts: Texts = {}
    for path in sorted(FIXTURE.rglob("*.yaml")):
        texts[path.relative_to(FIXTURE).as_posix()] = path.read_text(encoding="utf-8")
    for path in chosen.sample([*ENTITIES, *FILES_OF_KINDS], 30):
        texts[f"entities/{path.name.replace('-', '/')}"] = path.read_bytes().decode("utf-8-sig")
    texts |= {**EVERY_KIND_PATHS, **LIBRARY}
    for path_ in chosen.sample(sorted(texts), 5):
        texts[path_] = texts[path_].replace("\r\n", "\n").replace("\n", "\r\n")
    return Place(texts)


def applied(place: Place, plan: RenamePlan) -> Place:
    texts = dict(place.texts)
    for file in plan.files:
        texts[file.document.uri.removeprefix(FOLDER)] = file.new_text
    if plan.move is not None:
        old, new = (uri.removeprefix(FOLDER) for uri in plan.move)
        texts = {new if path == old else path: text for path, text in texts.items()}
    return Place(texts)


def after(plan: RenamePlan, where: Where) -> Where:
    """Where a name is after a rename."""
    uri, offset = where
    shift = 0
    for file in plan.files:
        if file.document.uri == uri:
            for edit in file.edits:
                if edit.span.start <= offset < edit.span.end:
                    offset = edit.span.start
                elif edit.span.start < offset:
                    shift += len(edit.new_text) - (edit.span.end - edit.span.start)
    moved = plan.move.new_uri if plan.move is not None and plan.move.old_uri == uri else uri
    return moved, offset + shift


@pytest.mark.parametrize("number", range(times(4)))
def test_there_and_back(number: int) -> None:
    chosen = random.Random(SEED + number)
    place = any_place(chosen)
    done: Counter[SymbolKind] = Counter()
    reasons: Counter[str] = Counter()
    for uri, offset in place.names_of_every_kind(chosen, 400):
        document = place.documents[uri]
        symbol = classify(document, offset)
        if symbol is None or symbol.kind not in NEW or done[symbol.kind] >= 6:
            continue
        told = f"{symbol.kind} {symbol.name!r} in {uri} line {document.lines.line_of(offset) + 1}"
        try:
            found_at(place.analysis, document, offset)
            plan = rename(place.analysis, document, offset, NEW[symbol.kind], read=place.documents.get)
        except RenameRefused as refused:
            assert refused.message.endswith("."), told
            reasons[refused.message] += 1
            continue
        done[symbol.kind] += 1
        assert plan.files, told
        then = applied(place, plan)
        check_meanings(chosen, place, plan, then, told)
        if can_be_given(symbol.kind, plan.old):
            check_back(place, plan, then, (uri, symbol.span.start), told)
    assert set(done) == set(NEW) == set(KINDS), (done, reasons)


def check_meanings(chosen: random.Random, place: Place, plan: RenamePlan, then: Place, told: str) -> None:
    """What led to a definition leads to the same one; what is renamed, and other names in the same files."""
    uris = [file.document.uri for file in plan.files]
    renamed = [(file.document.uri, edit.span.start) for file in plan.files for edit in file.edits]
    for where in [*chosen.sample(renamed, min(20, len(renamed))), *place.names(chosen, 30, uris)]:
        before = {after(plan, each) for each in place.leads_to(*where)}
        if before:
            assert then.leads_to(*after(plan, where)) == before, (told, where)


def can_be_given(kind: SymbolKind, name: str) -> bool:
    """Whether a name that a file has can be given, too."""
    try:
        check_new_name(kind, name)
    except RenameRefused:
        return False
    return True


def check_back(place: Place, plan: RenamePlan, then: Place, where: Where, told: str) -> None:
    uri, offset = after(plan, where)
    try:
        back = rename(then.analysis, then.documents[uri], offset, plan.old, read=then.documents.get)
    except RenameRefused as refused:
        # Two files may define one entity: then the name of the one is taken by the other.
        assert len(place.analysis.index.named(plan.old)) > 1, (told, refused.message)
        return
    assert applied(then, back).texts == place.texts, told
    assert back.registry is None or plan.registry is not None


@pytest.mark.parametrize("number", range(times(3)))
def test_files_that_are_broken(number: int) -> None:
    """There is an answer or a reason; what is changed has the old name, or quotes around it."""
    chosen = random.Random(SEED + number)
    analysis, documents = any_broken_workspace(chosen)
    answered = 0
    every = [(uri, match.start()) for uri, document in documents.items() for match in WORD.finditer(document.text)]
    for uri, offset in chosen.sample(every, 400):
        symbol = classify(documents[uri], offset)
        new = chosen.choice([*NEW.values(), "Yes", "1st", "", "a b", "crm", "Contact", "null", "ä"])
        try:
            plan = rename(analysis, documents[uri], offset, new, read=documents.get)
        except RenameRefused as refused:
            assert refused.message.endswith("."), refused.message
            continue
        assert symbol is not None
        answered += 1
        for file in plan.files:
            assert file.document is documents[file.document.uri]
            spans = [edit.span for edit in file.edits]
            assert all(one.end <= other.start for one, other in pairwise(spans))
            assert plan.new in file.new_text or plan.new.lower() in file.new_text.lower()
    assert answered >= 10
