"""Definition, references and document symbols as an editor asks for them: one test a method, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import attrs
import pytest
import pytest_asyncio
from lsprotocol import types

from tests.e2e.conftest import copy_workspace
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities

pytestmark = pytest.mark.asyncio(loop_scope="module")

TICKET = """\
entity: Ticket
schema: crm
fields:
  reporter: ref(Con$0tact)
"""


@dataclass(frozen=True)
class Found:
    """A place in a file of the workspace, with its text."""

    path: str
    text: str


def found(editor: Editor, uri: str, range_: types.Range) -> Found:
    path = uri.removeprefix(editor.folders[0].as_uri() + "/")
    lines = editor.text(path).split("\n")
    assert range_.start.line == range_.end.line
    return Found(path, lines[range_.start.line][range_.start.character : range_.end.character])


def trees() -> types.ClientCapabilities:
    """An editor that shows links and trees."""
    able = capabilities()
    assert able.text_document is not None
    return attrs.evolve(
        able,
        text_document=attrs.evolve(
            able.text_document,
            definition=types.DefinitionClientCapabilities(link_support=True),
            document_symbol=types.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
        ),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def with_trees(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    folder = copy_workspace(tmp_path_factory.mktemp("trees") / "workspace")
    async with Editor(folder, client_capabilities=trees()) as editor:
        await editor.source("yaml")
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")
        yield editor


async def test_the_server_offers_them(shared_yaml: Editor) -> None:
    offered = shared_yaml.initialized.capabilities
    assert offered.definition_provider
    assert offered.references_provider
    assert offered.document_symbol_provider


async def test_definition(shared: Editor) -> None:
    path = "entities/crm/ticket.yaml"
    position = shared.open(path, TICKET)
    assert position is not None
    try:
        answer = await shared.client.text_document_definition_async(
            types.DefinitionParams(types.TextDocumentIdentifier(shared.uri(path)), position)
        )
    finally:
        shared.close(path)
    assert isinstance(answer, list)
    [location] = answer
    assert isinstance(location, types.Location)
    assert found(shared, location.uri, location.range) == Found("entities/crm/contact.yaml", "Contact")


async def test_definition_as_links(with_trees: Editor) -> None:
    editor, path = with_trees, "entities/crm/ticket.yaml"
    position = editor.open(
        path, "entity: 'Ticket'\nschema: '😀'\norganization: {domain: '😀', table_code: '01$02031'}\n"
    )
    assert position is not None
    answer = await editor.client.text_document_definition_async(
        types.DefinitionParams(types.TextDocumentIdentifier(editor.uri(path)), position)
    )
    assert isinstance(answer, list)
    [link] = answer
    assert isinstance(link, types.LocationLink)
    assert link.origin_selection_range is not None
    start, end = link.origin_selection_range.start, link.origin_selection_range.end
    assert (start.character, end.character) == (42, 48)  # in UTF-16, in which the emoji is two
    editor.close(path)
    target = found(editor, link.target_uri, link.target_selection_range)
    assert target == Found("registry/domain_registry.yaml", "012031")


async def test_nothing_is_found(shared: Editor) -> None:
    path = "entities/crm/ticket.yaml"
    position = shared.open(path, "entity: Ticket\nfields: {a: te$0xt}\n")
    assert position is not None
    document = types.TextDocumentIdentifier(shared.uri(path))
    try:
        client = shared.client
        assert await client.text_document_definition_async(types.DefinitionParams(document, position)) is None
        context = types.ReferenceContext(include_declaration=True)
        parameters = types.ReferenceParams(context, document, position)
        assert await client.text_document_references_async(parameters) is None
    finally:
        shared.close(path)


async def test_references_in_files_that_are_not_open(shared: Editor) -> None:
    path = "entities/crm/contact.yaml"
    position = shared.open(path, shared.text(path).replace("Contact", "Con$0tact", 1))
    assert position is not None
    document = types.TextDocumentIdentifier(shared.uri(path))
    try:
        answer = await shared.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(include_declaration=True), document, position)
        )
    finally:
        shared.close(path)
    assert answer is not None
    assert [found(shared, location.uri, location.range) for location in answer] == [
        Found("entities/crm/contact.yaml", "Contact"),
        Found("entities/crm/contact.yaml", "Contact"),
        Found("entities/crm/ticket.yaml", "Contact"),
        Found("entities/projects/task.yaml", "Contact"),
        Found("registry/domain_registry.yaml", "Contact"),
    ]


async def test_document_symbols(with_trees: Editor) -> None:
    editor, path = with_trees, "entities/crm/contact.yaml"
    editor.open(path)
    parameters = types.DocumentSymbolParams(types.TextDocumentIdentifier(editor.uri(path)))
    answer = await editor.client.text_document_document_symbol_async(parameters)
    assert answer is not None
    [contact] = answer
    assert isinstance(contact, types.DocumentSymbol)
    assert (contact.name, contact.kind, contact.detail) == ("Contact", types.SymbolKind.Class, "crm · 012031")
    assert [(child.name, child.kind, child.detail) for child in contact.children or ()][3:] == [
        ("company", types.SymbolKind.Field, "ref(Company)"),
        ("status", types.SymbolKind.Field, "enum(lead, customer, former) = lead"),
        ("make_customer", types.SymbolKind.Method, None),
    ]
    editor.close(path)


async def test_document_symbols_of_a_registry_that_is_not_open_for_a_client_without_trees(shared: Editor) -> None:
    uri = shared.uri("registry/domain_registry.yaml")
    parameters = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
    answer = await shared.client.text_document_document_symbol_async(parameters)
    assert answer is not None
    named = {(symbol.name, symbol.container_name) for symbol in answer if isinstance(symbol, types.SymbolInformation)}
    assert {("crm", None), ("customer", "crm"), ("Contact", "customer")} <= named
    assert all(Path(symbol.location.uri).name == "domain_registry.yaml" for symbol in answer)  # type: ignore[union-attr]
