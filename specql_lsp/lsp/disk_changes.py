"""What changes on the disk: events of files and folders, and looks by time for clients that watch nothing.

An event only says where to look. What has become of a file is read from the disk, off the event loop.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.workspace.uris import canonical, path_of

EVENTS_MS = 10
"""Events within so many milliseconds are followed together."""
MANY_EVENTS = 100
"""More events at once are sorted off the event loop: a checkout sends thousands."""
PAUSE_FACTOR = 20
"""Looking through a folder takes at most one part in so many of the time."""


class Touch(NamedTuple):
    """What events say of one workspace folder."""

    folder: Folder
    paths: list[Path]
    """Files and folders to look at."""
    registry: bool
    """Whether the registry's YAML or snapshot, or a folder around one, is among them."""


def touched(folders: Iterable[Folder], uris: Iterable[str]) -> list[Touch]:
    """Which folders events concern, by the URIs of what was made, changed or removed."""
    paths = [path for uri in uris if (path := path_of(canonical(uri))) is not None]
    return [_touch(folder, paths) for folder in folders]


def _touch(folder: Folder, paths: list[Path]) -> Touch:
    around_registry = {folder.registry_path, *folder.registry_path.parents}
    if folder.snapshot_file is not None:
        around_registry |= {folder.snapshot_file, *folder.snapshot_file.parents}
    if folder.path is None:
        return Touch(folder, [], registry=not around_registry.isdisjoint(paths))
    around_folder = set(folder.path.parents)
    looked_at = [path for path in paths if path in around_folder or (folder.holds(path) and folder.reaches(path))]
    return Touch(folder, looked_at, registry=not around_registry.isdisjoint(paths))


class DiskChanges:
    """Follows what changes on the disk in the folders of one session; on the event loop.

    Args:
        tasks: where folders are looked through.
        folders: the workspace folders by URI.
        read: reads and checks the files of a folder that have changed, and forgets those that are gone.
        registry_changed: follows that a folder's registry YAML may have changed.
        reload_settings: reads a folder's ``specql-lsp.toml`` again.
    """

    def __init__(
        self,
        tasks: Tasks,
        folders: Mapping[str, Folder],
        read: Callable[[Folder, Sequence[Path]], Awaitable[None]],
        registry_changed: Callable[[Folder], None],
        reload_settings: Callable[[Folder], None],
    ) -> None:
        self._tasks = tasks
        self._folders = folders
        self._read = read
        self._registry_changed = registry_changed
        self._reload_settings = reload_settings
        self._paths: dict[str, dict[Path, None]] = {}
        self._timers = Debouncer()

    def close(self) -> None:
        """Ends every look that is still to come."""
        self._timers.close()

    def events(self, uris: list[str]) -> None:
        """Follows that files and folders were made, changed or removed (``workspace/didChangeWatchedFiles``).

        What has become of them is looked up on the disk. Of a folder that was moved or removed, some clients report
        nothing but the folder itself (VS Code).
        """
        if len(uris) <= MANY_EVENTS:
            self._follow_events(touched(self._folders.values(), uris))
        else:
            self._tasks.spawn(self._follow_many(uris))

    async def _follow_many(self, uris: list[str]) -> None:
        folders = list(self._folders.values())
        self._follow_events(await self._tasks.in_thread(lambda: touched(folders, uris)))

    def _follow_events(self, touches: list[Touch]) -> None:
        for folder, paths, registry in touches:
            if folder.closed:
                continue
            if registry:
                self._registry_changed(folder)
            self.changed(folder, paths)

    def changed(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Follows that files or folders were made, changed or removed, soon."""
        if not paths:
            return
        known = self._paths.setdefault(folder.uri, {})
        if not known:
            self._timers.call(f"events:{folder.uri}", EVENTS_MS, lambda: self._follow(folder))
        known.update(dict.fromkeys(paths))

    def _follow(self, folder: Folder) -> None:
        paths = list(self._paths.pop(folder.uri, ()))
        if paths and not folder.closed:
            self._tasks.spawn(self._look(folder, paths))

    async def look_through(self, folder: Folder) -> None:
        """Looks at every file of a folder, and reads those that are not as they were last read."""
        if folder.path is not None:
            await self._look(folder, [folder.path])

    async def _look(self, folder: Folder, paths: Sequence[Path]) -> None:
        """Reads the files among some paths, those that have changed beneath them, and forgets those that are gone."""
        root = folder.path
        if root is None:
            return
        inside = list(dict.fromkeys(path if path.is_relative_to(root) else root for path in paths))

        def changed() -> list[Path]:
            present = [path for within in inside for path in folder.entity_paths(within)]
            return folder.recent.changed(present, inside)

        await self._read(folder, await self._tasks.in_thread(changed))

    # Clients that watch nothing.

    def look_by_time(self, folder: Folder) -> None:
        """Looks through a folder again and again, about as often as its registry is read."""
        self._look_after(folder, 0.0)

    def stop(self, folder: Folder) -> None:
        """Follows nothing more in a folder."""
        self._timers.cancel(f"time:{folder.uri}")
        self._timers.cancel(f"events:{folder.uri}")
        self._paths.pop(folder.uri, None)

    def _look_after(self, folder: Folder, took: float) -> None:
        pause = max(folder.settings.registry.refresh_seconds, took * PAUSE_FACTOR)
        self._timers.call(f"time:{folder.uri}", pause * 1000, lambda: self._tasks.spawn(self._by_time(folder)))

    async def _by_time(self, folder: Folder) -> None:
        if folder.closed:
            return
        self._reload_settings(folder)
        began = time.monotonic()
        if folder.indexed and not folder.closed:
            await self.look_through(folder)
        if not folder.closed:  # new settings of its registry close it; then another one is looked through
            self._look_after(folder, time.monotonic() - began)
