"""``textDocument/completion`` and ``completionItem/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.lsp import convert
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session


def completion(session: Session, params: types.CompletionParams) -> Json | None:
    """Completes at a position; None in a file that is none of ours."""
    document = session.document(params.text_document.uri)
    if document is None:
        return None
    folder = session.folder_of(document.uri)
    number = session.folder_number(folder.uri) if folder else None
    positions = Positions(document.lines, session.client.encoding)
    return convert.completion_list(
        complete(session.analysis(document.uri), document, positions.offset(params.position), datetime.now(UTC)),
        positions,
        label_details=session.client.label_details,
        item_defaults=session.client.item_defaults,
        snippets=session.client.snippets,
        data=lambda key: [number, key.kind, *key.values.items()],
    )


def resolve(session: Session, item: Any) -> Json:
    """Adds an item's documentation, from what the item itself says and nothing else.

    An item that is none of ours, or whose data is not ours any more, is given back as it came.
    """
    found = _documentation_key(item.get("data")) if isinstance(item, dict) else None
    if found is None:
        return Json(item)
    number, key = found
    folder = session.folder_numbered(number)
    text = document_item(folder.analysis, key, datetime.now(UTC)) if folder else ""
    if not text:
        return Json(item)
    content = convert.markup(text, session.client.completion_formats)
    return Json({**item, "documentation": {"kind": content.kind.value, "value": content.value}})


def _documentation_key(data: Any) -> tuple[int, DocumentationKey] | None:
    """The folder's number and the key that ``completion`` put into an item; None for anything else."""
    match data:
        case [int(number), str(kind), *values] if all(_is_value(value) for value in values):
            return number, DocumentationKey(kind, dict(values))
    return None


def _is_value(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
