"""An editor for tests: pytest-lsp's client on the real server process, with buffers, edits applied and waiting."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lsprotocol import types
from pygls.protocol import default_converter

from tests.e2e.buffers import Buffers
from tests.e2e.editor_client import RecordingProtocol, capabilities, make_client, plain
from tests.support.forks import can_be_forked
from tests.support.patience import PATIENCE

REAL_SERVER = [sys.executable, "-m", "specql_lsp"]
PATIENT_SERVER = "tests.support.patient"
SERVER = [sys.executable, "-m", PATIENT_SERVER]
"""The real one, which lets PostgreSQL answer first."""
ROOT = Path(__file__).parents[2]
ALL_FILES = "all files"
"""The token by which the diagnostics of all files are reported to a client that pulls them."""


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


class Editor(Buffers):
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
        super().__init__(make_client(), folders)
        self.settings = settings or {}
        self._options = options
        self._capabilities = client_capabilities or capabilities()
        is_forked = server is None and can_be_forked(environment or {})
        self._fork = [PATIENT_SERVER, *arguments] if is_forked else None
        self._command = [*(server or SERVER), *arguments]
        scrubbed = {k: v for k, v in os.environ.items() if not k.startswith(("SPECQL_", "PG"))}
        variables = {"PYTHONPATH": str(ROOT), **scrubbed, **(environment or {})}
        self._environment = {name: value for name, value in variables.items() if value is not None}
        self.statuses: list[dict[str, Any]] = []
        self.catalog_changes = 0
        """How often the server has said that catalogs changed."""
        self.domain_changes = 0
        """How often the server has said that files changed what is listed of the domains."""
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
        encoding = self.initialized.capabilities.position_encoding or self.encoding
        self.encoding = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
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
            for item in plain(params.value)["items"]:
                diagnostics = default_converter().structure(item["items"], list[types.Diagnostic])
                published(types.PublishDiagnosticsParams(item["uri"], diagnostics, item["version"]))

        @self.client.feature("specql/registryStatus")
        def status(params: Any) -> None:
            self.statuses.append(plain(params))
            self._changed.set()

        @self.client.feature("specql/catalogsChanged")
        def catalogs(_params: Any) -> None:
            self.catalog_changes += 1
            self._changed.set()

        @self.client.feature("specql/domainsChanged")
        def domains(_params: Any) -> None:
            self.domain_changes += 1
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
            wanted = {"source": source, **expected}
            folder = expected.get("folder")
            of_folder = (each for each in reversed(self.statuses) if folder in {None, each["folder"]})
            last = next(of_folder, None)
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

    async def everything_read(self) -> None:
        """Waits until the server has read every file: until then the codes in files count as free."""
        await self.command("specql.allocateMissingCodes", {"dryRun": True})

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
        return plain(answer)

    async def _soon(self, answer: Awaitable[Any]) -> Any:
        return await asyncio.wait_for(answer, PATIENCE)
