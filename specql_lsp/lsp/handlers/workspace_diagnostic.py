"""``workspace/diagnostic``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.request_context import RequestContext


def workspace_diagnostic(context: RequestContext, params: Any) -> asyncio.Future[Any]:
    """What is found in all files, as JSON; the request stays open for as long as the client has everything.

    The parameters are JSON: a client may name thousands of files.
    """
    request = ClientObject(params)
    token = request.value("partialResultToken")
    previous = _result_ids(request.value("previousResultIds"))
    return context.session.delivery.pull_workspace(previous, token if isinstance(token, str | int) else None)


def _result_ids(named: object) -> Iterator[tuple[str, str]]:
    """The files that are named, each with the result id; what is not of the expected kind is left out."""
    for each in named if isinstance(named, list) else ():
        uri, value = (each.get("uri"), each.get("value")) if isinstance(each, dict) else (None, None)
        if isinstance(uri, str) and isinstance(value, str):
            yield uri, value
