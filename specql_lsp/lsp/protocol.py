"""pygls' protocol where ours differs: documents are our own, errors are sentences, nothing is kept after its end.

Each difference has its reason in a pygls 2.1 behaviour; a newer pygls may make it needless.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInvalidParams, JsonRpcRequestCancelled
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from specql_lsp.registry.model import Refused

logger = logging.getLogger(__name__)

CommandHandler = Callable[[dict[str, Any]], Awaitable[Any]]

REQUEST_FAILED = -32803
"""LSP's RequestFailed: a request that was understood, but could not be done (LSP 3.17, "ErrorCodes")."""


NEVER_HELD = frozenset(
    {
        types.INITIALIZE,
        types.INITIALIZED,
        types.SHUTDOWN,
        types.EXIT,
        types.CANCEL_REQUEST,
        types.SET_TRACE,
        types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
    }
)
"""Messages that are handled at once, whatever else waits for the workspace folders."""


def refusal(error: Refused) -> JsonRpcException:
    """A refusal as an LSP error: the sentence for the user, and its kind for programs."""
    # The sentence may repeat an argument of the client's, such as a URI.
    return JsonRpcException(redact(error.message), code=REQUEST_FAILED, data={"kind": error.kind.value})


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is JSON already.

    Building lsprotocol's objects and taking them apart again is half the time of a long completion list.
    """

    value: Any


class SpecqlProtocol(LanguageServerProtocol):
    """The protocol of our server.

    The built-in document handlers are switched off by overriding them with methods that carry no method name:
    pygls' documents split lines where LSP does not, and its generator handlers leave a future behind for every
    notification (pygls issues 607 and 608).
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._holders = 0
        self._held: deque[Any] = deque()
        self._on_held: Callable[[], object] = lambda: None

    def hold(self, on_held: Callable[[], object] = lambda: None) -> None:
        """Keeps the client's requests and notifications back, in their order, until ``release``.

        While workspace folders are being opened, an answer would be made without them. Each ``hold`` needs its own
        ``release``.

        Args:
            on_held: called before each message that is kept back.
        """
        self._holders += 1
        self._on_held = on_held

    def release(self) -> None:
        """Handles what was kept back, unless another ``hold`` is still in force."""
        self._holders -= 1
        while self._held and not self._holders:
            message = self._held.popleft()
            try:
                super().handle_message(message)
            except Exception:  # the messages behind it must not wait for ever
                logger.exception("A message could not be handled")

    def handle_message(self, message: Any) -> None:
        """Handles a message, now or after ``release``."""
        method = getattr(message, "method", None)
        if method == types.SHUTDOWN:
            self._cancel_held()
        if self._holders and method is not None and method not in NEVER_HELD:
            try:
                self._on_held()
            except Exception:  # the message's own handler answers with the same failure
                logger.exception("The session could not begin")
            else:
                self._held.append(message)
                return
        super().handle_message(message)

    def _cancel_held(self) -> None:
        held, self._held = self._held, deque()
        for message in held:
            if hasattr(message, "id"):
                self._answer_cancelled(message.id)

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        for message in self._held:
            if getattr(message, "id", None) == msg_id:
                self._held.remove(message)
                self._answer_cancelled(msg_id)
                return
        super()._handle_cancel_notification(msg_id)

    def _answer_cancelled(self, msg_id: str | int) -> None:
        self._send_response(msg_id, error=JsonRpcRequestCancelled("The request was cancelled.").to_response_error())

    def lsp_text_document__did_open(self, params: Any) -> None:
        """Not registered; see the class."""

    def lsp_text_document__did_change(self, params: Any) -> None:
        """Not registered; see the class."""

    def lsp_text_document__did_close(self, params: Any) -> None:
        """Not registered; see the class."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Reads a message. pygls drops a request with wrong parameters; who asked would wait for ever, so we answer."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if isinstance(data.get("method"), str) and isinstance(data.get("id"), str | int):
                error = JsonRpcInvalidParams(f"The parameters of {data['method']} are not what the protocol says.")
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def _send_response(self, msg_id: str | int, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None:
            error.message = redact(error.message)  # it may repeat what the client sent
        if error is None and isinstance(result, Json):
            self._result_types.pop(msg_id, None)
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result.value})
        else:
            super()._send_response(msg_id, result, error)

    @property
    def was_shut_down(self) -> bool:
        """Whether the client asked for ``shutdown``; pygls swallows the exit status that it means."""
        return self._shutdown

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:  # type: ignore[override]
        """Runs a command of the contract.

        pygls would keep the future of the command's own handler for ever; awaiting it here keeps only the request's.

        Raises:
            JsonRpcException: the command is unknown, its argument is no object, or it was refused.
        """
        command = self.fm.commands.get(params.command)
        if command is None:
            raise JsonRpcInvalidParams(redact(f"There is no command {params.command}."))
        arguments = params.arguments or [{}]
        argument = arguments[0] if arguments[0] is not None else {}
        if len(arguments) > 1 or not isinstance(argument, dict):
            raise JsonRpcInvalidParams(f"{params.command} takes one JSON object as its only argument.")
        return await answering(params.command, command)(argument)


def answering(what: str, handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """A handler whose unexpected failure is logged and answered with a sentence of ours.

    pygls would send the exception's text, which may hold a password, and a traceback.
    """
    from specql_lsp.registry.model import Refused

    async def run(*arguments: Any) -> Any:
        try:
            return await handler(*arguments)
        except Refused as error:
            raise refusal(error) from None
        except JsonRpcException:
            raise
        except Exception:
            logger.exception("%s failed", what)
            raise JsonRpcException(_apology(what), code=REQUEST_FAILED) from None

    return run


def answering_now(what: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """As ``answering``, for a handler that runs at once on the event loop."""

    def run(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except JsonRpcException:
            raise
        except Exception:
            logger.exception("%s failed", what)
            raise JsonRpcException(_apology(what), code=REQUEST_FAILED) from None

    return run


def noticing(what: str, handler: Callable[..., None]) -> Callable[..., None]:
    """A notification's handler whose failure is logged: the client did not ask, so it is told nothing."""

    def run(*arguments: Any) -> None:
        try:
            handler(*arguments)
        except Exception:
            logger.exception("%s failed", what)

    return run


def _apology(what: str) -> str:
    return f"specql-lsp could not answer {what}: an error of its own, written to its log."


class SpecqlServer(LanguageServer):
    """pygls' server with our protocol, which shows no exception's text to the user."""

    protocol: SpecqlProtocol

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Logs what pygls would show: an exception's text may hold a password. Requests log their own failures."""
        if source is FeatureRequestError:
            return
        logger.error("A message could not be handled (%s): %s", getattr(source, "__name__", source), error)
