"""What this session's user changed in the registries, and in their YAMLs, as far as the sides differ there."""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.registry.model import RegistryNode, RegistryPath
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

_Place = tuple[RegistryPath, str | None]
"""Where two registries differ: the path, and the attribute if both have what is there."""


class OwnChanges:
    """The places of own changes, by the URI of the folder. On the event loop."""

    def __init__(self) -> None:
        self._paths: dict[str, set[RegistryPath]] = {}
        self._typed: dict[str, set[_Place]] = {}

    def add(self, folder: str, paths: Iterable[RegistryPath]) -> None:
        """Takes note of a change that the registry has made."""
        self._paths.setdefault(folder, set()).update(path.folded for path in paths)

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
        if paths:
            paths.intersection_update([_path(each) for each in discrepancies])
        if typed:
            typed.intersection_update([_place(each) for each in discrepancies])

    def among(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are due to own changes of the registry itself."""
        paths = self._paths.get(folder)
        return [each for each in discrepancies if _path(each) in paths] if paths else []

    def others(self, folder: str, discrepancies: Iterable[Discrepancy]) -> list[Discrepancy]:
        """The discrepancies that are not due to the user, neither in the registry nor in its YAML."""
        return [each for each in discrepancies if not self.is_own(folder, each)]

    def is_own(self, folder: str, discrepancy: Discrepancy) -> bool:
        """Whether a discrepancy is due to the user, who changed the registry or edited its YAML."""
        paths, typed = self._paths.get(folder, ()), self._typed.get(folder, ())
        return _path(discrepancy) in paths or _place(discrepancy) in typed


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
