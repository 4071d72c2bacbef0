"""``textDocument/hover``."""

from __future__ import annotations

from datetime import UTC, datetime

from lsprotocol import types

from specql_lsp.features.hover import hover as answer_hover
from specql_lsp.lsp import convert
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session


def hover(session: Session, params: types.HoverParams) -> Json | None:
    """What is at a position; None where there is nothing to say."""
    document = session.document(params.text_document.uri)
    if document is None:
        return None
    positions = Positions(document.lines, session.client.encoding)
    offset = positions.offset(params.position)
    answer = answer_hover(session.analysis(document.uri), document, offset, datetime.now(UTC))
    return convert.hover(answer, positions, session.client.hover_formats) if answer else None
