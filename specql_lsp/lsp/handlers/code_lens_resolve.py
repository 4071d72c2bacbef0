"""``codeLens/resolve``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.code_lenses import counted
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import RequestContext, resolved_position

SHOW_REFERENCES = "specql.showReferences"
"""The client's command that shows places: the document's URI, a position, locations."""


def code_lens_resolve(context: RequestContext, lens: Any) -> Json:
    """Counts the references. An outdated lens has no number: VS Code takes one without a command for an error."""
    if "command" in lens:
        return Json(lens)
    found = resolved_position(context, lens)
    if found is None:
        return Json({**lens, "command": {"title": "references", "command": ""}})
    document, offset = found
    title, places = counted(
        document.analysis, document.document, offset, read=document.read, check=document.cancelled.check
    )
    command: dict[str, Any] = {"title": title, "command": ""}
    if context.client.shows_references and places:
        uri = context.client_uri(document.document.uri)
        locations = navigation.locations(places, context.client.encoding, context.client_uri)
        arguments = [uri, lens["range"]["start"], context.client.as_json(locations)]
        command = {"title": title, "command": SHOW_REFERENCES, "arguments": arguments}
    return Json({**lens, "command": command})
