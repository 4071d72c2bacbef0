"""What this session's user changed in the registries themselves, as far as a registry YAML does not have it yet."""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.state import Discrepancy


class OwnChanges:
    """The paths of own changes, by the URI of the folder. On the event loop."""

    def __init__(self) -> None:
        self._paths: dict[str, set[RegistryPath]] = {}

    def add(self, folder: str, paths: Iterable[RegistryPath]) -> None:
        """Takes note of a change that the registry has made."""
        self._paths.setdefault(folder, set()).update(path.folded for path in paths)

    def settle(self, folder: str, discrepancies: Iterable[Discrepancy]) -> None:
        """Forgets what does not differ any more: whatever differs there from now on is another matter."""
        paths = self._paths.get(folder)
        if paths:
            paths.intersection_update([_path(each) for each in discrepancies])

    def among(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are due to own changes."""
        paths = self._paths.get(folder)
        return [each for each in discrepancies if _path(each) in paths] if paths else []

    def others(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are not."""
        paths = self._paths.get(folder, set())
        return [each for each in discrepancies if _path(each) not in paths]


def _path(discrepancy: Discrepancy) -> RegistryPath:
    return RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity).folded
