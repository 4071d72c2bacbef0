"""Renames in the workspaces of ``workspace_snippets``: what is in the files after them, or why they are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest

from specql_lsp.features.rename.model import RenamePlan, RenameRefused
from specql_lsp.features.rename.plan import rename
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import FOLDER, Workspace, workspace

_REGISTRY = """
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    aliases: [customers]
    description: Customers
    subdomains:
      '03':
        name: customer
        description: Them
        next_entity_sequence: 3
        entities:
          Contact: {table_code: '012031', entity_code: CNT, assigned_at: '2025-01-01'}
"""


def crm_registry(*entities: str, domains: str = "", inference: str = "{}") -> str:
    """The registry YAML of a workspace snippet: domain 2 (crm) with subdomain 03, in which Contact is registered.

    Args:
        entities: the entries of others in that subdomain.
        domains: the entries of other domains.
        inference: the value of ``subdomain_inference``.
    """
    entries = "".join(f"          {entity}\n" for entity in entities)
    return f"{_REGISTRY}{entries}{domains}subdomain_inference: {inference}\n"


class Renamed(NamedTuple):
    """A workspace after a rename."""

    texts: dict[str, str]
    plan: RenamePlan
    groups: dict[str, str]
    """The label of the group of each file that changes."""


def reader(place: Workspace):  # type: ignore[no-untyped-def]
    """Reads the files of a workspace."""

    def read(uri: str) -> Document | None:
        return place.documents.get(uri.removeprefix(FOLDER))

    return read


def rename_in(place: Workspace, new: str, *, registry: bool = True) -> Renamed:
    """The workspace after the rename of the name at its cursor."""
    plan = rename(place.analysis(registry=registry), place.document(), place.offset, new, read=reader(place))
    texts = dict(place.texts)
    groups = {}
    for file in plan.files:
        path = file.document.uri.removeprefix(FOLDER)
        assert file.document.text == texts[path]
        texts[path] = file.new_text
        groups[path] = file.group.value
    if plan.move is not None:
        old, target = (uri.removeprefix(FOLDER) for uri in plan.move)
        texts = {target if path == old else path: text for path, text in texts.items()}
    return Renamed(texts, plan, groups)


def check_rename(before: str, new: str, after: str, *, back: bool = True) -> Renamed:
    """Renames the name at the cursor and compares all files; ``back``: and renames it back, byte for byte."""
    place = workspace(before)
    done = rename_in(place, new)
    expected = workspace(after)
    assert done.texts == expected.texts
    if back:
        assert rename_in(after_rename(place, done), done.plan.old).texts == place.texts
    return done


def after_rename(place: Workspace, done: Renamed) -> Workspace:
    """The workspace after a rename, with the cursor at the same occurrence."""
    assert place.cursor is not None
    path, offset = place.cursor
    edits = next((file.edits for file in done.plan.files if file.document is place.document()), ())
    shift = sum(len(edit.new_text) - (edit.span.end - edit.span.start) for edit in edits if edit.span.end < offset)
    start = next((edit.span.start for edit in edits if edit.span.contains(offset)), offset)
    moved = path
    if done.plan.move is not None and done.plan.move.old_uri == FOLDER + path:
        moved = done.plan.move.new_uri.removeprefix(FOLDER)
    documents = {
        each: Document(FOLDER + each, text, 2, is_registry=place.documents[each].is_registry)
        if each in place.documents
        else Document(FOLDER + each, text, 2)
        for each, text in done.texts.items()
    }
    return replace(place, texts=done.texts, cursor=(moved, start + shift), documents=documents)


def refusal(snippet: str, new: str = "Fresh", *, registry: bool = True) -> str:
    """Why the rename of the name at the cursor is refused."""
    with pytest.raises(RenameRefused) as caught:
        rename_in(workspace(snippet), new, registry=registry)
    message = caught.value.message
    assert message.endswith(".")
    return message
