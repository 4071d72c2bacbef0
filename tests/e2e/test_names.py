"""Names in files that are not open, as VS Code and Neovim ask for them: with links and ranges later, and without."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import copy_workspace
from tests.e2e.editor import Editor
from tests.e2e.test_navigation import Found, found

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "entities/crm/visit.yaml"
VISIT = """\
entity: Visit
schema: crm
fields:
  who: ref(Contact)
actions:
  - name: plan
    steps:
      - validate: who.em$0ail IS NOT NULL
      - update: Contact SET email = lower(email)
      - validate: who IS NOT NULL
"""
WHO = VISIT.replace("$0", "").replace("validate: who IS", "validate: wh$0o IS")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["vscode", "neovim"])
async def editor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    folder = copy_workspace(tmp_path_factory.mktemp("names") / "workspace")
    async with Editor(folder, client_capabilities=capabilities_of(request.param)) as editor:
        await editor.source("yaml")
        while not await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("task")):
            pass  # the files are being read
        yield editor


def where(editor: Editor, answer: object) -> list[Found]:
    assert isinstance(answer, list | tuple)
    return [
        found(editor, each.uri, each.range)
        if isinstance(each, types.Location)
        else found(editor, each.target_uri, each.target_selection_range)
        for each in answer
    ]


async def test_a_field_of_another_file(editor: Editor) -> None:
    position = editor.open(PATH, VISIT)
    assert position is not None
    document, client = types.TextDocumentIdentifier(editor.uri(PATH)), editor.client
    email = Found("entities/crm/contact.yaml", "email")
    answer = await client.text_document_definition_async(types.DefinitionParams(document, position))
    assert where(editor, answer) == [email]
    context = types.ReferenceContext(include_declaration=True)
    references = await client.text_document_references_async(types.ReferenceParams(context, document, position))
    assert email in [each for each in where(editor, references) if each.path != PATH]
    highlights = await client.text_document_document_highlight_async(types.DocumentHighlightParams(document, position))
    kind = types.DocumentHighlightKind
    assert highlights is not None
    assert [each.kind for each in highlights] == [kind.Read, kind.Write, kind.Read]
    editor.close(PATH)


async def test_the_type_of_a_field(editor: Editor) -> None:
    position = editor.open(PATH, WHO)
    assert position is not None
    document = types.TextDocumentIdentifier(editor.uri(PATH))
    answer = await editor.client.text_document_type_definition_async(types.TypeDefinitionParams(document, position))
    assert where(editor, answer) == [Found("entities/crm/contact.yaml", "Contact")]
    editor.close(PATH)


async def test_symbols_of_the_workspace(editor: Editor) -> None:
    client = editor.client
    answer = await client.workspace_symbol_async(types.WorkspaceSymbolParams("contact.email"))
    assert answer is not None
    [symbol] = answer
    assert (symbol.name, symbol.kind, symbol.container_name) == ("email", types.SymbolKind.Field, "crm.Contact")
    if not isinstance(symbol.location, types.Location):
        assert isinstance(symbol, types.WorkspaceSymbol)
        symbol = await client.workspace_symbol_resolve_async(symbol)
    assert isinstance(symbol.location, types.Location)
    assert found(editor, symbol.location.uri, symbol.location.range) == Found("entities/crm/contact.yaml", "email")
    owners = await client.workspace_symbol_async(types.WorkspaceSymbolParams("012031"))
    assert owners is not None
    assert [each.name for each in owners] == ["012031 Contact", "012031 Product"]


async def test_hierarchies(editor: Editor) -> None:
    text = VISIT.replace("$0", "").replace("validate: who IS NOT NULL", "call: make_$0customer()")
    position = editor.open(PATH, text)
    assert position is not None
    document, client = types.TextDocumentIdentifier(editor.uri(PATH)), editor.client
    called = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(document, position)
    )
    assert called is not None
    [action] = called
    assert found(editor, action.uri, action.selection_range) == Found("entities/crm/contact.yaml", "make_customer")
    types_ = await client.text_document_prepare_type_hierarchy_async(
        types.TypeHierarchyPrepareParams(document, types.Position(3, 12))
    )
    assert types_ is not None
    [contact] = types_
    referring = await client.type_hierarchy_subtypes_async(types.TypeHierarchySubtypesParams(contact))
    assert referring is not None
    assert {"Ticket", "Task"} <= {each.name for each in referring}
    referred = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(contact))
    assert referred is not None
    assert [each.name for each in referred] == ["Company"]
    assert not await client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(action))
    while not await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(action)):
        pass  # the index does not have what was opened yet
    links = await client.text_document_document_link_async(types.DocumentLinkParams(document))
    assert links is None
    editor.close(PATH)
