"""``codeLens/resolve``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.code_lenses import counted
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert import navigation
from specql_lsp.lsp.request_context import DocumentContext, RequestContext

SHOW_REFERENCES = "specql.showReferences"
"""The client's command that shows places: the document's URI, a position, locations."""


def code_lens_resolve(context: RequestContext, lens: Any) -> Json:
    """Counts the references, also where the text has changed since the lens was given.

    A lens whose entity is not there any more gets no number; VS Code takes one without a command for an error.
    """
    if "command" in lens:
        return Json(lens)
    offset = _entity(context, lens)
    if offset is None or not isinstance(context, DocumentContext):
        return Json({**lens, "command": {"title": "references", "command": ""}})
    title, places = counted(
        context.analysis, context.document, offset, read=context.read, check=context.cancelled.check
    )
    command: dict[str, Any] = {"title": title, "command": ""}
    if context.client.shows_references and places:
        uri = context.client_uri(context.document.uri)
        locations = navigation.locations(places, context.client.encoding, context.client_uri)
        arguments = [uri, lens["range"]["start"], context.client.as_json(locations)]
        command = {"title": title, "command": SHOW_REFERENCES, "arguments": arguments}
    return Json({**lens, "command": command})


def _entity(context: RequestContext, lens: Any) -> int | None:
    """Where the name of the lens's entity is now; None if the document has no such entity."""
    match lens:
        case {"data": {"entity": str(name)}} if isinstance(context, DocumentContext):
            names = (entity.name for entity in context.document.entities if entity.name is not None)
            return next((each.text_span.start for each in names if each.value == name), None)
    return None
