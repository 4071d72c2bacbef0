"""Edits and code actions → the protocol's WorkspaceEdit and CodeAction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lsprotocol import types

from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.workspace.documents import Document

DocumentFor = Callable[[str], Document | None]


class EditConverter:
    """Turns edits into a workspace edit, with versions where the client takes them."""

    def __init__(
        self, encoding: Encoding, document_for: DocumentFor, uri_for: UriFor, *, document_changes: bool
    ) -> None:
        self._encoding = encoding
        self._document_for = document_for
        self._uri_for = uri_for
        self._document_changes = document_changes

    def workspace_edit(self, edits: Mapping[str, Sequence[TextEdit]]) -> types.WorkspaceEdit:
        """The workspace edit of the edits of documents, by URI; a document that does not exist any more is left out."""
        changes: list[types.TextDocumentEdit] = []
        for uri, group in edits.items():
            document = self._document_for(uri)
            if document is None:
                continue
            positions = Positions(document.lines, self._encoding)
            text_edits = [types.TextEdit(positions.range(e.span), e.new_text) for e in group]
            identifier = types.OptionalVersionedTextDocumentIdentifier(self._uri_for(uri), document.version)
            changes.append(types.TextDocumentEdit(identifier, list(text_edits)))
        if self._document_changes:
            return types.WorkspaceEdit(document_changes=list(changes))
        plain = {c.text_document.uri: [e for e in c.edits if isinstance(e, types.TextEdit)] for c in changes}
        return types.WorkspaceEdit(changes=plain)

    def code_action(
        self, uri: str, action: CodeAction, diagnostics: list[types.Diagnostic], *, disabled_support: bool
    ) -> types.CodeAction | None:
        """The protocol's form of an action for a document; None if it is disabled and the client cannot show that."""
        if action.disabled and not disabled_support:
            return None
        command = None
        if action.command and not action.disabled:
            command = types.Command(action.title, action.command.command, arguments=[dict(action.command.arguments)])
        return types.CodeAction(
            title=action.title,
            kind=types.CodeActionKind.QuickFix
            if action.kind is ActionKind.QUICK_FIX
            else types.CodeActionKind.RefactorRewrite,
            diagnostics=diagnostics or None,
            is_preferred=action.preferred or None,
            disabled=types.CodeActionDisabled(action.disabled) if action.disabled else None,
            edit=self.workspace_edit({uri: action.edits}) if action.edits and not action.disabled else None,
            command=command,
        )
