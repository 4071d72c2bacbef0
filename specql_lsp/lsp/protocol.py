"""pygls' protocol where ours differs: documents are our own, errors are sentences, nothing is kept after its end.

Each difference has its reason in a pygls 2.1 behaviour; ``tests/lsp/test_pygls_pitfalls.py`` shows each of them, and
fails when a newer pygls makes the difference needless.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import sys
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import (
    FeatureRequestError,
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer
from pygls.protocol import JsonRPCNotification, JsonRPCRequestMessage, LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from specql_lsp.lsp.answers import Json, JsonText
from specql_lsp.lsp.capabilities import initialize_result
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.message_input import receive_messages
from specql_lsp.lsp.routes import NOTIFICATIONS, REQUESTS
from specql_lsp.lsp.stream import MAX_BODY_BYTES, MessageStream
from specql_lsp.lsp.writer import MessageWriter
from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from cattrs import Converter

    from specql_lsp.lsp.start import FirstMessage

logger = logging.getLogger(__name__)

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
"""Messages that are handled at once, also while the workspace folders are opened."""

RAW = frozenset({types.INITIALIZE, *(route.method for route in (*REQUESTS, *NOTIFICATIONS) if route.raw)})
"""Methods whose parameters reach their handlers as JSON.

A change that cannot be read must be reported, and an item that is resolved is returned unchanged. Of the
client's capabilities a tenth is read: structuring all of them would build a hundred classes.
"""


_HEADERS = "Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"

CANCEL_SECONDS = 2.0
"""So long ``shutdown`` waits for requests that were cancelled."""

AnyFuture = Future[Any] | asyncio.Future[Any]


class SpecqlProtocol(LanguageServerProtocol):
    """The protocol of our server.

    The built-in handlers of documents and folders are switched off by overriding them with methods that carry no
    method name: pygls' documents split lines where LSP does not, and its generator handlers leave a future behind for
    every notification (pygls issues 607 and 608). pygls' workspace is not used.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._holders = 0
        self._held: deque[Any] = deque()
        self._is_initialized = False
        self._answered: str | int | None = None
        self._shutting_down: AnyFuture | None = None
        self._on_held: Callable[[], object] = lambda: None

    @property
    def converter(self) -> Converter:
        """Converts between JSON and lsprotocol's types."""
        return self._converter

    # Messages that are held.

    def hold(self, on_held: Callable[[], object] = lambda: None) -> None:
        """Holds the client's requests and notifications, in their order, until ``release``.

        While workspace folders are opened, answers would lack them. Each ``hold`` needs its own ``release``.

        Args:
            on_held: called before each message that is held.
        """
        self._holders += 1
        self._on_held = on_held

    def release(self) -> None:
        """Handles the messages that were held, unless another ``hold`` is in force."""
        self._holders -= 1
        while self._held and not self._holders:
            message = self._held.popleft()
            try:
                self._hand_over(message)
            except Exception:  # the messages after it are handled all the same
                logger.exception("A message could not be handled")

    def handle_message(self, message: Any) -> None:
        """Handles a message, now or after ``release``."""
        method = getattr(message, "method", None)
        if method == types.SHUTDOWN:
            self._cancel_held()
            self._hand_over(message)
            self._shutdown = True  # at once: what follows is refused
            self._shutting_down = self._request_futures.get(getattr(message, "id", ""))
            return
        if method == types.EXIT and self._shutting_down is not None and not self._shutting_down.done():
            # A client that does not wait gets the answer to its shutdown all the same.
            self._shutting_down.add_done_callback(lambda _: self.handle_message(message))
            return
        if self._holders and method is not None and method not in NEVER_HELD:
            try:
                self._on_held()
            except Exception:  # the message's own handler answers with the same failure
                logger.exception("The session could not begin")
            else:
                self._held.append(message)
                return
        self._hand_over(message)

    def _hand_over(self, message: Any) -> None:
        """Calls the handler of a request or notification.

        pygls' own function compares the message's attributes with protocols, for longer than some answers take.
        """
        context = contextvars.copy_context()
        if hasattr(message, "id"):
            context.run(self._handle_request, message.id, message.method, message.params)
        else:
            context.run(self._handle_notification, message.method, message.params)

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
        if _identifier({"id": msg_id}) is not None and not isinstance(self._request_futures.get(msg_id), Future):
            super()._handle_cancel_notification(msg_id)

    def _answer_cancelled(self, msg_id: str | int) -> None:
        self._send_response(msg_id, error=JsonRpcRequestCancelled("The request was cancelled.").to_response_error())

    def lsp_text_document__did_open(self, params: Any) -> None:
        """Not registered; see the class."""

    def lsp_text_document__did_change(self, params: Any) -> None:
        """Not registered; see the class."""

    def lsp_text_document__did_close(self, params: Any) -> None:
        """Not registered; see the class."""

    def lsp_workspace__did_change_workspace_folders(self, params: Any) -> None:
        """Not registered; see the class."""

    # pygls' own handlers of these notifications are generators; each call would leave a future behind (issue 607).

    @lsp_method(types.INITIALIZED)
    def lsp_initialized(self, *arguments: Any) -> None:
        """Begins the session."""
        self.fm.features[types.INITIALIZED](*arguments)

    @lsp_method(types.SET_TRACE)
    def lsp_set_trace(self, params: types.SetTraceParams) -> None:  # type: ignore[override]
        """Takes the level of the client's trace."""
        self.trace = params.value

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Nothing of ours reports progress that could be cancelled."""

    # What the client sends.

    def receive_answered(self, body: bytes) -> None:
        """Handles a request that has been answered already: everything happens but for the answer."""
        self._answered = _identifier(json.loads(body))
        self.receive(body)
        self._answered = None

    def receive(self, body: bytes | None) -> None:
        """Handles the body of a message; None for one that was too long to be read."""
        if body is None:
            self._refuse(None, JsonRpcInvalidRequest(f"A message may have at most {MAX_BODY_BYTES} bytes."))
            return
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, JsonRpcParseError("A message is not JSON."))
            return
        if isinstance(data, list):
            # LSP has no batches, but a client that sends one waits for an answer to each of its requests.
            error = JsonRpcInvalidRequest("A message is one JSON object; batches are not part of LSP.")
            requests = [item for item in data if isinstance(item, dict) and "method" in item and "id" in item]
            for identifier in [_identifier(item) for item in requests] or [None]:
                self._refuse(identifier, error)
        elif not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._refuse(_identifier(data), JsonRpcInvalidRequest("A message is a JSON object of JSON-RPC 2.0."))
        elif "method" in data:
            self._receive_call(data)
        elif "id" in data and ("result" in data or "error" in data):
            self._receive_response(data)
        else:
            self._refuse(_identifier(data), JsonRpcInvalidRequest("A message has a method, or answers one of ours."))

    def _receive_call(self, data: dict[str, Any]) -> None:
        method, identifier = data["method"], _identifier(data)
        is_request = "id" in data
        try:
            if not isinstance(method, str) or (is_request and identifier is None):
                raise JsonRpcInvalidRequest("A method is a text, an id a text or an integer.")
            self._check_life_cycle(method)
            if not self._is_known(method):
                raise JsonRpcMethodNotFound.of(redact(method))
            message = self._call(data)
        except JsonRpcException as error:
            if is_request or not isinstance(method, str):
                self._refuse(identifier, error)
            else:
                logger.warning("The notification %s is ignored: %s", method, error)
            return
        self.handle_message(message)

    def _is_known(self, method: str) -> bool:
        # pygls handles the one without registering it.
        return method in self.fm.features or method in self.fm.builtin_features or method == types.CANCEL_REQUEST

    def _check_life_cycle(self, method: str) -> None:
        """Refuses what may not be sent now (LSP 3.17, "Lifecycle Messages")."""
        if method == types.EXIT:
            return
        if self._shutdown:
            raise JsonRpcInvalidRequest("The server was shut down; only exit can follow.")
        if method == types.INITIALIZE:
            if self._is_initialized:
                raise JsonRpcInvalidRequest("The server is initialized already.")
        elif not self._is_initialized:
            raise JsonRpcServerNotInitialized("The server has not been initialized.")

    def _call(self, data: dict[str, Any]) -> Any:
        """A request or notification as lsprotocol's type, or with its parameters as JSON."""
        method = data["method"]
        if method == types.INITIALIZE and not isinstance(data.get("params"), dict):
            raise _unreadable(method)
        kind = None if method in RAW else self.get_message_type(method)
        if kind is None:
            if "id" in data:
                return JsonRPCRequestMessage(data["id"], method, self.VERSION, data.get("params"))
            return JsonRPCNotification(method, self.VERSION, data.get("params"))
        try:
            return self._converter.structure(data, kind)
        except Exception:
            logger.debug("The parameters of %s cannot be read", method, exc_info=True)
            raise _unreadable(method) from None

    def _receive_response(self, data: dict[str, Any]) -> None:
        """Delivers the answer to a request of ours; an answer that cannot be read is delivered as a failure."""
        identifier = _identifier(data)
        waiting = self._request_futures.get(identifier) if identifier is not None else None
        if identifier is None or not isinstance(waiting, Future):  # a request of the client has no concurrent future
            logger.warning("An answer to no request of ours is ignored.")
            return
        kind = self._result_types.pop(identifier, None)
        del self._request_futures[identifier]
        if waiting.done():
            return
        try:
            if "error" in data:
                error = self._converter.structure(data["error"], types.ResponseError)
                waiting.set_exception(JsonRpcException.from_error(error))
            else:
                waiting.set_result(self._converter.structure(data, kind).result if kind else data["result"])
        except Exception:
            logger.debug("An answer cannot be read", exc_info=True)
            waiting.set_exception(JsonRpcException("The client's answer is not what the protocol says."))

    def _refuse(self, identifier: str | int | None, error: JsonRpcException) -> None:
        if self._has_answered(identifier, error):
            return
        logger.warning("A message is refused: %s", error)
        refusal = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": refusal})

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: dict[str, Any]) -> Generator[Any, Any, Json]:  # type: ignore[override]
        """Answers ``initialize``; from then on the client may send anything else.

        pygls' own would structure everything that the client can do, and open its workspace, which fails for a root
        that is no URI.
        """
        yield self.fm.features[types.INITIALIZE], (params,), None
        self._is_initialized = True
        return Json(initialize_result(ClientObject(params)))

    def notify_json(self, method: str, params: dict[str, Any]) -> None:
        """Sends a notification whose parameters are JSON already."""
        self._send_data({"jsonrpc": self.VERSION, "method": method, "params": params})

    def sending_together(self) -> AbstractContextManager[None]:
        """Sends the messages of a block in one piece at its end (``MessageWriter.together``)."""
        return self.writer.together() if isinstance(self.writer, MessageWriter) else nullcontext()

    def _send_response(self, msg_id: str | int, result: Any = None, error: types.ResponseError | None = None) -> None:
        if self._has_answered(msg_id, error):
            return
        if error is not None:
            error.message = redact(error.message)  # it may repeat what the client sent
        if error is None and isinstance(result, JsonText):
            self._send_text(f'{{"jsonrpc": "{self.VERSION}", "id": {json.dumps(msg_id)}, "result": {result.text}}}')
        elif error is None and isinstance(result, Json):
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result.value})
        else:
            super()._send_response(msg_id, result, error)

    def _send_data(self, data: Any) -> None:
        self._send_text(json.dumps(data, default=self._serialize_message))

    def _send_text(self, body: str) -> None:
        """Sends a message by the text of its JSON, which is ASCII.

        Raises:
            BrokenPipeError: the client is gone.
        """
        if self.writer is None:
            logger.error("A message cannot be sent: there is no stream.")
            return
        logger.info("Sending data: %s", body)
        try:
            self.writer.write(f"{_HEADERS % len(body)}{body}".encode("ascii"))
        except BrokenPipeError:
            raise
        except (OSError, ValueError):  # the stream is closed: the client has left without reading
            logger.exception("A message could not be sent")

    def _has_answered(self, identifier: str | int | None, error: object) -> bool:
        """Whether a request was answered before it was handled (``receive_answered``)."""
        if self._answered is None or identifier != self._answered:
            return False
        if error is not None:
            logger.error("A request that was answered already has failed: %s", error)
        return True

    def _send_handler_result(self, future: AnyFuture, *, msg_id: str | int) -> None:
        """Answers a request with what its handler gave: the result, the future of it, or an error.

        pygls knows no handler that makes its context at once and its answer later, and it logs every error that a
        handler answers with as a failure, with a traceback.
        """
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            logger.info("The request %s is answered with an error: %s", msg_id, redact(error.message))
            self._send_response(msg_id, error=error.to_response_error())
        elif not future.cancelled() and error is None and isinstance(answer := future.result(), asyncio.Future):
            self._request_futures[msg_id] = answer  # type: ignore[assignment]  # pygls knows no other
            answer.add_done_callback(partial(self._send_handler_result, msg_id=msg_id))
        else:
            super()._send_handler_result(future, msg_id=msg_id)  # type: ignore[arg-type]

    @lsp_method(types.SHUTDOWN)
    async def lsp_shutdown(self, *_arguments: Any) -> None:  # type: ignore[override]
        """Ends the session; every request that still runs is answered first, as cancelled.

        pygls answers ``shutdown`` before them.
        """
        try:
            self.fm.features[types.SHUTDOWN](None)
        finally:
            own = asyncio.current_task()
            futures: list[AnyFuture] = list(self._request_futures.values())
            running = [each for each in futures if each is not own and not each.done()]
            for each in running:
                each.cancel()
            requests = [each for each in running if isinstance(each, asyncio.Future)]
            if requests:
                await asyncio.wait(requests, timeout=CANCEL_SECONDS)
            await asyncio.sleep(0)  # the answers of those that the worker ended are on their way

    async def until_shut_down(self) -> None:
        """Waits until ``shutdown`` has been answered, if it was requested."""
        if isinstance(self._shutting_down, asyncio.Future):
            await asyncio.wait([self._shutting_down])

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
        return await command(argument)


def _unreadable(method: str) -> JsonRpcInvalidParams:
    return JsonRpcInvalidParams(f"The parameters of {method} are not what the protocol says.")


def _identifier(data: Any) -> str | int | None:
    """The id of a message; None where it has none, or one that is neither a text nor an integer."""
    value = data.get("id") if isinstance(data, dict) else None
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


class SpecqlServer(LanguageServer):
    """pygls' server with our protocol, which shows no exception's text to the user."""

    protocol: SpecqlProtocol
    on_end: Callable[[], object] = staticmethod(lambda: None)
    """Called on the event loop when the client has left, with or without ``shutdown``."""

    first: FirstMessage | None = None
    """What was read from the client, and perhaps answered, before there was a server."""

    def start_io(self, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> None:
        """Serves on two streams, this process's own by default, until the client leaves.

        pygls would take only one spelling of the headers, drop what is no JSON, and read every object inside the
        parameters that has a key "jsonrpc" as a message.
        """
        self._stop_event = Event()
        self.protocol.set_writer(MessageWriter(stdout or sys.stdout.buffer))
        try:
            asyncio.run(self._serve((stdin or sys.stdin.buffer).fileno()))
        except BrokenPipeError:
            logger.error("The client is gone.")
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self.shutdown()  # type: ignore[no-untyped-call]

    async def _serve(self, descriptor: int) -> None:
        stream = MessageStream()
        try:
            if self.first is not None:
                self._receive(self.first.body, is_answered=self.first.is_answered)
                stream = self.first.stream
            await receive_messages(descriptor, stream, self._receive)
            await self.protocol.until_shut_down()
        finally:
            self.on_end()

    def _receive(self, body: bytes | None, *, is_answered: bool = False) -> None:
        try:
            if is_answered and body is not None:
                self.protocol.receive_answered(body)
            else:
                self.protocol.receive(body)
        except Exception as error:  # whatever it is, the next message is handled
            self.report_server_error(error, JsonRpcException)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Logs what pygls would show: an exception's text may hold a password. Requests log their own failures."""
        if source is FeatureRequestError:
            return
        doing = getattr(source, "__name__", source)
        logger.error("A message could not be handled (%s): %s", doing, error, extra={"error": error})
