"""PostgreSQL and the registry YAML, for scripts: what differs, and making one side hold what the other holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from specql_lsp.registry.consistency.comparison import consistency_report
from specql_lsp.registry.opened import OpenedRegistry
from specql_lsp.registry.refusals import refuse_unwritable
from specql_lsp.registry.state import Discrepancy

if TYPE_CHECKING:
    from specql_lsp.registry.consistency.resolution import RefusedDiscrepancy, Resolution
    from specql_lsp.registry.requests import EntityMove


class ComparedRegistry(OpenedRegistry):
    """What a script does with discrepancies."""

    def check_consistency(self) -> dict[str, Any]:
        """Reads both sides now and compares them (the result of ``specql.checkConsistency``).

        Raises:
            Refused: kind ``registry-unavailable``: one of the two cannot be read.
        """
        self.refresh()
        return self.consistency()

    def consistency(self) -> dict[str, Any]:
        """As ``check_consistency``, but from what is known now: the sides as they were last read."""
        return consistency_report(self.state, datetime.now(UTC), yaml_problem=self._service.yaml_problem)

    def resolve_discrepancies(
        self, keep: str, discrepancies: Sequence[Discrepancy] | None = None, *, dry_run: bool = False
    ) -> Resolution:
        """Makes one side hold what the other holds: the YAML by one edit of the file, PostgreSQL in one transaction.

        Args:
            keep: whose side is kept: ``postgresql`` or ``yaml``.
            discrepancies: those of ``state.discrepancies`` to resolve; None: all.
            dry_run: only finds out what would be resolved, from what is known now.

        Returns:
            Which were resolved, and why others were refused; those hinder nothing else.

        Raises:
            Refused: kind ``registry-unavailable`` if one of the two cannot be read, ``conflict`` if the side that is
                kept holds nothing at all, or as ``Registry.allocate``.
            OSError: the file cannot be written; it is as it was.
            ValueError: ``keep`` is neither of the two.
        """
        from specql_lsp.registry.consistency.resolution import plan_keep_yaml, refuse_emptying, still_differing

        if keep not in {"postgresql", "yaml"}:
            raise ValueError("keep must be 'postgresql' or 'yaml'")
        yaml, found = still_differing(self.state, discrepancies, self._service.yaml_problem)
        refuse_emptying(self.state, keep, discrepancies, found.resolved)
        if keep == "postgresql":
            return self._keep_postgresql(found.resolved, dry_run=dry_run).refusing(found.refused)
        refuse_unwritable(self.state.provenance)
        if dry_run:
            return plan_keep_yaml(self.snapshot, yaml, found.resolved).resolution.refusing(found.refused)
        return self._wait(self._service.keep_yaml(found.resolved)).refusing(found.refused)

    def refused_move_in_yaml(self, request: EntityMove) -> RefusedDiscrepancy | None:
        """What the registry YAML could not follow of a move that is still to be made; None where it could.

        None also where the YAML cannot be compared. It is found out from what is known now.

        Raises:
            Refused: the move itself, as ``Registry.move_entity``.
        """
        from specql_lsp.registry.consistency.comparison import compare_all, path_key
        from specql_lsp.registry.corrections import move_entity
        from specql_lsp.registry.sources.memory import InMemorySource
        from specql_lsp.registry.yaml_edits.files import edited_file

        refuse_unwritable(self.state.provenance)
        state = self.state
        if state.discrepancies is None or state.yaml is None:
            return None
        moved = InMemorySource(self.snapshot)
        moved.change(lambda snapshot: move_entity(snapshot, request))
        known = {path_key(each) for each in state.discrepancies}
        new = [each for each in compare_all(moved.known, state.yaml) if path_key(each) not in known]
        made = edited_file(self._yaml_path, new, moved.known, datetime.now(UTC))
        return next(iter(made.resolution.refused), None)

    def _keep_postgresql(self, discrepancies: Sequence[Discrepancy], *, dry_run: bool) -> Resolution:
        from specql_lsp.file_locks import folder_locked
        from specql_lsp.registry.consistency.resolution import settled_meanwhile
        from specql_lsp.registry.yaml_edits.files import edited_file
        from specql_lsp.replaced_files import replace_file

        if dry_run:
            return edited_file(self._yaml_path, discrepancies, self.snapshot, datetime.now(UTC)).resolution
        with folder_locked(self._yaml_path):
            snapshot = self.snapshot
            self.refresh()  # another process may have had the lock
            if self.state.discrepancies is not None:
                snapshot = self.snapshot
            left, settled = settled_meanwhile(self.state, discrepancies)
            file = edited_file(self._yaml_path, left, snapshot, datetime.now(UTC))
            if file.text is not None:
                file.refuse_changed()
                replace_file(self._yaml_path, file.text)
                self.refresh()
        return file.resolution._replace(resolved=(*settled, *file.resolution.resolved))
