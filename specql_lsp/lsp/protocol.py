"""pygls' protocol where ours differs: documents are our own, errors are sentences, nothing is kept after its end.

Each difference has its reason in a pygls 2.1 behaviour; ``tests/lsp/test_pygls_pitfalls.py`` shows each of them, and
fails when a newer pygls makes the difference needless.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCNotification, JsonRPCRequestMessage
from pygls.protocol.language_server import lsp_method

from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.capabilities import initialize_result
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.held_messages import HeldMessages
from specql_lsp.lsp.json_rpc import Call, Refused, Response, identifier_of, read_message
from specql_lsp.lsp.protocol_output import AnyFuture, ProtocolOutput
from specql_lsp.lsp.routes import NOTIFICATIONS, REQUESTS
from specql_lsp.redaction import redact

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


CANCEL_SECONDS = 2.0
"""So long ``shutdown`` waits for requests that were cancelled."""


class SpecqlProtocol(ProtocolOutput):
    """The protocol of our server.

    The built-in handlers of documents and folders are switched off by overriding them with methods that carry no
    method name: pygls' documents split lines where LSP does not, and its generator handlers leave a future behind for
    every notification (pygls issues 607 and 608). pygls' workspace is not used.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._held = HeldMessages(self._hand_over)
        self._is_initialized = False
        self._shutting_down: AnyFuture | None = None

    # Messages that are held.

    def hold(self, on_held: Callable[[], object] = lambda: None) -> None:
        """Holds the client's requests and notifications, in their order, until ``release``.

        While workspace folders are opened, answers would lack them. Each ``hold`` needs its own ``release``.

        Args:
            on_held: called before each message that is held.
        """
        self._held.hold(on_held)

    def release(self) -> None:
        """Handles the messages that were held, unless another ``hold`` is in force."""
        self._held.release()

    def handle_message(self, message: Any) -> None:
        """Handles a message, now or after ``release``."""
        method = getattr(message, "method", None)
        if method == types.SHUTDOWN:
            for identifier in self._held.cancel_all():
                self._answer_cancelled(identifier)
            self._hand_over(message)
            self._shutdown = True  # at once: what follows is refused
            self._shutting_down = self._request_futures.get(getattr(message, "id", ""))
            return
        if method == types.EXIT and self._shutting_down is not None and not self._shutting_down.done():
            # A client that does not wait gets the answer to its shutdown all the same.
            self._shutting_down.add_done_callback(lambda _: self.handle_message(message))
            return
        is_held = method is not None and method not in NEVER_HELD and self._held.take(message)
        if not is_held:
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

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        if self._held.cancel(msg_id):
            self._answer_cancelled(msg_id)
        elif identifier_of({"id": msg_id}) is not None and not isinstance(self._request_futures.get(msg_id), Future):
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
        self._answered = identifier_of(json.loads(body))
        self.receive(body)
        self._answered = None

    def receive(self, body: bytes | None) -> None:
        """Handles the body of a message; None for one that was too long to be read."""
        match read_message(body):
            case Call() as call:
                self._receive_call(call)
            case Response() as response:
                self._receive_response(response)
            case Refused(identifiers, error):
                for identifier in identifiers:
                    self._refuse(identifier, error)

    def _receive_call(self, call: Call) -> None:
        try:
            self._check_life_cycle(call.method)
            if not self._is_known(call.method):
                raise JsonRpcMethodNotFound.of(redact(call.method))
            message = self._structured(call)
        except JsonRpcException as error:
            if call.identifier is not None:
                self._refuse(call.identifier, error)
            else:
                logger.warning("The notification %s is ignored: %s", call.method, error)
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

    def _structured(self, call: Call) -> Any:
        """A request or notification as lsprotocol's type, or with its parameters as JSON."""
        method, identifier, data = call
        if method == types.INITIALIZE and not isinstance(data.get("params"), dict):
            raise _unreadable(method)
        kind = None if method in RAW else self.get_message_type(method)
        if kind is None:
            if identifier is not None:
                return JsonRPCRequestMessage(identifier, method, self.VERSION, data.get("params"))
            return JsonRPCNotification(method, self.VERSION, data.get("params"))
        try:
            return self._converter.structure(data, kind)
        except Exception:
            logger.debug("The parameters of %s cannot be read", method, exc_info=True)
            raise _unreadable(method) from None

    def _receive_response(self, response: Response) -> None:
        """Delivers the answer to a request of ours; an answer that cannot be read is delivered as a failure."""
        identifier, data = response
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

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: dict[str, Any]) -> Generator[Any, Any, Json]:  # type: ignore[override]
        """Answers ``initialize``; from then on the client may send anything else.

        pygls' own would structure everything that the client can do, and open its workspace, which fails for a root
        that is no URI.
        """
        yield self.fm.features[types.INITIALIZE], (params,), None
        self._is_initialized = True
        return Json(initialize_result(ClientObject(params)))

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
