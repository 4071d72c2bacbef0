"""pygls' server with our protocol: it serves on two streams until the client leaves."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, BinaryIO

from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer

from specql_lsp.lsp.message_input import receive_messages
from specql_lsp.lsp.protocol import SpecqlProtocol
from specql_lsp.lsp.stream import MessageStream
from specql_lsp.lsp.writer import MessageWriter

if TYPE_CHECKING:
    from specql_lsp.lsp.start import FirstMessage

logger = logging.getLogger(__name__)


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
