"""The one place where what features answer becomes protocol types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lsprotocol import types

from specql_lsp.features.markdown import to_plaintext
from specql_lsp.features.model import (
    ActionKind,
    CodeAction,
    CompletionItem,
    CompletionList,
    DocumentationKey,
    Edit,
    Finding,
    Hover,
)
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.positions import Encoding, Positions, place_range
from specql_lsp.workspace.documents import Document

SOURCE = "specql"

UriFor = Callable[[str], str]
"""Our URI of a document → the client's spelling of it."""
DocumentFor = Callable[[str], Document | None]


def diagnostic(finding: Finding, positions: Positions, encoding: Encoding, uri_for: UriFor) -> types.Diagnostic:
    """A finding as the protocol's diagnostic."""
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri_for(r.place.uri), place_range(r.place, encoding)), r.message
        )
        for r in finding.related
    ]
    return types.Diagnostic(
        range=positions.range(finding.span),
        message=finding.message,
        severity=types.DiagnosticSeverity(finding.severity.value),
        code=finding.code,
        source=SOURCE,
        related_information=related or None,
        tags=[types.DiagnosticTag.Unnecessary] if finding.unnecessary else None,
    )


def completion_list(
    answer: CompletionList,
    positions: Positions,
    *,
    label_details: bool,
    item_defaults: bool,
    snippets: bool,
    data: Callable[[DocumentationKey], Any],
) -> Json:
    """Proposals as the protocol's CompletionList; without label details the detail says it all.

    Args:
        answer: the proposals.
        positions: of the document.
        label_details: whether the client shows label details.
        item_defaults: whether it takes the replaced range once for all items (LSP 3.17, "itemDefaults").
        snippets: whether it expands snippets; else it gets their text as it is.
        data: what ``completionItem/resolve`` will need of an item.
    """
    spans = {item.replace for item in answer.items}
    shared = len(spans) == 1 and item_defaults
    ranges = {span: _range(positions.range(span)) for span in spans}
    items = [
        _completion_item(item, None if shared else ranges[item.replace], label_details, snippets, data)
        for item in answer.items
    ]
    body: dict[str, Any] = {"isIncomplete": answer.incomplete, "items": items}
    if shared:
        body["itemDefaults"] = {"editRange": next(iter(ranges.values()))}
    return Json(body)


def _completion_item(
    item: CompletionItem,
    range_: dict[str, Any] | None,
    label_details: bool,  # noqa: FBT001 - called once for each of a hundred items
    snippets: bool,  # noqa: FBT001
    data: Callable[[DocumentationKey], Any],
) -> dict[str, Any]:
    body: dict[str, Any] = {"label": item.label, "kind": item.kind.value}
    new_text = item.new_text
    if snippets and item.snippet:
        new_text = item.snippet
        body["insertTextFormat"] = types.InsertTextFormat.Snippet.value
    if range_ is None:
        if new_text != item.label:
            body["textEditText"] = new_text
    else:
        body["textEdit"] = {"range": range_, "newText": new_text}
    detail = item.detail
    if item.description:
        if label_details:
            body["labelDetails"] = {"description": item.description}
        else:
            detail = f"{detail} · {item.description}" if detail else item.description
    if detail:
        body["detail"] = detail
    if item.preselect:
        body["preselect"] = True
    if item.sort_text:
        body["sortText"] = item.sort_text
    if item.filter_text and item.filter_text != item.label:
        body["filterText"] = item.filter_text
    if item.documentation is not None:
        body["data"] = data(item.documentation)
    return body


def location(client_uri: str, range_: types.Range) -> dict[str, Any]:
    """The protocol's Location, as JSON."""
    return {"uri": client_uri, "range": _range(range_)}


def _range(range_: types.Range) -> dict[str, Any]:
    start, end = range_.start, range_.end
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }


def markup(markdown: str, formats: Iterable[str]) -> types.MarkupContent:
    """A text in the first of the client's formats that we can write; plain text where it names none."""
    for kind in formats:
        if kind == types.MarkupKind.Markdown:
            return types.MarkupContent(types.MarkupKind.Markdown, markdown)
        if kind == types.MarkupKind.PlainText:
            break
    return types.MarkupContent(types.MarkupKind.PlainText, to_plaintext(markdown))


def hover(answer: Hover, positions: Positions, formats: Iterable[str]) -> Json:
    """A hover as the protocol's."""
    content = markup(answer.markdown, formats)
    return Json(
        {
            "contents": {"kind": content.kind.value, "value": content.value},
            "range": _range(positions.range(answer.span)),
        }
    )


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
