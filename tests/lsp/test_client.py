"""What is read of ``initialize``: all that can be read, whatever else is in it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from specql_lsp.lsp.client import Client
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.server import folder_uris
from tests.support.effort import SEED

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
            "completionList": {"itemDefaults": ["commitCharacters", "editRange"]},
        },
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}},
        "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}, "versionSupport": True},
    },
}


def client_of(capabilities: Any) -> Client:
    return Client(None, ClientObject({"capabilities": capabilities}).object("capabilities"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "unreadable"),
    [
        ({"processId": "mine"}, ["params.processId"]),
        ({"processId": True}, ["params.processId"]),
        ({"rootUri": 5, "rootPath": 7}, ["params.rootUri", "params.rootPath"]),
        ({"workspaceFolders": "file:///a"}, ["params.workspaceFolders"]),
        (
            {"workspaceFolders": [{"uri": 5}, {"name": None}, None]},
            ["params.workspaceFolders.2", "params.workspaceFolders.0.uri"],
        ),
        ({"capabilities": []}, ["params.capabilities"]),
        (
            {"capabilities": {"textDocument": 5, "workspace": [], "window": "x", "general": {"positionEncodings": 8}}},
            [
                "params.capabilities.workspace",
                "params.capabilities.textDocument",
                "params.capabilities.window",
                "params.capabilities.general.positionEncodings",
            ],
        ),
        (
            {"capabilities": {"general": {"positionEncodings": [{}, 8, None, "utf-8"]}}},
            [f"params.capabilities.general.positionEncodings.{index}" for index in range(3)],
        ),
        (
            {"capabilities": {"textDocument": {"completion": {"completionItem": {"documentationFormat": {"a": 1}}}}}},
            ["params.capabilities.textDocument.completion.completionItem.documentationFormat"],
        ),
        ({"capabilities": None, "processId": None, "rootUri": None, "workspaceFolders": None}, []),
        ({"clientInfo": "vi", "locale": 5, "trace": {"server": "verbose"}}, []),
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(wrong: dict[str, Any], unreadable: list[str]) -> None:
    said: list[str] = []
    params = ClientObject(wrong, "params", said.append)
    Client(None, params.object("capabilities"))  # type: ignore[arg-type]
    assert params.integer("processId") is None
    assert folder_uris(params) == [""]
    assert said == [path for path in said if path in unreadable]
    assert set(said) == set(unreadable)


def test_the_folders_are_those_that_have_a_uri() -> None:
    def folders(**params: Any) -> list[str]:
        return folder_uris(ClientObject(params))

    assert folders(workspaceFolders=[{"uri": 5}, {"uri": "file:///a"}, None]) == ["file:///a"]
    assert folders(workspaceFolders=[{"uri": "file:///a", "name": None}], rootUri="file:///b") == ["file:///a"]
    assert folders(workspaceFolders=[], rootUri="file:///b", rootPath="/c") == ["file:///b"]
    assert folders(workspaceFolders=None, rootUri=None, rootPath="/c") == ["file:///c"]
    assert folders() == [""]


def test_the_rest_is_read() -> None:
    wrong = {**CAPABILITIES, "window": 3, "textDocument": {**CAPABILITIES["textDocument"], "completion": "yes"}}
    client = client_of(wrong)
    assert client.pulls_configuration and client.applies_edits and client.versions
    assert client.hover_formats == ("markdown", "plaintext")
    assert client.encoding is Encoding.UTF8
    assert not client.offers_actions and not client.item_defaults
    assert client_of(CAPABILITIES).offers_actions and client_of(CAPABILITIES).item_defaults


def test_whatever_is_in_the_capabilities_a_client_is_made() -> None:
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
        client_of(changed(CAPABILITIES))
