"""An editor without a window: opens, edits and saves files, and speaks LSP to the real server over its stdio."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from tests.demo.screen import CURSOR

PATIENCE_SECONDS = 120.0
"""So long the demo waits for an answer: many times what it takes."""
STATUS_METHOD = "specql/registryStatus"


class Refusal(Exception):  # noqa: N818 - it is an answer, not a failure
    """A command was refused."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without anybody's registry in it."""
    own = {k: v for k, v in os.environ.items() if not k.upper().startswith(("SPECQL_", "PG"))}
    return {**own, "PYTHONUTF8": "1", **(extra or {})}


class Editor:
    """A client and its server process. Use it as an async context manager: the process ends with it.

    Args:
        folder: the workspace folder.
        environment: variables for the server beside those of ``clean_environment``.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []
        self.statuses: list[dict[str, Any]] = []
        self.edits: list[str] = []
        """The labels of the edits that the server asked for."""
        self.server_name = ""
        self.pid = 0
        self._environment = clean_environment(environment)
        self._open: dict[str, int] = {}
        self._client = LanguageClient("specql-lsp-demo", "1")
        # Functions, not methods: pygls writes attributes on them.
        handlers: dict[str, Callable[[Any], Any]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self._on_diagnostics(params),
            types.WINDOW_SHOW_MESSAGE: lambda params: self.messages.append(params.message),
            types.WINDOW_LOG_MESSAGE: lambda _params: None,
            types.WORKSPACE_APPLY_EDIT: lambda params: self._on_apply_edit(params),
            STATUS_METHOD: lambda params: self.statuses.append(plain(params)),
        }
        for method, handler in handlers.items():
            self._client.feature(method)(handler)

    async def __aenter__(self) -> Self:
        await self._client.start_io(
            sys.executable, "-m", "specql_lsp", env=self._environment, cwd=str(self.folder), start_new_session=True
        )
        assert self._process is not None
        self.pid = self._process.pid
        try:
            await self._initialize()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def exit_status(self) -> int | None:
        """The server's exit status; None while it runs."""
        return self._process.returncode if self._process else None

    @property
    def _process(self) -> asyncio.subprocess.Process | None:
        return self._client._server

    async def _initialize(self) -> None:
        answer = await asyncio.wait_for(
            self._client.initialize_async(
                types.InitializeParams(
                    capabilities=types.ClientCapabilities(
                        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf32]),
                        workspace=types.WorkspaceClientCapabilities(
                            apply_edit=True,
                            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
                        ),
                        text_document=types.TextDocumentClientCapabilities(
                            completion=types.CompletionClientCapabilities(
                                completion_item=types.ClientCompletionItemOptions(label_details_support=True)
                            ),
                            hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.PlainText]),
                            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(version_support=True),
                        ),
                    ),
                    process_id=os.getpid(),
                    workspace_folders=[types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)],
                )
            ),
            PATIENCE_SECONDS,
        )
        info = answer.server_info
        self.server_name = f"{info.name} {info.version}" if info else ""
        self._client.initialized(types.InitializedParams())

    async def _end(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            try:
                await asyncio.wait_for(self._client.shutdown_async(None), PATIENCE_SECONDS)
                self._client.exit(None)
                await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
            except (Exception, asyncio.CancelledError):
                if process.returncode is None:
                    process.kill()
        await self._client.stop()

    # --- files --------------------------------------------------------------------------------------------

    def uri(self, path: str) -> str:
        """The URI of a file of the workspace."""
        return (self.folder / path).as_uri()

    def text(self, path: str) -> str:
        """A file as it is on the disk."""
        return (self.folder / path).read_text(encoding="utf-8")

    def show(self, path: str, text: str | None = None) -> None:
        """Opens a file, or changes an open one, with the text (default: the disk's); a cursor in it is left out."""
        content = (self.text(path) if text is None else text).replace(CURSOR, "")
        uri = self.uri(path)
        version = self._open.get(uri, 0) + 1
        self._open[uri] = version
        if version == 1:
            item = types.TextDocumentItem(uri, "yaml", version, content)
            self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            self._client.text_document_did_change(
                types.DidChangeTextDocumentParams(
                    types.VersionedTextDocumentIdentifier(version, uri),
                    [types.TextDocumentContentChangeWholeDocument(content)],
                )
            )

    # --- questions ----------------------------------------------------------------------------------------

    async def complete(self, path: str, text: str) -> list[types.CompletionItem]:
        """What is offered at the cursor of the text, in the order in which an editor shows it."""
        self.show(path, text)
        answer = await asyncio.wait_for(
            self._client.text_document_completion_async(
                types.CompletionParams(types.TextDocumentIdentifier(self.uri(path)), _cursor(text))
            ),
            PATIENCE_SECONDS,
        )
        items = answer.items if isinstance(answer, types.CompletionList) else list(answer or ())
        return sorted(items, key=lambda item: item.sort_text or item.label)

    async def hover(self, path: str, text: str) -> str:
        """What hover says at the cursor of the text."""
        self.show(path, text)
        answer = await asyncio.wait_for(
            self._client.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), _cursor(text))
            ),
            PATIENCE_SECONDS,
        )
        return answer.contents.value if answer and isinstance(answer.contents, types.MarkupContent) else ""

    async def execute(self, command: str, argument: Mapping[str, Any] | None = None) -> Any:
        """Runs a command.

        Raises:
            Refusal: the server refused it.
        """
        params = types.ExecuteCommandParams(command, [dict(argument or {})])
        try:
            return plain(await asyncio.wait_for(self._client.workspace_execute_command_async(params), PATIENCE_SECONDS))
        except JsonRpcException as error:
            raise Refusal(str(error.message), str((plain(error.data) or {}).get("kind", ""))) from None

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Waits for what the server sends by itself, and gives it.

        Raises:
            TimeoutError: it did not come.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"The server did not send {what}.")
            await asyncio.sleep(0.02)
        return found

    # --- what the server sends ----------------------------------------------------------------------------

    def _on_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.diagnostics[params.uri] = list(params.diagnostics)

    def _on_apply_edit(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Applies the edit and saves the files, as a user would who accepts it."""
        self.edits.append(params.label or "")
        for change in params.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit), "the server only edits files that are there"
            path = next(p for p in self.folder.rglob("*.yaml") if p.as_uri() == change.text_document.uri)
            text = path.read_text(encoding="utf-8")
            for edit in sorted(change.edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
                assert isinstance(edit, types.TextEdit)
                text = replaced(text, edit.range, edit.new_text)
            path.write_text(text, encoding="utf-8")
            if change.text_document.uri in self._open:
                self.show(path.relative_to(self.folder).as_posix(), text)
            event = types.FileEvent(change.text_document.uri, types.FileChangeType.Changed)
            self._client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        return types.ApplyWorkspaceEditResult(applied=True)


def replaced(text: str, span: types.Range, new: str) -> str:
    """The text with a range (in code points) replaced."""
    lines = text.split("\n")
    start, end = (
        sum(len(line) + 1 for line in lines[: place.line]) + place.character for place in (span.start, span.end)
    )
    return text[:start] + new + text[end:]


def accepted(text: str, item: types.CompletionItem) -> str:
    """The text (with its cursor) after an item was accepted; the cursor stands behind what was put in."""
    assert isinstance(item.text_edit, types.TextEdit), "the server says what is replaced"
    line = _cursor(text).line
    result = replaced(text.replace(CURSOR, ""), item.text_edit.range, item.text_edit.new_text).split("\n")
    result[line] += CURSOR
    return "\n".join(result)


def plain(value: Any) -> Any:
    """JSON of a method that the client's library does not know, as dicts and lists."""
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _cursor(text: str) -> types.Position:
    before = text[: text.index(CURSOR)]
    return types.Position(before.count("\n"), len(before) - (before.rfind("\n") + 1))
