"""The registry YAML as a read-only source: a file on the disk, or an editor's unsaved buffer of it.

It never writes: the YAML is changed by workspace edits or by ``registry export`` (``yaml_edits.export``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from specql_lsp.items.registry_file import RegistryFile, read_registry
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.sources.yaml.plain_text import read_plain
from specql_lsp.registry.state import Source
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, FileTooLargeError, NotRegularError, read_regular
from specql_lsp.syntax.parsing.gc_pause import gc_ignores_new_objects
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from specql_lsp.registry.sources.yaml.conflicted import ConflictedRegistry

_LONGEST_TO_VALIDATE = 200_000
"""The longest text, in characters, whose first syntax error is located exactly; that takes less than a second."""


class RegistryFileMissingError(SourceUnavailableError):
    """There is no registry file; so there is nothing to be read, as opposed to something that cannot be read."""


class RegistryConflictError(SourceUnavailableError):
    """The file has unresolved merge conflicts.

    Args:
        reason: a sentence.
        conflicted: what its sides hold.
    """

    def __init__(self, reason: str, conflicted: ConflictedRegistry) -> None:
        super().__init__(reason, lost=False)
        self.conflicted = conflicted


RegistryReader = Callable[[str], tuple[SyntaxTree, RegistryFile]]
"""Parses a text as a registry. A caller that has parsed the same text returns that tree."""


def read_text_as_registry(text: str) -> tuple[SyntaxTree, RegistryFile]:
    """The tree of a text and the registry in it."""
    tree = parse(text)
    return tree, read_registry(tree)


class YamlSource:
    """A registry YAML. ``load`` gives the very same snapshot as long as the text is the same.

    Args:
        path: the file; relative to the working directory where it is relative.
        overlay: gives the text of the editor's unsaved buffer of the file, or None to read the disk. Called on the
            loading thread.
        name: how the file is called in sentences; the path as given when left out.
        read: parses a new text where that is needed; called on the loading thread.
        parses_all: whether every text is parsed, also one that can be read without its tree (``plain_text``).
    """

    def __init__(
        self,
        path: Path,
        overlay: Callable[[], str | None] | None = None,
        *,
        name: str | None = None,
        read: RegistryReader = read_text_as_registry,
        parses_all: bool = False,
    ) -> None:
        self._read_registry = read
        self._parses_all = parses_all
        self._path = path
        self._overlay = overlay
        self._name = name or path.as_posix()
        self._digest: bytes | None = None
        self._outcome: Snapshot | ConflictedRegistry | str = ""
        self._from_overlay = False

    @property
    def kind(self) -> Source:
        """YAML."""
        return Source.YAML

    @property
    def location(self) -> str:
        """The path, as it is called in sentences."""
        return self._name

    @property
    def from_overlay(self) -> bool:
        """Whether the last ``load`` read an editor's unsaved buffer instead of the file."""
        return self._from_overlay

    def is_missing(self) -> bool:
        """Whether there is neither a buffer nor a file; takes a tenth of the time of a ``load`` that says so."""
        if self._overlay is not None and self._overlay() is not None:
            return False
        try:
            os.stat(self._path)  # noqa: PTH116 - a path takes longer
        except FileNotFoundError:
            return True
        except (OSError, ValueError):
            return False
        return False

    def load(self) -> Snapshot:
        """The registry in the buffer or the file, read now.

        Raises:
            RegistryFileMissingError: there is no file.
            RegistryConflictError: it has unresolved merge conflicts, so that it is no YAML.
            SourceUnavailableError: it cannot be read, is no regular file, has more than ``REGISTRY_FILE_BYTES``, is not
                UTF-8 or not YAML, or holds no ``domains``.
        """
        content = self._read()
        # A file's time and size do not show every change (two saves within a tick of the file system's clock),
        # and reading 46,000 lines takes a millisecond: so the text itself is compared.
        digest = hashlib.blake2b(content).digest()
        if digest != self._digest:
            with gc_ignores_new_objects():
                self._outcome = self._parse(content)
            self._digest = digest
        if not isinstance(self._outcome, str | Snapshot):
            where = f"line {self._outcome.line}"
            reason = f"The registry file {self._name} has an unresolved merge conflict ({where}): resolve it."
            raise RegistryConflictError(reason, self._outcome)
        if isinstance(self._outcome, str):
            raise SourceUnavailableError(self._outcome, lost=False)
        return self._outcome

    def close(self) -> None:
        """Nothing is held open."""

    def _read(self) -> bytes:
        text = self._overlay() if self._overlay else None
        self._from_overlay = text is not None
        if text is not None:
            return text.encode("utf-8", errors="surrogatepass")
        try:
            return read_regular(self._path, REGISTRY_FILE_BYTES).content
        except FileNotFoundError:
            raise RegistryFileMissingError(f"The registry file {self._name} does not exist.", lost=False) from None
        except IsADirectoryError:
            raise SourceUnavailableError(f"The registry file {self._name} is a folder.", lost=False) from None
        except (FileTooLargeError, NotRegularError) as error:
            reason = f"The registry file {self._name} is not read: {error.strerror}."
            raise SourceUnavailableError(reason, lost=False) from None
        except PermissionError:
            reason = f"The registry file {self._name} may not be read (permission denied)."
            raise SourceUnavailableError(reason, lost=False) from None
        except (OSError, ValueError) as error:  # ValueError: a path with a null character
            detail = getattr(error, "strerror", None) or type(error).__name__
            raise SourceUnavailableError(
                f"The registry file {self._name} cannot be read ({detail}).", lost=False
            ) from None

    def _parse(self, content: bytes) -> Snapshot | ConflictedRegistry | str:
        """The snapshot, or what there is of one in a merge conflict, or the sentence that says why there is none."""
        try:
            text = content.decode("utf-8-sig", errors="surrogatepass" if self._from_overlay else "strict")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return f"The registry file {self._name} is not UTF-8 (line {line})."
        snapshot = None if self._parses_all else read_plain(text)
        if snapshot is not None:
            return snapshot.warm()
        from specql_lsp.registry.sources.yaml.validation import is_readable

        tree, registry_file = self._read_registry(text)
        if is_readable(registry_file, tree):
            return snapshot_of(registry_file, tree).warm()
        if "<<<<<<<" in text and (tree.problems or tree.broken):
            from specql_lsp.registry.sources.yaml.conflicted import read_conflicted

            conflicted = read_conflicted(text)
            if conflicted is not None:
                return conflicted
        if tree.problems or tree.broken:
            return f"The registry file {self._name} is not valid YAML: line {_invalid_line(tree)} has a syntax error."
        return f"The registry file {self._name} has no domains: the key 'domains' must hold a mapping."


def _invalid_line(tree: SyntaxTree) -> int:
    """The line, from 1, of the first syntax error."""
    from specql_lsp.syntax.pyyaml.errors import syntax_errors

    spans = [span for span, _ in syntax_errors(tree)] if len(tree.text) <= _LONGEST_TO_VALIDATE else []
    # tree-sitter may call everything from the first line on an error.
    spans = spans or [problem.span for problem in tree.problems]
    return tree.lines.line_of(min((span.start for span in spans), default=0)) + 1
