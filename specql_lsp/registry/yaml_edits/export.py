"""``registry export``: the text of a registry YAML that holds what PostgreSQL holds, by the smallest edits.

No I/O: texts and snapshots in, a text out. What only the YAML contains (comments, order, style, layers, reserved codes,
short codes, other keys) stays as it is.
"""

from __future__ import annotations

import re
from datetime import datetime

from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.migration.additions import path_of
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.locations import YamlLocations
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.sources.yaml.validation import SYNTAX_RULES, Use, validate
from specql_lsp.registry.state import Discrepancy
from specql_lsp.registry.yaml_edits.edits import keep_all_of_postgresql, why_not_in_yaml, with_domains
from specql_lsp.registry.yaml_edits.new_registry import new_registry
from specql_lsp.registry.yaml_edits.quotes import quoted
from specql_lsp.registry.yaml_edits.required import required
from specql_lsp.registry.yaml_edits.text import MOST_ROUNDS, EditedText, ParsedText, RegistryText
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.parsing.gc_pause import gc_paused
from specql_lsp.syntax.pyyaml.errors import unknown_aliases
from specql_lsp.syntax.text import Span

_BYTE_ORDER_MARK = "\ufeff"
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class ExportError(Exception):
    """The YAML cannot be made to hold what PostgreSQL holds. The message is a sentence for a person, with the line."""


def export_registry(postgresql: Snapshot, text: str | None, now: datetime) -> str:
    """The text of a registry YAML that holds what PostgreSQL holds.

    Args:
        postgresql: PostgreSQL's registry.
        text: the file as it is, with its line breaks and its byte order mark; None or empty for a new one.
        now: what ``assigned_at`` says of an entity whose time of allocation is not known.

    Returns:
        The text, in which only what differs is changed, and what SpecQL 0.9.2 needs is added; the very text given where
        nothing differs and nothing is missing. SpecQL's reader (PyYAML, YAML 1.1) reads the same registry from it.

    Raises:
        ExportError: the text is not YAML or not a registry, or part of it cannot be changed by an edit.
    """
    given = text or ""
    original = given.removeprefix(_BYTE_ORDER_MARK)
    with gc_paused():
        update = _Update(postgresql, _document(original), now)
        _check_given(update.given)
        update.run()
        update.check()
    return given[: len(given) - len(original)] + update.current.text


class _Update:
    """The text of an export, and the edits that made it."""

    def __init__(self, postgresql: Snapshot, given: RegistryText, now: datetime) -> None:
        self.given = given
        self._edited = EditedText(
            given if given.tree.root is not None else _document(_begun(given.text, postgresql, now))
        )
        self._postgresql = postgresql
        self._now = now
        self._differing: tuple[Discrepancy, ...] = ()

    @property
    def current(self) -> RegistryText:
        """The text as it is edited so far."""
        return self._edited.current

    def run(self) -> None:
        """Edits until nothing differs. Each round parses the text again and makes all edits that are independent."""
        while (edits := self._edits()) and len(self._edited.rounds) < MOST_ROUNDS:
            self._edited.edit(edits)

    def _edits(self) -> tuple[TextEdit, ...]:
        tree, registry = self.current.tree, self.current.registry
        if registry is None or tree.has_problems or tree.broken:
            return ()
        self._differing = compare_all(self._postgresql, snapshot_of(registry, tree))
        if self._differing:
            return keep_all_of_postgresql(self.current, self._differing, self._postgresql, self._now)
        return (
            quoted(YamlWriter(self.current.tree), registry)
            or required(self.current, self._now, self._postgresql)
            or with_domains(self.current)
        )

    def check(self) -> None:
        """Raises ``ExportError`` unless SpecQL reads from the text what PostgreSQL holds."""
        tree, registry = self.current.tree, self.current.registry
        for span in unknown_aliases(tree):
            raise self._obstacle(span, "Its anchor goes with what PostgreSQL does not hold: write out the alias.")
        if registry is None:
            return
        findings = validate(registry, tree, Use.EXPORT)
        for finding in findings:
            if finding.rule in SYNTAX_RULES:
                raise self._obstacle(finding.span, finding.message)
        for discrepancy in self._differing:
            place = YamlLocations(registry).span(path_of(discrepancy), discrepancy.attribute)
            why = why_not_in_yaml(self.current, discrepancy, self._postgresql)
            message = f"{discrepancy.message} {why}" if why is not None else discrepancy.message
            raise self._obstacle(place or Span(0, 0), message)
        for finding in findings:
            raise self._obstacle(finding.span, finding.message)

    def _obstacle(self, span: Span, message: str) -> ExportError:
        line = self.given.lines.line_of(self._edited.offset_given(span.start)) + 1
        return ExportError(f"Line {line} cannot be changed to what PostgreSQL holds. {message}")


def _document(text: str) -> RegistryText:
    return ParsedText(text)


def _check_given(document: RegistryText) -> None:
    """Raises ``ExportError`` if a text is not YAML, or something else than a registry."""
    if document.registry is not None:
        for finding in validate(document.registry, document.tree, Use.EXPORT_INPUT):
            raise _unusable(document, finding.span, finding.message)


def _unusable(document: RegistryText, span: Span, message: str) -> ExportError:
    return ExportError(f"The file cannot be updated: line {document.lines.line_of(span.start) + 1}: {message}")


def _begun(text: str, postgresql: Snapshot, now: datetime) -> str:
    """A new registry behind what a text without content holds: comments, whose line breaks it takes over."""
    found = _LINE_BREAK.search(text)
    line_break = found.group() if found else "\n"
    head = text if not text or text.endswith(("\n", "\r")) else text + line_break
    return head + new_registry(postgresql, now).replace("\n", line_break)
