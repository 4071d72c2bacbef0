"""The client of the tests' editor: pytest-lsp's, with its messages kept, and what a capable editor declares."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union, cast

from lsprotocol import types
from pygls.io_ import run_async
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, forward_stderr, register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

from tests.support.forks import AsyncForked


class RecordingProtocol(LanguageClientProtocol):
    """Keeps every message that the server sent, as text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.received: list[str] = []

    def structure_message(self, data: dict[str, Any]) -> Any:
        if "jsonrpc" in data:
            self.received.append(json.dumps(data, default=str))
        return super().structure_message(data)


def capabilities(**changes: Any) -> types.ClientCapabilities:
    """What a capable editor declares; ``encodings``, ``window`` and other keywords change it."""
    encodings = changes.pop("encodings", None)
    dynamic = changes.pop("dynamic", True)
    configuration = changes.pop("configuration", True)
    item_defaults = changes.pop("item_defaults", None)
    window = changes.pop("window", None)
    assert not changes, f"unknown: {changes}"
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=encodings),
        window=window,
        workspace=types.WorkspaceClientCapabilities(
            apply_edit=True,
            workspace_folders=True,
            configuration=configuration,
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=dynamic),
            did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=dynamic),
        ),
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(
                completion_list=types.CompletionListCapabilities(item_defaults=item_defaults),
                completion_item=types.ClientCompletionItemOptions(
                    label_details_support=True,
                    documentation_format=[types.MarkupKind.Markdown, types.MarkupKind.PlainText],
                ),
            ),
            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown, types.MarkupKind.PlainText]),
            code_action=types.CodeActionClientCapabilities(disabled_support=True),
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                version_support=True, related_information=True
            ),
        ),
    )


def window(*, buttons: bool, documents: bool) -> types.WindowClientCapabilities:
    """What an editor declares that shows messages with buttons, and documents when it is asked to."""
    items = types.ClientShowMessageActionItemOptions(additional_properties_support=True)
    return types.WindowClientCapabilities(
        show_message=types.ShowMessageRequestClientCapabilities(items) if buttons else None,
        show_document=types.ShowDocumentClientCapabilities(support=documents),
    )


class Client(LanguageClient):
    """pytest-lsp's client, which can have its server forked, too."""

    async def start_forked(self, command: Sequence[str], environment: dict[str, str]) -> None:
        """Does what ``start_io`` does, with a process that is a fork."""
        server = await AsyncForked.start(command, Path.cwd(), environment)
        self._server = cast(asyncio.subprocess.Process, server)
        self.protocol.set_writer(server.stdin)
        connection = run_async(
            stop_event=self._stop_event,
            reader=server.stdout,
            protocol=self.protocol,
            logger=logging.getLogger(__name__),
            error_handler=self.report_server_error,
        )
        self._async_tasks += [asyncio.create_task(connection), asyncio.create_task(self._server_exit())]
        self._stderr_forwarder = asyncio.create_task(forward_stderr(self._server))


def make_client() -> Client:
    client = Client(protocol_cls=RecordingProtocol, converter_factory=_converter)
    own = {
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        types.CLIENT_REGISTER_CAPABILITY,
        types.WORKSPACE_APPLY_EDIT,
        types.PROGRESS,
    }
    register_lsp_features(client, {m: f for m, f in DEFAULT_CLIENT_FEATURES.items() if m not in own})
    return client


def _converter() -> Any:
    """pygls' converter, which takes a code action that has a command for a bare command (lsprotocol 2025.0.0)."""
    converter = default_converter()

    def action(value: Any, _type: Any) -> types.Command | types.CodeAction:
        bare = isinstance(value.get("command"), str)
        return converter.structure(value, types.Command if bare else types.CodeAction)

    converter.register_structure_hook(types.Command | types.CodeAction, action)
    converter.register_structure_hook(Union[types.Command, types.CodeAction], action)  # noqa: UP007 - another type
    return converter


def plain(value: Any) -> Any:
    """pygls' attribute objects → plain JSON."""
    if hasattr(value, "_asdict"):
        return {k: plain(v) for k, v in value._asdict().items()}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return {k: plain(v) for k, v in vars(value).items()}
    return value
