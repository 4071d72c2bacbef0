"""An editor for tests: pytest-lsp's client on the real server process, with buffers, edits applied and waiting."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, Union, cast

from lsprotocol import types
from pygls.io_ import run_async
from pygls.protocol import default_converter
from pygls.uris import to_fs_path
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, forward_stderr, register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

from tests.support.forks import AsyncForked, can_be_forked
from tests.support.patience import PATIENCE

REAL_SERVER = [sys.executable, "-m", "specql_lsp"]
PATIENT_SERVER = "tests.support.patient"
SERVER = [sys.executable, "-m", PATIENT_SERVER]
"""The real one, which lets PostgreSQL answer first."""
ROOT = Path(__file__).parents[2]
CURSOR = "$0"
ALL_FILES = "all files"
"""The token by which the diagnostics of all files are reported to a client that pulls them."""


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


@dataclass(frozen=True)
class Question:
    """A message with buttons; it stays open until a test presses one, or closes it (None)."""

    kind: types.MessageType
    message: str
    buttons: tuple[str, ...]
    pressed: asyncio.Future[str | None]

    def press(self, button: str | None) -> None:
        """Answers the question."""
        assert button is None or button in self.buttons
        self.pressed.set_result(button)


class Editor:
    """One client with one server process.

    Use as ``async with Editor(folder) as editor``. Paths are relative to the first folder; texts may hold ``$0``
    where the cursor is.

    Args:
        folders: the workspace folders.
        environment: what is added to the environment of the server; None as a value takes a variable away.
        settings: the client's settings, section ``specql``.
        options: ``initializationOptions``.
        client_capabilities: see ``capabilities``.
        client_name: what the client calls itself.
        arguments: command-line arguments of the server.
        server: the command that starts it; None: what ``SERVER`` starts, but forked (``tests/support/forks.py``).
    """

    def __init__(
        self,
        *folders: Path,
        environment: dict[str, str | None] | None = None,
        settings: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        client_capabilities: types.ClientCapabilities | None = None,
        client_name: str | None = None,
        arguments: Sequence[str] = (),
        server: Sequence[str] | None = None,
    ) -> None:
        self.folders = folders
        self.settings = settings or {}
        self._options = options
        self._capabilities = client_capabilities or capabilities()
        is_forked = server is None and can_be_forked(environment or {})
        self._fork = [PATIENT_SERVER, *arguments] if is_forked else None
        self._command = [*(server or SERVER), *arguments]
        scrubbed = {k: v for k, v in os.environ.items() if not k.startswith(("SPECQL_", "PG"))}
        variables = {"PYTHONPATH": str(ROOT), **scrubbed, **(environment or {})}
        self._environment = {name: value for name, value in variables.items() if value is not None}
        self.client = _make_client()
        self.buffers: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.statuses: list[dict[str, Any]] = []
        self.catalog_changes = 0
        """How often the server has said that catalogs changed."""
        self.published: list[types.PublishDiagnosticsParams] = []
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        self.registrations: list[types.Registration] = []
        self._client_name = client_name
        self.questions: list[Question] = []
        self.refuse_edits = False
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listen()
        self.client._configuration = {"": {"specql": self.settings}}
        if self._fork is not None:
            await self.client.start_forked(self._fork, self._environment)
        else:
            await self.client.start_io(*self._command, env=self._environment)
        # pytest-lsp checks what the server sends against these.
        self.client.capabilities = self._capabilities
        self.initialized = await self.client.initialize_async(
            types.InitializeParams(
                process_id=os.getpid(),
                capabilities=self._capabilities,
                client_info=types.ClientInfo(self._client_name) if self._client_name else None,
                initialization_options=self._options,
                root_uri=self.folders[0].as_uri() if self.folders else None,
                workspace_folders=[types.WorkspaceFolder(f.as_uri(), f.name) for f in self.folders] or None,
            )
        )
        self.client.initialized(types.InitializedParams())
        provider = self.initialized.capabilities.diagnostic_provider
        if provider is not None and provider.workspace_diagnostics:  # as VS Code does
            self.client.workspace_diagnostic(types.WorkspaceDiagnosticParams([], partial_result_token=ALL_FILES))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            await asyncio.wait_for(self.client.shutdown_async(None), PATIENCE)
            # pygls' client breaks on requests of the server that are open when it ends; the server is past hearing.
            for question in self.questions:
                if not question.pressed.done():
                    question.press(None)
            await asyncio.sleep(0.01)
            self.client.exit(None)
            await asyncio.wait_for(self.process.wait(), PATIENCE)
        await self.client.stop()

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's process (or ``AsyncForked``, which has the same shape)."""
        process = self.client._server
        assert process is not None
        return process

    @property
    def received(self) -> list[str]:
        """Every message of the server, as JSON."""
        protocol = self.client.protocol
        assert isinstance(protocol, RecordingProtocol)
        return protocol.received

    @property
    def messages(self) -> list[types.ShowMessageParams]:
        """What was shown to the user."""
        return self.client.messages

    def _listen(self) -> None:
        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self.client.diagnostics[params.uri] = params.diagnostics
            self._changed.set()

        @self.client.feature(types.PROGRESS)
        def progressed(params: types.ProgressParams) -> None:
            assert params.token == ALL_FILES
            for item in _plain(params.value)["items"]:
                diagnostics = default_converter().structure(item["items"], list[types.Diagnostic])
                published(types.PublishDiagnosticsParams(item["uri"], diagnostics, item["version"]))

        @self.client.feature("specql/registryStatus")
        def status(params: Any) -> None:
            self.statuses.append(_plain(params))
            self._changed.set()

        @self.client.feature("specql/catalogsChanged")
        def catalogs(_params: Any) -> None:
            self.catalog_changes += 1
            self._changed.set()

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams) -> None:
            self.registrations.extend(params.registrations)
            self._changed.set()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        async def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            buttons = tuple(action.title for action in params.actions or ())
            question = Question(params.type, params.message, buttons, asyncio.get_running_loop().create_future())
            self.questions.append(question)
            self._changed.set()
            button = await question.pressed
            return types.MessageActionItem(button) if button else None

        @self.client.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.applied.append(params)
            if self.refuse_edits:
                return types.ApplyWorkspaceEditResult(applied=False)
            self.apply(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

    # --- waiting ------------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Waits until ``condition`` gives something true, and returns it."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (value := condition()):
                    self._changed.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):  # a condition may be about something else than messages
                            await self._changed.wait()
                return value
        except TimeoutError:
            shown = f"diagnostics: {self._shown()}; {self.statuses[-1:]}"
            raise AssertionError(f"It did not come about: {what}; {shown}") from None

    def _shown(self) -> dict[str, list[str]]:
        return {uri.rsplit("/", 1)[-1]: [str(d.code) for d in ds] for uri, ds in self.client.diagnostics.items()}

    async def source(self, source: str, **expected: Any) -> dict[str, Any]:
        """Waits until the registry is answered from ``source`` (and its status has the expected values)."""

        def found() -> dict[str, Any] | None:
            last = self.statuses[-1] if self.statuses else None
            wanted = {"source": source, **expected}
            return last if last is not None and all(last.get(k) == v for k, v in wanted.items()) else None

        result: dict[str, Any] = await self.until(found, f"the registry's source {source} {expected}")
        return result

    async def codes(self, path: str, *expected: str) -> list[types.Diagnostic]:
        """Waits until exactly these codes are published for a file (in any order), and returns the diagnostics."""
        uri = self.uri(path)

        def found() -> bool:
            return uri in self.client.diagnostics and sorted(
                str(d.code) for d in self.client.diagnostics[uri]
            ) == sorted(expected)

        if not expected:
            await self.until(lambda: not self.client.diagnostics.get(uri), f"no diagnostics of {path}")
        else:
            await self.until(found, f"{expected} of {path}")
        return list(self.client.diagnostics.get(uri, []))

    # --- files and buffers --------------------------------------------------------------------------------

    def path(self, path: str | Path) -> Path:
        return self.folders[0] / path

    def uri(self, path: str | Path) -> str:
        return self.path(path).as_uri()

    def open(self, path: str, text: str | None = None) -> types.Position | None:
        """Opens a file, with its text or another; returns where ``$0`` was."""
        text = self.path(path).read_bytes().decode("utf-8") if text is None else text
        text, position = self._cursor(text)
        uri = self.uri(path)
        self.buffers[uri] = text
        self.versions[uri] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, text))
        )
        return position

    def change(self, path: str, text: str) -> types.Position | None:
        """Replaces the whole text of a buffer; returns where ``$0`` was."""
        text, position = self._cursor(text)
        uri = self.uri(path)
        self.buffers[uri] = text
        self._send_change(uri, [types.TextDocumentContentChangeWholeDocument(text)])
        return position

    def edit(self, path: str, start: tuple[int, int], end: tuple[int, int], new_text: str) -> None:
        """Changes a range (line and character, in the negotiated encoding) incrementally."""
        uri = self.uri(path)
        range_ = types.Range(types.Position(*start), types.Position(*end))
        self.buffers[uri] = self._applied(self.buffers[uri], [types.TextEdit(range_, new_text)])
        self._send_change(uri, [types.TextDocumentContentChangePartial(range=range_, text=new_text)])

    def close(self, path: str) -> None:
        """Closes a buffer."""
        uri = self.uri(path)
        del self.buffers[uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def text(self, path: str) -> str:
        """The buffer's text, or the file's."""
        return self.buffers.get(self.uri(path)) or self.path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Writes a file and tells the server, as a client that watches files does."""
        target = self.path(path)
        kind = types.FileChangeType.Changed if target.exists() else types.FileChangeType.Created
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.tell(path, kind)

    def delete(self, path: str) -> None:
        """Deletes a file and tells the server."""
        self.path(path).unlink()
        self.tell(path, types.FileChangeType.Deleted)

    def tell(self, path: str, kind: types.FileChangeType) -> None:
        """Tells the server of a change on the disk."""
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(self.uri(path), kind)])
        )

    def _send_change(self, uri: str, changes: list[types.TextDocumentContentChangeEvent]) -> None:
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(self.versions[uri], uri), changes)
        )

    @property
    def encoding(self) -> str:
        """The negotiated position encoding."""
        encoding = self.initialized.capabilities.position_encoding or "utf-16"
        return encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding

    def _units(self, text: str) -> int:
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        return len(text.encode(f"{self.encoding}-le" if width > 1 else "utf-8")) // width

    def _cursor(self, text: str) -> tuple[str, types.Position | None]:
        offset = text.find(CURSOR)
        if offset < 0:
            return text, None
        before = text[:offset]
        line = before.count("\n")
        return before + text[offset + len(CURSOR) :], types.Position(
            line, self._units(before[before.rfind("\n") + 1 :])
        )

    def _offset(self, text: str, position: types.Position) -> int:
        lines = text.split("\n")
        start = sum(len(line) + 1 for line in lines[: position.line])
        units = 0
        for column, character in enumerate(lines[position.line]):
            if units >= position.character:
                return start + column
            units += self._units(character)
        return start + len(lines[position.line])

    def _applied(self, text: str, edits: Sequence[Any]) -> str:
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = self._offset(text, edit.range.start), self._offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Makes a workspace edit in the buffers, and in files that are not open, as an editor does."""
        groups: list[tuple[str, Sequence[Any]]] = [*(edit.changes or {}).items()]
        moves: list[types.RenameFile] = []
        for change in edit.document_changes or ():
            if isinstance(change, types.RenameFile):
                moves.append(change)
                continue
            if isinstance(change, types.CreateFile):
                self._create(change)
                continue
            assert isinstance(change, types.TextDocumentEdit)
            groups.append((change.text_document.uri, change.edits))
        for uri, edits in groups:
            if uri in self.buffers:
                self.buffers[uri] = self._applied(self.buffers[uri], edits)
                self._send_change(uri, [types.TextDocumentContentChangeWholeDocument(self.buffers[uri])])
            else:
                path = (
                    next(f for f in self.folders if uri.startswith(f.as_uri()))
                    / uri.split(self.folders[0].as_uri() + "/", 1)[-1]
                )
                path.write_text(self._applied(path.read_text(encoding="utf-8"), edits), encoding="utf-8")
                self.client.workspace_did_change_watched_files(
                    types.DidChangeWatchedFilesParams([types.FileEvent(uri, types.FileChangeType.Changed)])
                )

        for move in moves:
            self.move(move.old_uri, move.new_uri)

    def move(self, old_uri: str, new_uri: str) -> None:
        """Gives a file another path; a buffer of it is closed, and opened under the new one."""
        old, new = Path(to_fs_path(old_uri) or ""), Path(to_fs_path(new_uri) or "")
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
        text = self.buffers.pop(old_uri, None)
        if text is not None:
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(old_uri)))
            self.open(new.relative_to(self.folders[0]).as_posix(), text)
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [
                    types.FileEvent(old_uri, types.FileChangeType.Deleted),
                    types.FileEvent(new_uri, types.FileChangeType.Created),
                ]
            )
        )

    def _create(self, change: types.CreateFile) -> None:
        path = Path(to_fs_path(change.uri) or "")
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    # --- requests -----------------------------------------------------------------------------------------

    async def complete(self, path: str, text: str) -> list[types.CompletionItem]:
        """Types a text (opening or changing the buffer) and completes at ``$0``."""
        position = self.open(path, text) if self.uri(path) not in self.buffers else self.change(path, text)
        assert position is not None
        return (await self.complete_at(path, position)).items

    async def complete_at(self, path: str, position: types.Position) -> types.CompletionList:
        """Completes at a position."""
        answer = await self._soon(
            self.client.text_document_completion_async(
                types.CompletionParams(types.TextDocumentIdentifier(self.uri(path)), position)
            )
        )
        assert isinstance(answer, types.CompletionList), answer
        return answer

    def accept(self, path: str, item: types.CompletionItem) -> str:
        """Accepts an item into the buffer and returns the new text."""
        assert isinstance(item.text_edit, types.TextEdit)
        self.apply(types.WorkspaceEdit(changes={self.uri(path): [item.text_edit]}))
        return self.buffers[self.uri(path)]

    async def hover(self, path: str, position: types.Position) -> str | None:
        """The hover's text at a position."""
        answer = await self._soon(
            self.client.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), position)
            )
        )
        if answer is None:
            return None
        assert isinstance(answer.contents, types.MarkupContent)
        return answer.contents.value

    async def actions(
        self, path: str, range_: types.Range, diagnostics: Sequence[types.Diagnostic] = ()
    ) -> list[types.CodeAction]:
        """The code actions of a range."""
        answer = await self._soon(
            self.client.text_document_code_action_async(
                types.CodeActionParams(
                    types.TextDocumentIdentifier(self.uri(path)),
                    range_,
                    types.CodeActionContext(diagnostics=list(diagnostics)),
                )
            )
        )
        return [a for a in answer or [] if isinstance(a, types.CodeAction)]

    async def run(self, action: types.CodeAction) -> Any:
        """Carries an action out, as an editor does: the edit, then the command."""
        assert action.disabled is None, action.disabled
        if action.edit:
            self.apply(action.edit)
        if action.command:
            return await self.command(action.command.command, *(action.command.arguments or []))
        return None

    async def command(self, command: str, *arguments: Any) -> Any:
        """Runs a command; its result as plain JSON."""
        answer = await self._soon(
            self.client.workspace_execute_command_async(
                types.ExecuteCommandParams(command, arguments=list(arguments) or None)
            )
        )
        return _plain(answer)

    async def _soon(self, answer: Awaitable[Any]) -> Any:
        return await asyncio.wait_for(answer, PATIENCE)


class _Client(LanguageClient):
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


def _make_client() -> _Client:
    client = _Client(protocol_cls=RecordingProtocol, converter_factory=_converter)
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


def _plain(value: Any) -> Any:
    """pygls' attribute objects → plain JSON."""
    if hasattr(value, "_asdict"):
        return {k: _plain(v) for k, v in value._asdict().items()}
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return {k: _plain(v) for k, v in vars(value).items()}
    return value
