"""The answer to ``initialize``: the same before the protocol is imported and after, and the same as pygls gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.lsp import get_method_options_type

from specql_lsp.lsp.capabilities import ENCODINGS, PROVIDERS, initialize_result, position_encoding, server_capabilities
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.routes import COMMANDS, NOTIFICATIONS, REQUESTS
from specql_lsp.lsp.server import create_server
from specql_lsp.lsp.start import early_answer
from specql_lsp.lsp.structuring import tolerant_converter

CONVERTER = tolerant_converter()
CLIENTS = {
    path.stem: json.loads(path.read_text())["capabilities"]
    for path in (Path(__file__).parent / "clients").glob("*.json")
}
"""What editors can do, each as the editor itself says it."""
ROUTES = {route.method: route.options for route in (*REQUESTS, *NOTIFICATIONS)}
PULLS = {"vscode": {"textDocument/diagnostic"}}
"""The requests for diagnostics that are announced to an editor without a name; none to those that are not here."""
NAMES = [route.method for route in COMMANDS]


def request(params: Any, identifier: Any = 1) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": identifier, "method": "initialize", "params": params}).encode()


class Written:
    """What a server sends, instead of a client."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        """Nothing to close."""


def late_answer(body: bytes) -> bytes:
    """The answer of the protocol, as it is without an early one."""
    server, written = create_server(), Written()
    server.protocol.set_writer(written)
    server.protocol.receive(body)
    return written.data


def content(answer: bytes) -> tuple[bytes, Any]:
    """An answer's headers without its length, and its body."""
    headers, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in headers.split(b"\r\n")
    return headers.partition(b"\r\n")[2], json.loads(body)


def of_pygls(capabilities: Any, options: dict[str, Any], commands: list[str]) -> Any:
    """The capabilities that pygls would answer with."""
    client = CONVERTER.structure(capabilities, types.ClientCapabilities)
    kinds = {
        "textDocument/didSave": types.SaveOptions,
        "textDocument/semanticTokens/full": types.SemanticTokensLegend,  # pygls makes the options of a legend
    }
    given = {method: each.get("legend", each) for method, each in options.items() if each is not None}
    structured = {
        method: CONVERTER.structure(each, kinds.get(method) or get_method_options_type(method))
        for method, each in given.items()
    }
    builder = ServerCapabilitiesBuilder(
        client,
        set(options),
        structured,
        commands,
        types.TextDocumentSyncKind.Incremental,
        None,
        ServerCapabilitiesBuilder.choose_position_encoding(client),
    )
    return CONVERTER.unstructure(builder.build())  # type: ignore[no-untyped-call]


def test_the_editors_are_there() -> None:
    assert set(CLIENTS) == {"emacs", "helix", "kate", "neovim", "vscode"}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_early_answer_is_the_real_one(client: str) -> None:
    body = request({"processId": None, "rootUri": None, "capabilities": CLIENTS[client]}, client)
    early = early_answer(body)
    assert early is not None
    assert content(early) == content(late_answer(body))
    _, message = content(early)
    assert message["id"] == client
    announced = {
        method: options
        for method, options in ROUTES.items()
        if not method.endswith("/diagnostic") or method in PULLS.get(client, ())
    }
    assert message["result"]["capabilities"] == of_pygls(CLIENTS[client], announced, NAMES)
    assert message["result"]["serverInfo"] == {"name": "specql-lsp", "version": create_server().version}


@pytest.mark.parametrize(
    ("capabilities", "name", "expected"),
    [
        (CLIENTS["neovim"], "Neovim", None),  # 0.11: it pulls again at no refresh
        (CLIENTS["emacs"], "Emacs", None),
        (CLIENTS["vscode"], "Visual Studio Code", True),
        (CLIENTS["vscode"], "code-server", True),
        (CLIENTS["vscode"], "coc.nvim", False),
        ({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostic": {"refreshSupport": True}}}, "Zed", False),
        ({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": False}}}, "x", None),
        ({"textDocument": {}, "workspace": {"diagnostics": {"refreshSupport": True}}}, "Visual Studio Code", None),
        ({"textDocument": {"diagnostic": True}, "workspace": {"diagnostics": []}}, "Visual Studio Code", None),
    ],
)
def test_who_pulls_documents_and_who_all_files(capabilities: Any, name: str, expected: bool | None) -> None:
    params = ClientObject({"capabilities": capabilities, "clientInfo": {"name": name}})
    provider = initialize_result(params)["capabilities"].get("diagnosticProvider")
    assert (provider["workspaceDiagnostics"] if provider else None) is expected
    client = Client(None, params.object("capabilities"), name)  # type: ignore[arg-type]
    assert (client.pulls_documents, client.pulls_workspace) == (expected is not None, bool(expected))


def test_every_editor_gets_the_encoding_that_it_prefers() -> None:
    negotiated = {name: position_encoding(ClientObject(client)) for name, client in CLIENTS.items()}
    assert negotiated == {"vscode": "utf-16", "neovim": "utf-8", "emacs": "utf-16", "helix": "utf-8", "kate": "utf-16"}


@pytest.mark.parametrize(
    ("offered", "encoding"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-7"], "utf-16"),
        (["utf-7", "utf-32", "utf-8"], "utf-32"),
        (["utf-8"], "utf-8"),
        ("utf-8", "utf-16"),
        ({"utf-8": True}, "utf-16"),
        ([["utf-8"], 8, None, "utf-8"], "utf-8"),
    ],
)
def test_negotiation(offered: Any, encoding: str) -> None:
    assert position_encoding(ClientObject({"general": {"positionEncodings": offered}})) == encoding


encodings = st.lists(st.sampled_from([*ENCODINGS, "utf-7", "UTF-8"]), max_size=4)
flags = st.booleans()
capable = st.fixed_dictionaries(
    {},
    optional={
        "general": st.fixed_dictionaries({}, optional={"positionEncodings": encodings}),
        "textDocument": st.fixed_dictionaries(
            {},
            optional={
                "rename": st.fixed_dictionaries({}, optional={"prepareSupport": flags}),
                "synchronization": st.fixed_dictionaries({}, optional={"willSave": flags, "willSaveWaitUntil": flags}),
            },
        ),
        "workspace": st.fixed_dictionaries(
            {},
            optional={
                "fileOperations": st.fixed_dictionaries(
                    {}, optional=dict.fromkeys(("willCreate", "didRename", "willRename", "didDelete"), flags)
                )
            },
        ),
    },
)
MADE: dict[str, Any] = {
    **dict.fromkeys(PROVIDERS),
    **dict.fromkeys(["textDocument/didOpen", "textDocument/didClose", "textDocument/didChange"]),
    "textDocument/didSave": {"includeText": True},
    "textDocument/prepareRename": None,
    "textDocument/willSave": None,
    "textDocument/willSaveWaitUntil": None,
    "codeLens/resolve": None,
    "inlayHint/resolve": None,
    "documentLink/resolve": None,
    "workspaceSymbol/resolve": None,
    "workspace/diagnostic": None,
    "textDocument/onTypeFormatting": {"firstTriggerCharacter": "-"},
    "textDocument/semanticTokens/range": None,
    "textDocument/semanticTokens/full/delta": None,
    "workspace/willRenameFiles": {"filters": [{"pattern": {"glob": "**/*.yaml"}}]},
    "workspace/didDeleteFiles": {"filters": []},
    "textDocument/diagnostic": {"interFileDependencies": True, "workspaceDiagnostics": False, "identifier": "x"},
    "textDocument/completion": {"triggerCharacters": ["."], "resolveProvider": True},
}
"""Options of every method that could get a route."""
LEGEND = {"tokenTypes": ["type"], "tokenModifiers": []}
TOKENS = "textDocument/semanticTokens/full"


@settings(max_examples=300, deadline=None)
@for_any(capable, st.sets(st.sampled_from(sorted(MADE))), st.lists(st.sampled_from(NAMES), unique=True))
def test_any_routes_and_any_client_give_what_pygls_gives(client: Any, methods: set[str], commands: list[str]) -> None:
    """A method that gets a route is in the answer by that alone."""
    if TOKENS not in methods:  # pygls derives the legend from any of the three; a route of ours has it at the first
        methods -= {"textDocument/semanticTokens/range", "textDocument/semanticTokens/full/delta"}
    options = {method: MADE[method] for method in methods}
    theirs = {**options, **({TOKENS: LEGEND} if TOKENS in options else {})}
    ours = {**options, **({TOKENS: {"legend": LEGEND}} if TOKENS in options else {})}
    answer = server_capabilities(ours, commands, ClientObject(client))
    assert answer == of_pygls(client, theirs, commands)


@settings(max_examples=100, deadline=None)
@for_any(capable)
def test_a_random_client_gets_one_answer(client: Any) -> None:
    body = request({"capabilities": client})
    early = early_answer(body)
    assert early is not None
    assert content(early) == content(late_answer(body))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "general",
                    "positionEncodings",
                    "textDocument",
                    "workspace",
                    "window",
                    "completion",
                    "uri",
                    "showMessage",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@for_any(
    st.fixed_dictionaries(
        {},
        optional={
            "capabilities": anything,
            "workspaceFolders": anything,
            "processId": st.none() | st.text() | st.integers(max_value=0) | st.lists(st.none()),
            "rootUri": anything,
            "rootPath": anything,
            "initializationOptions": anything,
            "trace": anything,
        },
    ),
    st.integers() | st.text(max_size=5),
)
def test_what_is_answered_early_is_never_refused_afterwards(params: dict[str, Any], identifier: Any) -> None:
    body = request(params, identifier)
    early = early_answer(body)
    assert early is not None
    assert content(early) == content(late_answer(body))
    Client(None, ClientObject(params).object("capabilities"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"jsonrpc": "2.0"}',
        b"\xff\xfe",
        json.dumps([json.loads(request({"capabilities": {}}))]).encode(),
        request({"capabilities": {}}).replace(b"2.0", b"1.0"),
        request({"capabilities": {}}).replace(b"initialize", b"initialise"),
        request({"capabilities": {}}).replace(b'"initialize"', b'["initialize"]'),
        request({"capabilities": {}}).replace(b'"id": 1, ', b""),
        *(request({"capabilities": {}}, identifier) for identifier in (None, True, 1.5, [], {})),
        *(request(params) for params in (None, [], 5, "x")),
    ],
)
def test_anything_else_is_left_to_the_protocol(body: bytes) -> None:
    assert early_answer(body) is None


def test_the_answer_says_what_the_table_of_routes_says() -> None:
    pulls = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
    answer = initialize_result(ClientObject({"capabilities": pulls}))["capabilities"]
    for route in REQUESTS:
        provider = PROVIDERS.get(route.method)
        assert provider is None or provider in answer, route.method
    assert answer["executeCommandProvider"]["commands"] == NAMES
