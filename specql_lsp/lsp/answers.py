"""Converts a handler's answer or failure to what the client receives: every error is a sentence of ours.

pygls would send an exception's text, which may hold a password, and a traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from specql_lsp.lsp.cancellation import Cancelled
from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from specql_lsp.registry.refusals import Refused

logger = logging.getLogger(__name__)

REQUEST_FAILED = -32803
"""LSP's RequestFailed: a request that was understood, but could not be done (LSP 3.17, "ErrorCodes")."""


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is JSON already: lsprotocol's converter does not walk through it once more."""

    value: Any


@dataclass(frozen=True, slots=True)
class JsonText:
    """An answer that is the text of its JSON already."""

    text: str


def refusal(error: Refused) -> JsonRpcException:
    """A refusal as an LSP error: the sentence for the user, and its kind for programs."""
    # The sentence may repeat an argument of the client's, such as a URI.
    return JsonRpcException(redact(error.message), code=REQUEST_FAILED, data={"kind": error.kind.value})


def internal_error_message(what: str) -> str:
    """The sentence for a failure that is an error of the server's; ``what`` is the method or command."""
    return f"specql-lsp could not answer {what}: an error of its own, written to its log."


@contextmanager
def _guarded(what: str) -> Iterator[None]:
    """Turns every failure into an LSP error; an unexpected one is logged.

    Raises:
        JsonRpcException: for a refusal, its sentence; for an unexpected failure, ``internal_error_message``.
        Cancelled: as it came.
    """
    try:
        yield
    except (JsonRpcException, Cancelled):
        raise
    except Exception as error:
        from specql_lsp.registry.refusals import Refused

        if isinstance(error, Refused):
            raise refusal(error) from None
        logger.exception("%s failed", what)
        raise JsonRpcException(internal_error_message(what), code=REQUEST_FAILED) from None


def guard_async(what: str, handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A coroutine function whose failures are LSP errors.

    Args:
        what: the method or command, for the message and the log.
        handler: the coroutine function.
    """

    async def run(*arguments: Any) -> Any:
        with _guarded(what):
            return await handler(*arguments)

    return run


def guard_sync(what: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """As ``guard_async``, for a function that runs at once on the event loop."""

    def run(*arguments: Any) -> Any:
        with _guarded(what):
            return handler(*arguments)

    return run


def guard_notification(what: str, handler: Callable[..., None]) -> Callable[..., None]:
    """A notification's handler whose failure is only logged: the client expects no answer."""

    def run(*arguments: Any) -> None:
        try:
            handler(*arguments)
        except Exception:
            logger.exception("%s failed", what)

    return run
