"""A registry YAML read for a migration: its content, the findings about the file itself, and its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.yaml.locations import YamlLocations
from specql_lsp.registry.sources.yaml.source import YamlSource, read_text_as_registry
from specql_lsp.registry.sources.yaml.validation import Use, validate
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree


@dataclass(frozen=True, slots=True)
class MigrationFinding:
    """One reason why a registry is not migrated. Line and column count from 1, in code points."""

    message: str
    line: int | None = None
    """None if the YAML does not contain it."""
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registry to migrate."""

    name: str
    """Its name in messages."""
    snapshot: Snapshot | None
    """Its content; None if the file cannot be read as a registry: then ``findings`` say why."""
    findings: tuple[MigrationFinding, ...] = ()
    """The findings about the file itself."""
    located: Callable[[RegistryPath, str | None, str], MigrationFinding] = lambda _path, _attribute, message: (
        MigrationFinding(message)
    )
    """Adds the line to a finding about a node (its path) or one of its attributes."""


def read_candidate(path: Path, name: str | None = None) -> Candidate:
    """The registry in a YAML file.

    Args:
        path: the file.
        name: its name in messages; by default the path.

    Raises:
        SourceUnavailableError: the file does not exist or cannot be read (a folder, not UTF-8, no permission).
    """
    parsed: list[tuple[SyntaxTree, RegistryFile]] = []

    def read(text: str) -> tuple[SyntaxTree, RegistryFile]:
        parsed.append(read_text_as_registry(text))
        return parsed[-1]

    source = YamlSource(path, name=name, read=read, parses_all=True)
    snapshot: Snapshot | None = None
    try:
        snapshot = source.load()
    except SourceUnavailableError:
        if not parsed:
            raise
    tree, registry = parsed[-1]

    @cache
    def locations() -> YamlLocations:
        return YamlLocations(registry)

    def located(path: RegistryPath, attribute: str | None, message: str) -> MigrationFinding:
        return _finding(tree, locations().span(path, attribute), message)

    found = validate(registry, tree, Use.MIGRATION)
    findings = tuple(_finding(tree, each.span, each.message) for each in found)
    return Candidate(source.location, snapshot, findings, located)


def _finding(tree: SyntaxTree, span: Span | None, message: str) -> MigrationFinding:
    # An escape in a YAML can be half of a surrogate pair, which cannot be printed.
    message = message.encode(errors="backslashreplace").decode()
    if span is None:
        return MigrationFinding(message)
    position = tree.lines.position(span.start)
    return MigrationFinding(message, position.line + 1, position.column + 1)
