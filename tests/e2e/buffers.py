"""Files and buffers of the tests' editor, which sends the server what an editor sends of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import to_fs_path

from tests.e2e.editor_client import Client

CURSOR = "$0"


class Buffers:
    """The documents of one client. Paths are relative to the first folder; texts may hold ``$0`` where the cursor is.

    Args:
        client: what is sent to.
        folders: the workspace folders.

    Attributes:
        buffers: the texts of the open documents, by URI.
        versions: their versions.
    """

    def __init__(self, client: Client, folders: Sequence[Path]) -> None:
        self.client = client
        self.folders = folders
        self.encoding = "utf-16"
        """The negotiated position encoding."""
        self.buffers: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    def path(self, path: str | Path) -> Path:
        return self.folders[0] / path

    def uri(self, path: str | Path) -> str:
        return self.path(path).as_uri()

    def open(self, path: str, text: str | None = None) -> types.Position | None:
        """Opens a file, with its text or another; returns where ``$0`` was."""
        text = self.path(path).read_bytes().decode("utf-8") if text is None else text
        text, position = self._cursor(text)
        uri = self.uri(path)
        self.buffers[uri] = text
        self.versions[uri] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, text))
        )
        return position

    def change(self, path: str, text: str) -> types.Position | None:
        """Replaces the whole text of a buffer; returns where ``$0`` was."""
        text, position = self._cursor(text)
        uri = self.uri(path)
        self.buffers[uri] = text
        self._send_change(uri, [types.TextDocumentContentChangeWholeDocument(text)])
        return position

    def edit(self, path: str, start: tuple[int, int], end: tuple[int, int], new_text: str) -> None:
        """Changes a range (line and character, in the negotiated encoding) incrementally."""
        uri = self.uri(path)
        range_ = types.Range(types.Position(*start), types.Position(*end))
        self.buffers[uri] = self._applied(self.buffers[uri], [types.TextEdit(range_, new_text)])
        self._send_change(uri, [types.TextDocumentContentChangePartial(range=range_, text=new_text)])

    def close(self, path: str) -> None:
        """Closes a buffer."""
        uri = self.uri(path)
        del self.buffers[uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def text(self, path: str) -> str:
        """The buffer's text, or the file's."""
        return self.buffers.get(self.uri(path)) or self.path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Writes a file and tells the server, as a client that watches files does."""
        target = self.path(path)
        kind = types.FileChangeType.Changed if target.exists() else types.FileChangeType.Created
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.tell(path, kind)

    def delete(self, path: str) -> None:
        """Deletes a file and tells the server."""
        self.path(path).unlink()
        self.tell(path, types.FileChangeType.Deleted)

    def tell(self, path: str, kind: types.FileChangeType) -> None:
        """Tells the server of a change on the disk."""
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(self.uri(path), kind)])
        )

    def _send_change(self, uri: str, changes: list[types.TextDocumentContentChangeEvent]) -> None:
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(self.versions[uri], uri), changes)
        )

    def _units(self, text: str) -> int:
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        return len(text.encode(f"{self.encoding}-le" if width > 1 else "utf-8")) // width

    def _cursor(self, text: str) -> tuple[str, types.Position | None]:
        offset = text.find(CURSOR)
        if offset < 0:
            return text, None
        before = text[:offset]
        line = before.count("\n")
        return before + text[offset + len(CURSOR) :], types.Position(
            line, self._units(before[before.rfind("\n") + 1 :])
        )

    def _offset(self, text: str, position: types.Position) -> int:
        lines = text.split("\n")
        start = sum(len(line) + 1 for line in lines[: position.line])
        units = 0
        for column, character in enumerate(lines[position.line]):
            if units >= position.character:
                return start + column
            units += self._units(character)
        return start + len(lines[position.line])

    def _applied(self, text: str, edits: Sequence[Any]) -> str:
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = self._offset(text, edit.range.start), self._offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Makes a workspace edit in the buffers, and in files that are not open, as an editor does."""
        groups: list[tuple[str, Sequence[Any]]] = [*(edit.changes or {}).items()]
        moves: list[types.RenameFile] = []
        for change in edit.document_changes or ():
            if isinstance(change, types.RenameFile):
                moves.append(change)
                continue
            if isinstance(change, types.CreateFile):
                self._create(change)
                continue
            assert isinstance(change, types.TextDocumentEdit)
            groups.append((change.text_document.uri, change.edits))
        for uri, edits in groups:
            if uri in self.buffers:
                self.buffers[uri] = self._applied(self.buffers[uri], edits)
                self._send_change(uri, [types.TextDocumentContentChangeWholeDocument(self.buffers[uri])])
            else:
                path = (
                    next(f for f in self.folders if uri.startswith(f.as_uri()))
                    / uri.split(self.folders[0].as_uri() + "/", 1)[-1]
                )
                path.write_text(self._applied(path.read_text(encoding="utf-8"), edits), encoding="utf-8")
                self.client.workspace_did_change_watched_files(
                    types.DidChangeWatchedFilesParams([types.FileEvent(uri, types.FileChangeType.Changed)])
                )

        for move in moves:
            self.move(move.old_uri, move.new_uri)

    def move(self, old_uri: str, new_uri: str) -> None:
        """Gives a file another path; a buffer of it is closed, and opened under the new one."""
        old, new = Path(to_fs_path(old_uri) or ""), Path(to_fs_path(new_uri) or "")
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
        text = self.buffers.pop(old_uri, None)
        if text is not None:
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(old_uri)))
            self.open(new.relative_to(self.folders[0]).as_posix(), text)
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [
                    types.FileEvent(old_uri, types.FileChangeType.Deleted),
                    types.FileEvent(new_uri, types.FileChangeType.Created),
                ]
            )
        )

    def _create(self, change: types.CreateFile) -> None:
        path = Path(to_fs_path(change.uri) or "")
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
