"""A document: text, version and, worked out once when first asked for, its lines, syntax tree and meaning."""

from __future__ import annotations

from collections.abc import Collection

from specql_lsp.index.library import LibraryFacts, LibraryKind, is_library_place, library_kind, library_of
from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.lower import lower_entities
from specql_lsp.items.registry_file import RegistryFile, looks_like_registry, read_registry
from specql_lsp.language.keys import KeyTable, entity_keys, pattern_keys, registry_keys, service_keys
from specql_lsp.lazily import lazily
from specql_lsp.syntax.parsing.gc_pause import gc_ignores_new_objects
from specql_lsp.syntax.parsing.parse import parse, parse_edit, parse_meanwhile
from specql_lsp.syntax.pyyaml.errors import SyntaxReview, review_syntax
from specql_lsp.syntax.text import LineIndex
from specql_lsp.syntax.tree import SyntaxTree

LARGE_LINES = 5_000
"""A text with more lines is parsed and checked on another thread than the one that answers requests."""


class Document:
    """One text at one version; a change makes a new one.

    Args:
        uri: the document's URI, as the client writes it.
        text: the whole text.
        version: the client's version, None for a text read from the disk.
        is_registry: whether it is at the workspace's ``registry.yamlPath``.
    """

    def __init__(self, uri: str, text: str, version: int | None = None, *, is_registry: bool = False) -> None:
        self.uri = uri
        self.text = text
        self.version = version
        self.is_registry = is_registry
        self._last_tree: SyntaxTree | None = None
        """The last tree without problems, of this text or of one before it: what the next one is made of."""
        self._meanwhile: Document | None = None
        self._needs_whole = False

    def edited(self, lines: LineIndex, version: int | None, *, is_registry: bool) -> Document:
        """The document after a change, whose tree is made of the last one that is known: only what differs is parsed.

        Args:
            lines: the index of the new text's lines.
            version: the client's version of it.
            is_registry: whether it is at the workspace's ``registry.yamlPath`` now.
        """
        made = Document(self.uri, lines.text, version, is_registry=is_registry)
        made.lines = lines
        made._last_tree = self._last_tree
        return made

    @lazily
    def tree(self) -> SyntaxTree:
        """The syntax tree. Where it is not ``is_ready``, this takes time and belongs on another thread."""
        tree = self._edited_tree() or (
            self._large_tree() if self.is_large else parse(self.text, self.lines, self._last_tree)
        )
        if not tree.has_problems:
            self._last_tree = tree
        return tree

    def _large_tree(self) -> SyntaxTree:
        with gc_ignores_new_objects():
            tree = parse(self.text, self.lines, self._last_tree)
            if self.version is not None:
                _ = tree.sections  # the first edit needs them, and asks on the thread that answers requests
            return tree

    def _edited_tree(self) -> SyntaxTree | None:
        """The tree where it can be made of the last one; that it cannot is asked once."""
        last = self._last_tree
        tree = parse_edit(last, self.text, self.lines) if last is not None and not self._needs_whole else None
        self._needs_whole = tree is None
        return tree

    @property
    def is_large(self) -> bool:
        """Whether parsing and checking it whole takes so long that requests would wait."""
        return self.lines.line_count > LARGE_LINES

    @property
    def is_ready(self) -> bool:
        """Whether its tree is known, or is made in a moment: by a small text, or by a small change."""
        if not self.is_large or "tree" in self.__dict__:
            return True
        tree = self._edited_tree()
        if tree is None:
            return False
        self._last_tree = self.__dict__.setdefault("tree", tree)
        return True

    @property
    def for_requests(self) -> Document:
        """The document to answer requests from now: itself, or its text with the last tree while it is parsed."""
        if self.is_ready:
            return self
        if self._meanwhile is None:
            made = Document(self.uri, self.text, self.version, is_registry=self.is_registry)
            made.lines = self.lines
            made.tree = parse_meanwhile(self._last_tree, self.text, self.lines)
            self._meanwhile = made
        return self._meanwhile

    @lazily
    def syntax_review(self) -> SyntaxReview:
        """What keeps PyYAML from reading the text."""
        return review_syntax(self.tree)

    @lazily
    def lines(self) -> LineIndex:
        """The index of lines."""
        return LineIndex(self.text)

    @lazily
    def entities(self) -> tuple[EntityItem, ...]:
        """The entities defined here, one a YAML document; none where the file is the registry."""
        return () if self.is_registry else lower_entities(self.tree)

    @property
    def entity(self) -> EntityItem | None:
        """The first entity defined here, which is the only one where SpecQL reads the file; None where none is."""
        return self.entities[0] if self.entities else None

    @lazily
    def registry(self) -> RegistryFile | None:
        """The registry written here; None where the file is none."""
        if self.is_registry or looks_like_registry(self.tree):
            return read_registry(self.tree)
        return None

    @lazily
    def library(self) -> LibraryFacts | None:
        """The patterns and services written here; None where the file is not where they are looked for."""
        return library_of(self.uri, self.tree) if is_library_place(self.uri) else None

    @lazily
    def library_kind(self) -> LibraryKind | None:
        """What the file is where patterns and services are looked for, also while it is incomplete; else None."""
        if not is_library_place(self.uri) or self.registry is not None or self.entities:
            return None
        return library_kind(self.uri, self.tree)

    @property
    def key_table(self) -> KeyTable | None:
        """The keys of the language that the file can have; None for a file that is not SpecQL's."""
        if self.registry is not None:
            return registry_keys()
        if self.entities:
            return entity_keys()
        match self.library_kind:
            case LibraryKind.PATTERN:
                return pattern_keys()
            case LibraryKind.SERVICES:
                return service_keys()
            case None:
                return None

    @lazily
    def summary(self) -> FileSummary | None:
        """What other files may know of this one; None where nothing is in it that they may name."""
        return summarize(self)

    @property
    def is_specql(self) -> bool:
        """Whether it is SpecQL's at all; any other YAML is none of the server's business."""
        return self.entity is not None or self.registry is not None or self.library_kind is not None


def work_out(documents: Collection[Document]) -> None:
    """Works out the trees, the items and the summaries of several documents.

    Each stage is done for all of them before the next one, so that its code is still in the processor's cache: that
    takes nine tenths of the time of doing one document after the other.
    """
    for document in documents:
        _ = document.tree
    for document in documents:
        _ = document.entities
    for document in documents:
        _ = document.summary
