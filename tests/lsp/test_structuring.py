"""JSON that lsprotocol would refuse as a whole, and what we make of it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from cattrs.errors import BaseValidationError
from lsprotocol import types

from specql_lsp.lsp.client import Client
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.structuring import LARGEST_INTEGER, initialize_request, read_position, tolerant_converter
from tests.support.effort import SEED

CONVERTER = tolerant_converter()
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-8", "utf-16"]},
    "workspace": {"configuration": True, "applyEdit": True, "symbol": {"symbolKind": {"valueSet": [1, 26]}}},
    "window": {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}}},
    "textDocument": {
        "documentSymbol": {"symbolKind": {"valueSet": [1, 26]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {
            "completionItem": {"documentationFormat": ["markdown"], "tagSupport": {"valueSet": [1]}},
            "completionItemKind": {"valueSet": [1, 25]},
        },
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}},
        "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}, "versionSupport": True},
    },
}


def initialized(**params: Any) -> types.InitializeParams:
    params = {"processId": None, "rootUri": None, "capabilities": {}, **params}
    data = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    return initialize_request(CONVERTER, data).params


def test_unknown_values_are_kept_as_they_came() -> None:
    params = initialized(
        trace="compact",
        capabilities={
            "textDocument": {"documentSymbol": {"symbolKind": {"valueSet": [1, 27]}}},
            "workspace": {"configuration": True},
            "general": {"positionEncodings": ["utf-7", "utf-32"]},
        },
    )
    assert params.trace == "compact"
    document = params.capabilities.text_document
    assert document is not None and document.document_symbol is not None
    assert document.document_symbol.symbol_kind is not None
    assert list(document.document_symbol.symbol_kind.value_set or ()) == [types.SymbolKind.File, 27]
    assert params.capabilities.workspace is not None and params.capabilities.workspace.configuration


@pytest.mark.parametrize(
    ("wrong", "left"),
    [
        ({"trace": {"server": "verbose"}}, None),
        ({"processId": "mine"}, None),
        ({"clientInfo": "vi"}, None),
        ({"clientInfo": {"name": "vi", "version": 9}}, None),
        ({"locale": 5, "rootPath": 7}, None),
        ({"workspaceFolders": "file:///a"}, None),
        ({"workspaceFolders": [{"uri": 5}, {"uri": "file:///a"}, None]}, ["file:///a"]),
        ({"workspaceFolders": [{"uri": "file:///a", "name": None}]}, ["file:///a"]),
        ({"capabilities": None}, None),
        ({"capabilities": []}, None),
        (
            {"capabilities": {"textDocument": 5, "workspace": [], "window": "x", "general": {"positionEncodings": 8}}},
            None,
        ),
        ({"capabilities": {"general": {"positionEncodings": [{}, 8, None, "utf-8"]}}}, None),
        (
            {"capabilities": {"textDocument": {"completion": {"completionItem": {"documentationFormat": {"a": 1}}}}}},
            None,
        ),
    ],
)
def test_what_cannot_be_read_of_initialize_is_left_out(wrong: dict[str, Any], left: list[str] | None) -> None:
    params = initialized(**wrong)
    assert [f.uri for f in params.workspace_folders or ()] == (left or [])
    Client(None, params.capabilities)  # type: ignore[arg-type]


def test_the_rest_of_initialize_is_read() -> None:
    wrong = {**CAPABILITIES, "window": 3, "textDocument": {**CAPABILITIES["textDocument"], "completion": "yes"}}
    client = Client(None, initialized(capabilities=wrong).capabilities)  # type: ignore[arg-type]
    assert client.pulls_configuration and client.applies_edits and client.versions
    assert client.hover_formats == (types.MarkupKind.Markdown, types.MarkupKind.PlainText)
    assert client.encoding is Encoding.UTF8


def test_whatever_stands_in_the_capabilities_initialize_is_not_refused() -> None:
    """2,000 capabilities of which some values were replaced by others."""
    dice = random.Random(SEED)
    odd: list[Any] = [None, True, 0, -1, 2**40, 1.5, "", "x", [], [None], [[]], {}, {"a": 1}, {"valueSet": 1}]

    def changed(value: Any) -> Any:
        if dice.random() < 0.08:
            return dice.choice(odd)
        if isinstance(value, dict):
            return {key: changed(inner) for key, inner in value.items()}
        return [changed(inner) for inner in value] if isinstance(value, list) else value

    for _ in range(2_000):
        capabilities = changed(CAPABILITIES)
        Client(None, initialized(capabilities=capabilities).capabilities)  # type: ignore[arg-type]


def test_parameters_that_are_none_are_refused() -> None:
    for params in (None, [], 5, "x"):
        with pytest.raises(BaseValidationError):
            initialize_request(CONVERTER, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})


def test_positions() -> None:
    assert read_position({"line": 3, "character": 2**40}) == types.Position(3, LARGEST_INTEGER)
    assert read_position({"line": 3.0, "character": 1.9}) == types.Position(3, 1)
    assert read_position({"line": float("inf"), "character": 0}) == types.Position(LARGEST_INTEGER, 0)
    for wrong in (None, [], {}, {"line": 1}, {"line": -1, "character": 0}, {"line": True, "character": 0}):
        with pytest.raises(ValueError, match="position"):
            read_position(wrong)
    with pytest.raises(ValueError, match="position"):
        read_position({"line": float("nan"), "character": 0})


def test_a_text_is_a_text() -> None:
    """cattrs would make the text "None" of null, and the document would hold it."""
    for text in (None, 5, ["a"]):
        item = {"uri": "file:///a", "languageId": "yaml", "version": 1, "text": text}
        with pytest.raises(BaseValidationError):
            CONVERTER.structure({"textDocument": item}, types.DidOpenTextDocumentParams)
