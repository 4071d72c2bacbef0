"""Edits and code actions → the protocol's WorkspaceEdit and CodeAction."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lsprotocol import types

from specql_lsp.features.model import ActionKind, CodeAction, Edit
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions
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

    def workspace_edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """The workspace edit of some edits; those of documents that are gone are left out."""
        by_uri: dict[str, list[Edit]] = {}
        for edit in edits:
            by_uri.setdefault(edit.uri, []).append(edit)
        changes: list[types.TextDocumentEdit] = []
        for uri, group in by_uri.items():
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
        self, action: CodeAction, diagnostics: list[types.Diagnostic], *, disabled_support: bool
    ) -> types.CodeAction | None:
        """An action as the protocol's; None for a disabled one that the client could not show as such."""
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
            edit=self.workspace_edit(action.edits) if action.edits and not action.disabled else None,
            command=command,
        )
