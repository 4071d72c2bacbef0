"""The edit of a registry YAML on the disk: its new text, which the caller writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from specql_lsp.registry.consistency.resolution import Resolution
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy
from specql_lsp.registry.yaml_edits.resolution import keep_postgresql_side
from specql_lsp.registry.yaml_edits.text import ParsedText
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, read_regular
from specql_lsp.syntax.editing.text_edit import apply

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class EditedFile:
    """A registry YAML after discrepancies were resolved in it."""

    path: Path
    before: bytes
    text: str | None
    """The new text; None if nothing is to be written."""
    resolution: Resolution

    def refuse_changed(self) -> None:
        """Raises ``Refused`` if the file has another text by now."""
        if _content(self.path) != self.before:
            reason = f"{self.path.name} was changed meanwhile, so it was not written. Do it again."
            raise Refused(RefusalKind.CONFLICT, reason)


def edited_file(path: Path, discrepancies: Sequence[Discrepancy], postgresql: Snapshot, now: datetime) -> EditedFile:
    """A registry YAML edited so that it holds PostgreSQL's side of discrepancies (``keep_postgresql_side``).

    Raises:
        Refused: kind ``registry-unavailable`` if the file cannot be read.
    """
    before = _content(path)
    try:
        whole = before.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"{path.name} is not UTF-8 text.") from None
    text = whole.removeprefix(_BYTE_ORDER_MARK)
    made = keep_postgresql_side(ParsedText(text), discrepancies, postgresql, now)
    new = whole[: len(whole) - len(text)] + apply(text, made.edits) if made.edits else None
    return EditedFile(path, before, new, made.resolution)


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, REGISTRY_FILE_BYTES).content
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"{path.name} cannot be read ({reason}).") from None
