"""``completionItem/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from specql_lsp.features.completion import document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.markup import markup_json
from specql_lsp.lsp.request_context import RequestContext


def completion_item_resolve(context: RequestContext, item: Any) -> Json:
    """Adds an item's documentation, which is made from the item's own data.

    An item that is none of ours, or whose data is outdated, is returned unchanged.
    """
    found = _documentation_key(item.get("data")) if isinstance(item, dict) else None
    if found is None:
        return Json(item)
    number, key = found
    folder = context.session.folders.numbered(number)
    text = document_item(folder.analysis, key, datetime.now(UTC)) if folder else ""
    if not text:
        return Json(item)
    return Json({**item, "documentation": markup_json(text, context.client.completion_formats)})


def _documentation_key(data: Any) -> tuple[int, DocumentationKey] | None:
    """The folder's number and the key that ``completion`` put into an item; None for anything else."""
    match data:
        case [int(number), str(kind), *values] if all(_is_value(value) for value in values):
            return number, DocumentationKey(kind, dict(values))
    return None


def _is_value(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
