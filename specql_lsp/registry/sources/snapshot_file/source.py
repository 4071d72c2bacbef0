"""A snapshot file as a read-only source."""

from __future__ import annotations

import hashlib
from pathlib import Path

from specql_lsp.printable import without_controls
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.snapshot_file.format import SnapshotFormatError, TakenSnapshot, read_snapshot
from specql_lsp.registry.state import Source
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, FileTooLargeError, NotRegularError, read_regular


class SnapshotFileSource:
    """A snapshot file. ``load`` gives the very same snapshot as long as the bytes are the same.

    Args:
        path: the file; relative to the working directory where it is relative.
        name: how the file is called in sentences; the path as given when left out.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self._path = path
        self._name = name or path.as_posix()
        self._digest: bytes | None = None
        self._outcome: TakenSnapshot | str = ""

    @property
    def kind(self) -> Source:
        """Snapshot."""
        return Source.SNAPSHOT

    @property
    def location(self) -> str:
        """The path, as it is called in sentences."""
        return self._name

    def load(self) -> Snapshot:
        """The registry in the file, read now. Raises as ``taken``."""
        return self.taken().snapshot

    def taken(self) -> TakenSnapshot:
        """The registry in the file, read now, with when and where it was taken.

        Raises:
            SourceUnavailableError: it cannot be read, is no regular file, has more than ``REGISTRY_FILE_BYTES``, is not
                UTF-8 or no snapshot.
        """
        content = self._read()
        digest = hashlib.blake2b(content).digest()
        if digest != self._digest:
            self._outcome = self._parse(content)
            self._digest = digest
        if isinstance(self._outcome, str):
            raise SourceUnavailableError(self._outcome, lost=False)
        return self._outcome

    def close(self) -> None:
        """Nothing is held open."""

    def _read(self) -> bytes:
        file = f"The registry snapshot {self._name}"
        try:
            return read_regular(self._path, REGISTRY_FILE_BYTES).content
        except FileNotFoundError:
            reason = f"{file} does not exist."
        except IsADirectoryError:
            reason = f"{file} is a folder."
        except (FileTooLargeError, NotRegularError) as error:
            reason = f"{file} is not read: {error.strerror}."
        except PermissionError:
            reason = f"{file} may not be read (permission denied)."
        except (OSError, ValueError) as error:  # ValueError: a path with a null character
            reason = f"{file} cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})."
        raise SourceUnavailableError(reason, lost=False)

    def _parse(self, content: bytes) -> TakenSnapshot | str:
        """The snapshot, or the sentence that says why there is none."""
        try:
            taken = read_snapshot(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return f"The registry snapshot {self._name} is not UTF-8 (line {line})."
        except SnapshotFormatError as error:
            return f"The registry snapshot {self._name} {without_controls(str(error))}."
        taken.snapshot.warm()
        return taken
