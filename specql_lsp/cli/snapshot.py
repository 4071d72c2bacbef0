"""What ``specql-lsp registry snapshot`` does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from specql_lsp.cli.files import read_text_exactly, replace_text
from specql_lsp.cli.options import Invocation
from specql_lsp.cli.output import REFUSED, Answer, CommandError
from specql_lsp.cli.views import operations
from specql_lsp.config import Backend
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.sources.snapshot_file.format import (
    TakenSnapshot,
    is_replaceable,
    same_but_for_the_time,
    snapshot_text,
)
from specql_lsp.registry.state import Provenance, Source


def take_snapshot(invocation: Invocation, file: str | None) -> Answer:
    """Writes the registry into a file, unless it holds the same registry already.

    Args:
        invocation: the command's.
        file: relative to the working directory; None: the text is printed.

    Raises:
        CommandError: the registry that the settings want cannot be read now, or its rules cannot; or the file cannot
            be read or written, or holds something else than a snapshot.
    """
    taken = _taken(invocation)
    text = snapshot_text(taken)
    document = {
        "path": file or "-",
        "changed": True,
        "takenAt": timestamp(taken.taken_at),
        "source": taken.source.value,
        "location": taken.location,
    }
    if file is None:
        return Answer({**document, "text": text}, "", content=text.encode("utf-8"))
    path = Path(file)
    old = read_text_exactly(path, file)
    if old is not None and not is_replaceable(old):
        reason = f"The file {file} is no registry snapshot, so it was not replaced: name another file, or delete it."
        raise CommandError(RefusalKind.CONFLICT.value, reason, REFUSED)
    is_same = old is not None and same_but_for_the_time(old, taken)
    if not is_same:
        replace_text(path, text, file)
    return Answer({**document, "changed": not is_same}, operations.snapshot_taken(file, taken, is_same=is_same))


def _taken(invocation: Invocation) -> TakenSnapshot:
    settings = invocation.settings.registry
    with invocation.registry() as registry:
        state, problem = registry.state, registry.service.rules_problem
    provenance = state.provenance
    wants_postgresql = settings.backend is Backend.POSTGRESQL or (
        settings.backend is Backend.AUTO and bool(settings.database_url)
    )
    wanted = Source.POSTGRESQL if wants_postgresql else Source.YAML
    if state.snapshot is None or provenance.source is not wanted or provenance.stale:
        raise _unavailable(provenance, wanted)
    if problem is not None:
        # A snapshot without the reserved codes would let them be used.
        raise CommandError(RefusalKind.REGISTRY_UNAVAILABLE.value, f"{problem} Its rules belong in the snapshot.")
    location = provenance.server if wanted is Source.POSTGRESQL else Path(settings.yaml_path).as_posix()
    return TakenSnapshot(state.snapshot, datetime.now(UTC).replace(microsecond=0), wanted, location)


def _unavailable(provenance: Provenance, wanted: Source) -> CommandError:
    if provenance.source is Source.IN_MEMORY:
        reason = "A registry in memory is gone with this command: there is nothing to take a snapshot of."
    else:
        reason = f"{provenance.reason} No snapshot was taken: {wanted.label} cannot be read."
    return CommandError(RefusalKind.REGISTRY_UNAVAILABLE.value, reason)
