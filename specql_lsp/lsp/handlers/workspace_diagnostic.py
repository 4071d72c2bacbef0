"""``workspace/diagnostic``."""

from __future__ import annotations

import asyncio
from typing import Any

from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.request_context import RequestContext


def workspace_diagnostic(context: RequestContext, params: Any) -> asyncio.Future[Any]:
    """What is found in all files, as JSON; the request stays open for as long as the client has everything.

    The parameters are JSON: a client may name thousands of files.
    """
    request = ClientObject(params)
    previous = {
        uri: value
        for each in request.objects("previousResultIds") or ()
        if (uri := each.text("uri")) is not None and (value := each.text("value")) is not None
    }
    token = request.value("partialResultToken")
    return context.session.delivery.pull_workspace(previous, token if isinstance(token, str | int) else None)
