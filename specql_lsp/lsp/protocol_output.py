"""What the protocol sends: answers, errors, notifications. An error is a sentence, never an exception's traceback."""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from specql_lsp.lsp.answers import Json, JsonText
from specql_lsp.lsp.writer import MessageWriter
from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from cattrs import Converter

logger = logging.getLogger(__name__)

_HEADERS = "Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"

AnyFuture = Future[Any] | asyncio.Future[Any]


class ProtocolOutput(LanguageServerProtocol):
    """pygls' protocol where ours differs in what is sent; ``SpecqlProtocol`` has the rest."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._answered: str | int | None = None
        """The id of the request that is handled now and was answered before (``SpecqlProtocol.receive_answered``)."""

    @property
    def converter(self) -> Converter:
        """Converts between JSON and lsprotocol's types."""
        return self._converter

    def notify_text(self, method: str, params: str) -> None:
        """Sends a notification whose parameters are the text of their JSON already, which is ASCII."""
        self._send_text(f'{{"jsonrpc": "{self.VERSION}", "method": "{method}", "params": {params}}}')

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

    def _refuse(self, identifier: str | int | None, error: JsonRpcException) -> None:
        if self._has_answered(identifier, error):
            return
        logger.warning("A message is refused: %s", error)
        refusal = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": refusal})
