"""What this session's user changed in the registries, and in their YAMLs, as far as the sides differ there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from specql_lsp.registry.consistency.counters import COUNTER
from specql_lsp.registry.model import RegistryNode, RegistryPath
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

_Place = tuple[RegistryPath, str | None]
"""Where two registries differ: the path, and the attribute if both have what is there."""


class OwnChanges:
    """The places of own changes, by the URI of the folder. On the event loop.

    The counter of a subdomain moves with what is registered there, and stays where it is when that is released or
    moved away: where it differs, that is due to any own change within the subdomain.
    """

    def __init__(self) -> None:
        self._paths: dict[str, set[RegistryPath]] = {}
        self._typed: dict[str, set[_Place]] = {}
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

    def edited(self, folder: str, before: Snapshot, yaml: Snapshot, discrepancies: Iterable[Discrepancy]) -> None:
        """Takes note of what differs because the user edited the YAML.

        Args:
            folder: whose YAML it is.
            before: what it held before the edit.
            yaml: what it holds now.
            discrepancies: what differs now between it and PostgreSQL.
        """
        typed = self._typed.setdefault(folder, set())
        new = (each for each in discrepancies if _place(each) not in typed)
        typed.update([_place(each) for each in new if _held(before, each) != _held(yaml, each)])

    def settle(self, folder: str, discrepancies: Iterable[Discrepancy]) -> None:
        """Forgets what does not differ any more: whatever differs there from now on is another matter."""
        paths, typed = self._paths.get(folder), self._typed.get(folder)
        if self._held[folder] or not (paths or typed):
            return
        differing = list(discrepancies)
        if paths:
            whole = {_path(each) for each in differing}
            counters = {_path(each) for each in differing if each.attribute == COUNTER}
            paths -= {path for path in paths if path not in whole and path._replace(entity=None) not in counters}
        if typed:
            typed.intersection_update([_place(each) for each in differing])

    def among(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are due to own changes of the registry itself."""
        return [each for each, is_own in self._judged(folder, discrepancies) if is_own]

    def others(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are not due to the user, neither in the registry nor in its YAML."""
        typed = self._typed.get(folder, ())
        return [
            each for each, is_own in self._judged(folder, discrepancies) if not is_own and _place(each) not in typed
        ]

    def _judged(self, folder: str, discrepancies: Iterable[Discrepancy]) -> Iterator[tuple[Discrepancy, bool]]:
        """Each discrepancy, and whether it is due to an own change of the registry itself."""
        paths = self._paths.get(folder, set())
        places = {path._replace(entity=None) for path in paths}
        for each in discrepancies:
            path = _path(each)
            yield each, path in paths or (each.attribute == COUNTER and path in places)


def _path(discrepancy: Discrepancy) -> RegistryPath:
    return RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity).folded


def _place(discrepancy: Discrepancy) -> _Place:
    return _path(discrepancy), discrepancy.attribute


def _held(yaml: Snapshot, discrepancy: Discrepancy) -> object:
    """What a YAML holds at a discrepancy: whether there is anything, or the attribute's value."""
    node = _node(yaml, _path(discrepancy))
    if node is None or discrepancy.attribute is None:
        return node is not None
    return getattr(node, discrepancy.attribute, None)


def _node(yaml: Snapshot, path: RegistryPath) -> RegistryNode | None:
    domain = yaml.domain_numbered(path.domain)
    if domain is None or path.subdomain is None:
        return domain
    subdomain = next((each for each in domain.subdomains if each.number.upper() == path.subdomain), None)
    if subdomain is None or path.entity is None:
        return subdomain
    return next((each for each in subdomain.entities if each.name.lower() == path.entity), None)
