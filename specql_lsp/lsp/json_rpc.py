"""What the body of a message is: a call of a method, a response to one of ours, or nothing that can be handled.

JSON-RPC 2.0 as LSP uses it. Pure: what may be called, and when, is the protocol's.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcParseError

from specql_lsp.lsp.stream import MAX_BODY_BYTES

VERSION = "2.0"

Identifier = str | int


class Call(NamedTuple):
    """A request, or a notification, which has no id."""

    method: str
    identifier: Identifier | None
    data: dict[str, Any]
    """The whole message."""


class Response(NamedTuple):
    """A response. One whose id is of no request of ours has None."""

    identifier: Identifier | None
    data: dict[str, Any]
    """The whole message."""


class Refused(NamedTuple):
    """What cannot be handled: each of the ids is answered with the error."""

    identifiers: tuple[Identifier | None, ...]
    error: JsonRpcException


def read_message(body: bytes | None) -> Call | Response | Refused:
    """Reads the body of a message; None for one that was too long to be read."""
    if body is None:
        return _refused(None, f"A message may have at most {MAX_BODY_BYTES} bytes.")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return Refused((None,), JsonRpcParseError("A message is not JSON."))
    if isinstance(data, list):
        # LSP has no batches, but a client that sends one waits for an answer to each of its requests.
        requests = [item for item in data if isinstance(item, dict) and "method" in item and "id" in item]
        identifiers = tuple(identifier_of(item) for item in requests) or (None,)
        return Refused(identifiers, JsonRpcInvalidRequest("A message is one JSON object; batches are not part of LSP."))
    identifier = identifier_of(data)
    if not isinstance(data, dict) or data.get("jsonrpc") != VERSION:
        return _refused(identifier, "A message is a JSON object of JSON-RPC 2.0.")
    if "method" in data:
        method = data["method"]
        if not isinstance(method, str) or ("id" in data and identifier is None):
            return _refused(identifier, "A method is a text, an id a text or an integer.")
        return Call(method, identifier, data)
    if "id" in data and ("result" in data or "error" in data):
        return Response(identifier, data)
    return _refused(identifier, "A message has a method, or answers one of ours.")


def identifier_of(data: Any) -> Identifier | None:
    """The id of a message; None where it has none, or one that is neither a text nor an integer."""
    value = data.get("id") if isinstance(data, dict) else None
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _refused(identifier: Identifier | None, message: str) -> Refused:
    return Refused((identifier,), JsonRpcInvalidRequest(message))
