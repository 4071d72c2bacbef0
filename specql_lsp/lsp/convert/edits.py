"""Edits and code actions → the protocol's WorkspaceEdit and CodeAction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lsprotocol import types

from specql_lsp.features.model import CodeAction, NewFile
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.workspace.documents import Document


def text_edits(edits: Iterable[TextEdit], positions: Positions) -> list[types.TextEdit]:
    """Edits of one document."""
    return [types.TextEdit(positions.range(edit.span), edit.new_text) for edit in edits]


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

    def workspace_edit(
        self, edits: Mapping[str, Sequence[TextEdit]], new_files: Sequence[NewFile] = ()
    ) -> types.WorkspaceEdit:
        """The workspace edit of the edits of documents, by URI; a document that does not exist any more is left out.

        Args:
            edits: the edits by the document's URI.
            new_files: files to create first; only for a client that creates files (``Client.creates_files``).
        """
        changes: list[types.TextDocumentEdit] = []
        for uri, group in edits.items():
            document = self._document_for(uri)
            if document is None:
                continue
            positions = Positions(document.lines, self._encoding)
            identifier = types.OptionalVersionedTextDocumentIdentifier(self._uri_for(uri), document.version)
            changes.append(types.TextDocumentEdit(identifier, list(text_edits(group, positions))))
        if self._document_changes or new_files:
            created = (part for file in new_files for part in self._created(file))
            return types.WorkspaceEdit(document_changes=[*created, *changes])
        plain = {c.text_document.uri: [e for e in c.edits if isinstance(e, types.TextEdit)] for c in changes}
        return types.WorkspaceEdit(changes=plain)

    def _created(self, file: NewFile) -> tuple[types.CreateFile, types.TextDocumentEdit]:
        """Creates a file that does not exist, and writes its text."""
        uri = self._uri_for(file.uri)
        start = types.Position(0, 0)
        text = types.TextEdit(types.Range(start, start), file.text)
        return (
            types.CreateFile(uri, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=False)),
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), [text]),
        )

    def edit_of(self, uri: str, action: CodeAction) -> types.WorkspaceEdit:
        """What an action for a document changes."""
        edits = action.all_edits()
        elsewhere = {each.document.uri: each.edits for each in action.elsewhere}
        return self.workspace_edit({uri: edits, **elsewhere} if edits else elsewhere, action.new_files)

    def code_action(
        self,
        uri: str,
        action: CodeAction,
        diagnostics: list[types.Diagnostic],
        *,
        disabled_support: bool,
        data: dict[str, Any] | None,
    ) -> types.CodeAction | None:
        """The protocol's form of an action for a document; None if it is disabled and the client cannot show that.

        Args:
            uri: the document's.
            action: the action.
            diagnostics: those of the client's that it fixes.
            disabled_support: whether the client shows an action that is disabled.
            data: what finds the action again when it is resolved, instead of its edit; None: the edit is sent now.
        """
        if action.disabled and not disabled_support:
            return None
        command = None
        if action.command and not action.disabled:
            command = types.Command(action.title, action.command.command, arguments=[dict(action.command.arguments)])
        has_edit = action.has_edit and not action.disabled
        return types.CodeAction(
            title=action.title,
            kind=action.kind.value,
            diagnostics=diagnostics or None,
            is_preferred=action.preferred or None,
            disabled=types.CodeActionDisabled(action.disabled) if action.disabled else None,
            edit=self.edit_of(uri, action) if has_edit and data is None else None,
            command=command,
            data=data if has_edit else None,
        )
