"""What this session's user changed in the registries themselves, as far as a registry YAML does not have it yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from specql_lsp.registry.consistency.counters import COUNTER
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.state import Discrepancy


class OwnChanges:
    """The paths of own changes, by the URI of the folder. On the event loop.

    The counter of a subdomain moves with what is registered there, and stays where it is when that is released or
    moved away: where it differs, that is due to any own change within the subdomain.
    """

    def __init__(self) -> None:
        self._paths: dict[str, set[RegistryPath]] = {}
        self._held: Counter[str] = Counter()
        """How many edits of each folder's YAML are being made."""

    def add(self, folder: str, paths: Iterable[RegistryPath]) -> None:
        """Takes note of a change that the registry has made."""
        self._paths.setdefault(folder, set()).update(path.folded for path in paths)

    def hold(self, folder: str) -> None:
        """Keeps everything until ``let_go``: an edit of the YAML is being made, of which no state knows yet."""
        self._held[folder] += 1

    def let_go(self, folder: str) -> None:
        """Ends what ``hold`` began."""
        self._held[folder] -= 1

    def settle(self, folder: str, discrepancies: Iterable[Discrepancy]) -> None:
        """Forgets what does not differ any more: whatever differs there from now on is another matter."""
        paths = self._paths.get(folder)
        if paths and not self._held[folder]:
            differing = list(discrepancies)
            whole = {_path(each) for each in differing}
            counters = {_path(each) for each in differing if each.attribute == COUNTER}
            paths -= {path for path in paths if path not in whole and path._replace(entity=None) not in counters}

    def among(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are due to own changes."""
        return [each for each, is_own in self._judged(folder, discrepancies) if is_own]

    def others(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are not."""
        return [each for each, is_own in self._judged(folder, discrepancies) if not is_own]

    def _judged(self, folder: str, discrepancies: Iterable[Discrepancy]) -> Iterator[tuple[Discrepancy, bool]]:
        paths = self._paths.get(folder, set())
        places = {path._replace(entity=None) for path in paths}
        for each in discrepancies:
            path = _path(each)
            yield each, path in paths or (each.attribute == COUNTER and path in places)


def _path(discrepancy: Discrepancy) -> RegistryPath:
    return RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity).folded
