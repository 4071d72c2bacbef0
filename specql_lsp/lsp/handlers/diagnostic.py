"""``textDocument/diagnostic``."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types

from specql_lsp.lsp.request_context import RequestContext
from specql_lsp.workspace.uris import canonical


def diagnostic(context: RequestContext, params: types.DocumentDiagnosticParams) -> asyncio.Future[Any]:
    """What is found in a document, when it has been checked; of a file that is not open, what is known of it."""
    uri = canonical(params.text_document.uri)
    return context.session.delivery.pull_document(uri, params.previous_result_id)
