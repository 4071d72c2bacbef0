"""The plan of a rename → the JSON of the protocol's WorkspaceEdit: it may have a thousand files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specql_lsp.features.rename.model import ChangeGroup, FileEdits, FileMove, RenamePlan
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Positions

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client


def workspace_edit(plan: RenamePlan, client: Client, uri_for: UriFor, *, offered: str | None = None) -> dict[str, Any]:
    """The workspace edit, with versions, labels and the file's move where the client takes them.

    Args:
        plan: the rename.
        client: what the client can do.
        uri_for: our URI → the client's spelling of it.
        offered: of a rename that the user has not asked for, the label of all of it. A client asks before it makes
            such changes, unless it asks about every edit that follows a file (``Client.asks_about_moves``).
    """
    move = plan.move if client.renames_files else None
    if not client.document_changes and move is None:
        changes = {uri_for(f.document.uri): _text_edits(f, client, None) for f in plan.files}
        return {"changes": changes}
    labels = _Labels(plan, client, offered) if client.change_annotations else None
    documents: list[dict[str, Any]] = [_document_edit(file, client, uri_for, labels) for file in plan.files]
    if move is not None:
        documents.append(_rename(move, uri_for, labels))
    edit: dict[str, Any] = {"documentChanges": documents}
    if labels is not None and labels.used:
        edit["changeAnnotations"] = labels.used
    return edit


class _Labels:
    """The labels of the groups of changes; those that are used, by the identifiers that changes refer to."""

    def __init__(self, plan: RenamePlan, client: Client, offered: str | None) -> None:
        self._plan = plan
        self._needs_confirmation = offered is not None and not client.asks_about_moves
        self._offered = offered
        self.used: dict[str, dict[str, Any]] = {}

    def of(self, group: ChangeGroup) -> str | None:
        """The identifier of a group; None where its changes have no label."""
        if self._offered is None and group is ChangeGroup.OWN_FILE:
            return None
        identifier = "offered" if self._offered is not None else group.name.lower().replace("_", "-")
        self.used[identifier] = {
            "label": self._offered or group.value,
            # Where it is true, VS Code leaves the change out unless the user ticks it, and references would break.
            "needsConfirmation": self._needs_confirmation,
            "description": f"{self._plan.old} → {self._plan.new}",
        }
        return identifier


def _document_edit(file: FileEdits, client: Client, uri_for: UriFor, labels: _Labels | None) -> dict[str, Any]:
    document = file.document
    identifier = labels.of(file.group) if labels is not None else None
    return {
        "textDocument": {"uri": uri_for(document.uri), "version": document.version},
        "edits": _text_edits(file, client, identifier),
    }


def _text_edits(file: FileEdits, client: Client, identifier: str | None) -> list[dict[str, Any]]:
    positions = Positions(file.document.lines, client.encoding)
    label = {"annotationId": identifier} if identifier is not None else {}
    return [{"range": positions.json_range(edit.span), "newText": edit.new_text, **label} for edit in file.edits]


def _rename(move: FileMove, uri_for: UriFor, labels: _Labels | None) -> dict[str, Any]:
    identifier = labels.of(ChangeGroup.FILE_NAME) if labels is not None else None
    return {
        "kind": "rename",
        "oldUri": uri_for(move.old_uri),
        "newUri": uri_for(move.new_uri),
        "options": {"overwrite": False, "ignoreIfExists": False},
        **({"annotationId": identifier} if identifier is not None else {}),
    }
