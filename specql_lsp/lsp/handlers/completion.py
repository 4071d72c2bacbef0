"""``textDocument/completion`` and ``completionItem/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.lsp import convert
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session


def completion(session: Session, params: types.CompletionParams) -> types.CompletionList | None:
    """Completes at a position; None in a file that is none of ours."""
    document = session.document(params.text_document.uri)
    if document is None:
        return None
    positions = Positions(document.lines, session.client.encoding)
    answer = complete(session.analysis(document.uri), document, positions.offset(params.position))
    items = [
        convert.completion_item(
            item,
            positions,
            label_details=session.client.label_details,
            data=_data(document.uri, item.documentation) if item.documentation else None,
        )
        for item in answer.items
    ]
    return types.CompletionList(is_incomplete=answer.incomplete, items=items)


def resolve(session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """Adds an item's documentation, from what the item itself says and nothing else."""
    data = item.data
    if isinstance(data, dict) and isinstance(data.get("kind"), str) and isinstance(data.get("values"), dict):
        key = DocumentationKey(data["kind"], {str(k): str(v) for k, v in data["values"].items()})
        analysis = session.analysis(str(data.get("uri", "")))
        text = document_item(analysis, key, datetime.now(UTC))
        if text:
            item.documentation = convert.markup(text, session.client.completion_formats)
    return item


def _data(uri: str, key: DocumentationKey) -> dict[str, Any]:
    return {"uri": uri, "kind": key.kind, "values": dict(key.values)}
