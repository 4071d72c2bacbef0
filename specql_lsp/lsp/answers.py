"""How a handler's answer, refusal or failure becomes what the client gets: errors are sentences of ours."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from specql_lsp.registry.refusals import Refused

logger = logging.getLogger(__name__)

REQUEST_FAILED = -32803
"""LSP's RequestFailed: a request that was understood, but could not be done (LSP 3.17, "ErrorCodes")."""


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is JSON already.

    Building lsprotocol's objects and taking them apart again is half the time of a long completion list.
    """

    value: Any


def refusal(error: Refused) -> JsonRpcException:
    """A refusal as an LSP error: the sentence for the user, and its kind for programs."""
    # The sentence may repeat an argument of the client's, such as a URI.
    return JsonRpcException(redact(error.message), code=REQUEST_FAILED, data={"kind": error.kind.value})


def answering(what: str, handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """A handler whose unexpected failure is logged and answered with a sentence of ours.

    pygls would send the exception's text, which may hold a password, and a traceback.
    """
    from specql_lsp.registry.refusals import Refused

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
