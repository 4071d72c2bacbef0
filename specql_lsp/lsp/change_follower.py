"""What follows from a change of the workspace: findings are published, files are checked, files are read."""

from __future__ import annotations

from collections.abc import Mapping

from specql_lsp.lsp.diagnostics_scheduler import DiagnosticsScheduler
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.workspace.changes import Invalidated


class ChangeFollower:
    """Has everything done that changes invalidate; on the event loop.

    Args:
        tasks: where files are read.
        folders: the workspace folders by URI.
        diagnostics: what publishes, checks and reads.
    """

    def __init__(self, tasks: Tasks, folders: Mapping[str, Folder], diagnostics: DiagnosticsScheduler) -> None:
        self._tasks = tasks
        self._folders = folders
        self._diagnostics = diagnostics

    def follow(self, invalidated: Invalidated) -> None:
        """Has everything done that follows from a change."""
        self._diagnostics.follow(invalidated)
        for uri, path in invalidated.unread:
            folder = self._folders.get(uri)
            if folder is None:
                continue
            if path == folder.path:
                self._tasks.spawn(self._diagnostics.scan(folder))
            elif path == folder.registry_path:
                self._tasks.spawn(self._diagnostics.reader.registry_file(folder))
            else:
                self._tasks.spawn(self._diagnostics.reader.file(folder, path))
