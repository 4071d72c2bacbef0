"""The files of ``registry renumber``: their new texts are written beside them before the registry is changed.

So whatever can be wrong with a file is found while nothing has changed. Once the registry has the new codes, the texts
only have to take the place of the old ones: first the registry YAML, then the entity files. A run that is killed in
between can be run again: as long as a file has the old code, its entity is found, with the code that the registry has
given it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from specql_lsp.cli.files import kept_for_us
from specql_lsp.cli.output import CommandError
from specql_lsp.cli.written_codes import file_with_code
from specql_lsp.language import table_code as codes
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy
from specql_lsp.replaced_files import StagedFiles


class NewCode(NamedTuple):
    """An entity's new code, and the files that get it."""

    entity: str
    previous_code: str
    table_code: str
    uris: tuple[str, ...]


class RenumberedFiles:
    """The texts that wait. At the end of the ``with`` block those that were not put are removed.

    Meanwhile no other process of ours changes the registry YAML.

    Args:
        registry_file: the registry YAML, and how it is called in sentences; None: it is left as it is.
    """

    def __init__(self, registry_file: tuple[Path, str] | None) -> None:
        self._registry_file = registry_file
        self._staged = StagedFiles()
        self._lock = contextlib.ExitStack()
        self.yaml_changes = False
        """Whether the registry YAML is among the files that were staged."""

    def __enter__(self) -> Self:
        if self._registry_file is not None:
            self._lock.enter_context(kept_for_us(self._registry_file[0]))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._staged.discard()
        self._lock.close()

    def stage(self, new: Iterable[NewCode], differences: Sequence[Discrepancy], registry: Snapshot) -> None:
        """Writes the new texts beside the files; what was staged before is forgotten.

        Args:
            new: the entities that get other codes.
            differences: what differs between the registry and its YAML, and is put into the YAML.
            registry: what it holds then.

        Raises:
            CommandError: a file cannot be read, changed or written; none was.
            Refused: the registry YAML cannot be read or changed; no file was.
        """
        self._staged.discard()
        self.yaml_changes = False
        if self._registry_file is not None and differences:
            self._stage_registry(*self._registry_file, differences, registry)
        for each in new:
            for uri in each.uris:
                path, text = file_with_code(uri, each.entity, each.table_code, each.previous_code)
                self._stage(path, text, path.name)

    def _stage_registry(self, path: Path, name: str, differences: Sequence[Discrepancy], registry: Snapshot) -> None:
        from specql_lsp.registry.yaml_edits.files import edited_file

        file = edited_file(path, differences, registry, datetime.now(UTC))
        for refused in file.resolution.refused:
            raise Refused(RefusalKind.CONFLICT, f"{name} cannot be changed. {refused.message}")
        if file.text is not None:
            self._stage(path, file.text, name)
            self.yaml_changes = True

    def _stage(self, path: Path, text: str, name: str) -> None:
        try:
            self._staged.stage(path, text)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CommandError("file-unwritable", f"The file {name} cannot be written ({reason}).") from None

    def put(self) -> None:
        """Gives the files their texts.

        Raises:
            CommandError: one could not be replaced; those after it have the old codes.
        """
        try:
            self._staged.put()
        except OSError as error:
            name = Path(error.filename).name
            message = f"The registry has the new codes, but the file {name} cannot be written ({error.strerror})."
            raise CommandError("file-unwritable", f"{message} Run the command again when it can.") from None


def to_put_into_yaml(postgresql: Snapshot, yaml: Snapshot, renumbered: Iterable[tuple[str, str]]) -> list[Discrepancy]:
    """What a renumbering changes in the registry YAML beside PostgreSQL.

    Args:
        postgresql: the registry after it.
        yaml: what the YAML holds.
        renumbered: the entities that get other codes, each as the number of its domain and its name.

    Returns:
        How these entities differ, and those that share a code in the YAML alone: that is what a run leaves that was
        killed before it changed the YAML.
    """
    concerned = {(domain.upper(), entity.lower()) for domain, entity in renumbered}
    holders: dict[str, set[tuple[str, str]]] = {}
    for domain, _, entity in yaml.registrations():
        key = (domain.number.upper(), entity.name.lower())
        holders.setdefault(codes.normalize(entity.table_code), set()).add(key)
    for shared in holders.values():
        if len(shared) > 1:
            concerned |= shared
    return [
        each
        for each in compare(postgresql, yaml)
        if each.entity is not None and (each.domain.upper(), each.entity.lower()) in concerned
    ]
