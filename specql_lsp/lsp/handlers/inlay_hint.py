"""``textDocument/inlayHint``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.inlay_hints import HintKind, inlay_hints
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.request_context import DocumentContext, position_data

_TYPE = 1
"""LSP 3.17, "InlayHintKind"."""


def inlay_hint(context: DocumentContext, params: types.InlayHintParams) -> Json:
    """The hints in a range; what more there is to say is asked for by ``inlayHint/resolve``."""
    hints = inlay_hints(context.analysis, context.document, context.positions.span(params.range))
    return Json(
        [
            {
                "position": context.positions.json_position(hint.offset),
                "label": hint.label,
                **({"kind": _TYPE} if hint.kind is not HintKind.CODE else {}),
                "paddingLeft": hint.kind is not HintKind.REFERENCE,
                "paddingRight": False,
                "data": position_data(context, hint.subject),
            }
            for hint in hints
        ]
    )
