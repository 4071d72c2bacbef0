"""``textDocument/completion`` and ``completionItem/resolve``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.lsp import convert
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.protocol import Json
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


def resolve(session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """Adds an item's documentation, from what the item itself says and nothing else."""
    match item.data:
        case [number, str(kind), *values]:
            key = DocumentationKey(kind, {str(name): str(value) for name, value in values})
            folder = session.folder_numbered(number)
            text = document_item(folder.analysis, key, datetime.now(UTC)) if folder else ""
            if text:
                item.documentation = convert.markup(text, session.client.completion_formats)
    return item
