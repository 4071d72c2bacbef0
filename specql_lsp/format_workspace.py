"""Formats files of a workspace without an editor: what ``specql-lsp format`` runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from specql_lsp.config import Settings
from specql_lsp.features.formatting import formatting
from specql_lsp.index.library import is_library_place
from specql_lsp.regular_files import ENTITY_FILE_BYTES, REGISTRY_FILE_BYTES, NotRegularError, read_regular
from specql_lsp.syntax.editing.format import understood
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.specql_files import is_specql
from specql_lsp.workspace.uris import uri_of
from specql_lsp.workspace.wanted_files import real_path, wanted_files

_MARK = "\ufeff"
_WORDS = ("entity", "domains")
"""Every file of SpecQL's has one of them; other files are not parsed."""


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file of SpecQL's, with its text as it is and as it is to be: with line ends and byte order mark."""

    path: Path
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether formatting changes it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that cannot be formatted; ``reason`` is the end of a sentence."""

    path: Path
    reason: str
    is_unreadable: bool = True
    """Whether it could not be read, as opposed to understood."""


def formatted_files(workspace: Path, paths: Sequence[Path], settings: Settings) -> Iterator[FormattedFile | PassedOver]:
    """Reads files and formats their text; writes nothing. Files that are not SpecQL's are left out.

    Args:
        workspace: the workspace's folder.
        paths: files or folders; empty for the whole workspace with its registry YAML.
        settings: the workspace's.

    Raises:
        PathError: a path does not lead to files, or a folder holds more than are searched.
    """
    registry_path = real_path(workspace / settings.registry.yaml_path)
    wanted = wanted_files(workspace, paths, settings, to_be="formatted")
    for path in wanted.paths:
        is_registry = path == registry_path
        try:
            content = read_regular(path, REGISTRY_FILE_BYTES if is_registry else ENTITY_FILE_BYTES).content
        except OSError as error:
            if path in wanted.named or not isinstance(error, NotRegularError):
                yield PassedOver(path, error.strerror or type(error).__name__)
            continue
        uri = uri_of(path)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            if is_registry or is_specql(uri, content):
                yield PassedOver(path, "it is not UTF-8 text")
            continue
        if not is_registry and not is_library_place(uri) and not any(word in text for word in _WORDS):
            continue
        mark = _MARK if text.startswith(_MARK) else ""
        document = Document(uri, text.removeprefix(_MARK), is_registry=is_registry)
        if not document.is_specql:
            continue
        edits = formatting(document)
        if not edits and understood(document.text) is None:
            yield PassedOver(path, "it is not valid YAML; specql-lsp check says where", is_unreadable=False)
            continue
        yield FormattedFile(path, text, mark + apply(document.text, edits) if edits else text)
