"""A registry YAML read for a migration: what it holds, every reason that lies in the file itself, and its lines."""

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
class Problem:
    """One reason why a registry is not migrated. Line and column count from 1, in code points."""

    message: str
    line: int | None = None
    """None if the YAML does not contain it."""
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registry to migrate."""

    name: str
    """How it is called in sentences."""
    snapshot: Snapshot | None
    """What it holds; None where the file cannot be read as a registry: then ``problems`` says why."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file itself."""
    located: Callable[[RegistryPath, str | None, str], Problem] = lambda _path, _attribute, message: Problem(message)
    """The problem of a node (its path) or its attribute, with its line."""


def read_candidate(path: Path, name: str | None = None) -> Candidate:
    """The registry in a YAML file.

    Args:
        path: the file.
        name: how it is called in sentences; the path when left out.

    Raises:
        SourceUnavailableError: there is no file, or no text in it that can be read (a folder, no UTF-8, no right).
    """
    parsed: list[tuple[SyntaxTree, RegistryFile]] = []

    def read(text: str) -> tuple[SyntaxTree, RegistryFile]:
        parsed.append(read_text_as_registry(text))
        return parsed[-1]

    source = YamlSource(path, name=name, read=read)
    snapshot: Snapshot | None = None
    try:
        snapshot = source.load()
    except SourceUnavailableError:
        if not parsed:
            raise
    tree, registry = parsed[-1]

    @cache
    def paths() -> YamlLocations:
        return YamlLocations(registry)

    def located(path: RegistryPath, attribute: str | None, message: str) -> Problem:
        return _problem(tree, paths().span(path, attribute), message)

    findings = validate(registry, tree, Use.MIGRATION)
    problems = tuple(_problem(tree, finding.span, finding.message) for finding in findings)
    return Candidate(source.location, snapshot, problems, located)


def _problem(tree: SyntaxTree, span: Span | None, message: str) -> Problem:
    # Half a surrogate pair, which an escape in a YAML can hold, cannot be printed.
    message = message.encode(errors="backslashreplace").decode()
    if span is None:
        return Problem(message)
    position = tree.lines.position(span.start)
    return Problem(message, position.line + 1, position.column + 1)
