"""``textDocument/signatureHelp``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.signature_help import signature_help as answer
from specql_lsp.lsp.convert.markup import markup
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.request_context import DocumentContext


def signature_help(context: DocumentContext, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The signature of what is open at a position; None if nothing is."""
    shows_generated = bool(context.analysis.settings.language.release)
    found = answer(context.document, context.positions.offset(params.position), shows_generated=shows_generated)
    if found is None:
        return None
    parameters = [
        types.ParameterInformation(
            (_units(found.label, start), _units(found.label, end))
            if context.client.label_offsets
            else found.label[start:end]
        )
        for start, end in found.parameters
    ]
    documentation = markup(found.documentation, context.client.signature_formats)
    signature = types.SignatureInformation(found.label, documentation, parameters, found.active)
    return types.SignatureHelp([signature], active_signature=0, active_parameter=found.active)


def _units(label: str, offset: int) -> int:
    """An offset in a label in UTF-16's units, whatever is negotiated (LSP 3.17, "ParameterInformation")."""
    return Encoding.UTF16.units(label[:offset])
