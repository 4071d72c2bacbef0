"""Holds that a rename changes no meaning: what resolved before means the same after it.

Only what can change is looked at: the texts that have the new name already, and the file of the request. Where another
entity has the new name, every use of it in the index is resolved again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from specql_lsp.features.rename.model import ChangeGroup, FileEdits, RenamePlan, RenameRefused
from specql_lsp.features.rename.registered import renamed_in
from specql_lsp.index.summary import FileSummary
from specql_lsp.index.symbols import SymbolKind, entity_key
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, entity_identities, identities
from specql_lsp.semantics.resolve import resolve_use
from specql_lsp.syntax.editing.text_edit import offset_before
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of


def check_meanings(
    analysis: Analysis,
    document: Document,
    identity: Identity,
    plan: RenamePlan,
    check: Callable[[], object],
) -> None:
    """Refuses a rename after which a name would mean something else.

    Args:
        analysis: what is known before the rename, the document included.
        document: the file of the request.
        identity: what is renamed.
        plan: its edits.
        check: called for each file.

    Raises:
        RenameRefused: with the first name that would.
    """
    word = re.compile(rf"(?<!\w)(?:tb_)?(?P<name>{re.escape(plan.new)})(?!\w)", re.IGNORECASE)
    changed = [each for each in plan.files if each.group is not ChangeGroup.REGISTRY]
    # What defines it is looked up by its new name, wherever the rename began.
    own = {document.uri, identity.uri}
    looked_at = [each for each in changed if each.document.uri in own or word.search(each.document.text)]
    after = {each.document.uri: _edited(each) for each in looked_at}
    index = analysis.index.put_all(dict(_summaries(analysis, identity, plan, changed, after)))
    registry = replace(analysis.registry, snapshot=renamed_in(analysis.snapshot, plan.registry))
    then = replace(analysis, index=index, registry=registry)
    if identity.kind is SymbolKind.ENTITY and analysis.index.named(plan.new):
        _check_uses(analysis, then, identity, plan, check)
    for each in looked_at:
        check()
        _check_file(analysis, then, each, after[each.document.uri], word, plan)


def _edited(file: FileEdits) -> Document:
    """The document after the edits: what they leave as it is is not parsed again."""
    return file.document.edited(LineIndex(file.new_text), file.document.version, is_registry=False)


def _summaries(
    analysis: Analysis,
    identity: Identity,
    plan: RenamePlan,
    changed: list[FileEdits],
    after: Mapping[str, Document],
) -> Iterator[tuple[str, FileSummary | None]]:
    """What the index would have of the changed files; of an entity's users without reading them."""
    for each in changed:
        uri = each.document.uri
        known = analysis.index.get(uri)
        if uri in after:
            yield uri, after[uri].summary
        elif identity.kind is SymbolKind.ENTITY and known is not None:
            yield uri, _renamed(known, identity, plan, each)


def _renamed(summary: FileSummary, identity: Identity, plan: RenamePlan, file: FileEdits) -> FileSummary:
    lines = {file.document.lines.position(edit.span.start) for edit in file.edits}
    new, uri = plan.new.lower(), summary.uri
    uses = tuple(
        use._replace(name=new) if use.symbol is SymbolKind.ENTITY and use.spot.start in lines else use
        for use in summary.uses
    )
    entities = tuple(
        replace(facts, name=plan.new)
        if uri == identity.uri and (facts.name.lower(), facts.schema.lower()) == (identity.name, identity.owner)
        else facts
        for facts in summary.entities
    )
    return replace(summary, uses=uses, entities=entities)


def _check_file(
    analysis: Analysis, then: Analysis, file: FileEdits, after: Document, word: re.Pattern[str], plan: RenamePlan
) -> None:
    """Compares what each place that has the new name after the rename means with what was meant there before."""
    before = file.document
    for match in word.finditer(after.text):
        at = match.start("name")
        was_at = offset_before(at, file.edits)
        symbol, was = classify(after, at), classify(before, was_at)
        if was is None or not was.span.contains(was_at):
            continue
        meant = identities(analysis, before, was)
        if not meant:
            continue
        means = identities(then, after, symbol) if symbol is not None else frozenset()
        if {each.kind for each in means} != {each.kind for each in meant} or len(means) != len(meant):
            raise _refused(before, was_at, plan)
        is_renamed = any(edit.span.start <= was_at <= edit.span.end for edit in file.edits)
        same = means == meant if was.kind is SymbolKind.ENTITY else _names(means) == _names(meant)
        if not is_renamed and not same:
            raise _refused(before, was_at, plan)


def _names(found: frozenset[Identity]) -> set[str]:
    return {each.name.lower() for each in found}


def _refused(document: Document, offset: int, plan: RenamePlan) -> RenameRefused:
    line = document.lines.line_of(offset) + 1
    return RenameRefused(
        f"{plan.new!r} would mean something else in line {line} of {name_of(document.uri)}: choose another name."
    )


def _check_uses(
    analysis: Analysis, then: Analysis, identity: Identity, plan: RenamePlan, check: Callable[[], object]
) -> None:
    """Resolves every use of the new name: those that had it, and those that are renamed."""
    renamed = Identity(SymbolKind.ENTITY, plan.new.lower(), identity.owner, identity.uri)
    for uri in then.index.users(entity_key(plan.new)):
        check()
        old, new = analysis.index.get(uri), then.index.get(uri)
        if old is None or new is None or len(old.uses) != len(new.uses):
            continue
        for was, use in zip(old.uses, new.uses, strict=True):
            if use.symbol is not SymbolKind.ENTITY or use.name != plan.new.lower():
                continue
            meant = entity_identities(resolve_use(analysis, old, was))
            expected = frozenset(renamed if each == identity else each for each in meant)
            if meant and entity_identities(resolve_use(then, new, use)) != expected:
                line = use.spot.line + 1
                raise RenameRefused(
                    f"There is another {plan.new}, so that line {line} of {name_of(uri)} would mean another entity "
                    "than now: choose another name."
                )
