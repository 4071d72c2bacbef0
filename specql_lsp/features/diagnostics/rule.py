"""What a rule is. A rule is a module in ``specql_lsp.features.diagnostics.rules`` that says one thing about a file.

How to write one: ``specql_lsp/features/diagnostics/rules/unknown_colour.py`` for the code ``unknown-colour``::

    RULE = Rule(
        code="unknown-colour",
        severity=Severity.WARNING,
        summary="A colour is none that SpecQL knows.",
        explanation="…",
        example="entity: Contact\\ncolour: rde\\n",
        better="entity: Contact\\ncolour: red\\n",
    )


    def check(context: RuleContext) -> Iterator[Finding]:
        scalar = …
        yield RULE.finding(scalar.text_span, f"{scalar.value} is no colour: …", replacements=("red",))

and its module's name in the table of ``rules/__init__.py``. A change that is more than another text for the finding's
span is a third function, which is asked when an editor asks for code actions::

    def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
        yield CodeAction("Add a colour", ActionKind.QUICK_FIX, (finding,), edits)

- One wrong thing gives one finding. What SpecQL accepts is no error. The span is that of the token.
- A message says what is wrong, what SpecQL does with it, and what to write.
- Several codes that come out of one analysis: the analysis is a pure function in ``specql_lsp.semantics`` or
  ``specql_lsp.language``, and each rule takes its part; or one module has ``RULES``, a tuple, instead of ``RULE``.
- A check runs at every edit: what depends on a text alone is a pure function of it behind ``functools.lru_cache``, or a
  ``Section.fact``. The analysis writes down what a rule looks up; a rule does nothing for that.
- ``example`` and ``better`` are whole files, or several as in ``tests/features/workspace_snippets.py``; the tests hold
  that the first has the finding and the second has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeVar

from specql_lsp.features.model import CodeAction, Finding, Related
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.severity import Severity
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class RuleContext(NamedTuple):
    """What a rule about entities is given."""

    analysis: Analysis
    """What is known of the workspace; what is looked up in it is written down, hit or miss."""
    document: Document
    entity: EntityItem
    """The entity that is checked."""


class FileContext(NamedTuple):
    """What a rule about any file of SpecQL's is given."""

    analysis: Analysis
    document: Document


class RegistryContext(NamedTuple):
    """What a rule about a registry YAML is given."""

    analysis: Analysis
    document: Document
    registry: RegistryFile


class Rule(NamedTuple):
    """A code with everything that is said about it."""

    code: str
    severity: Severity
    summary: str
    """One sentence: for lists, SARIF and README's table."""
    explanation: str
    """Markdown: what it means, what SpecQL does with it, what to write."""
    example: str
    """YAML that has the finding."""
    better: str
    """The same without it."""
    of_release: bool = False
    """Whether it is about the limits of one release of SpecQL: an empty ``language.release`` turns it off."""
    waits: bool = False
    """Whether a finding at the word that is being typed waits for a pause: the word may only not be complete yet."""
    fix: str = ""
    """What the light bulb does about it, as a sentence; empty where it does nothing."""

    def finding(
        self,
        span: Span,
        message: str,
        *,
        related: tuple[Related, ...] = (),
        replacements: tuple[str, ...] = (),
        unnecessary: bool = False,
        safe: bool = False,
    ) -> Finding:
        """A finding of this rule.

        Args:
            span: the token that it is about.
            message: what is wrong, what SpecQL does with it, what to write.
            related: other places that it speaks of.
            replacements: texts, best first, that may replace the span as they are; without the quotes that the YAML
                around may need.
            unnecessary: whether editors are to fade the span out.
            safe: whether the first replacement changes no meaning to SpecQL: ``source.fixAll`` makes it unasked.
        """
        return Finding(
            span,
            self.code,
            self.severity,
            message,
            related=related,
            unnecessary=unnecessary,
            replacements=replacements,
            safe=safe,
        )


_Context = TypeVar("_Context", contravariant=True)


class RuleModule(Protocol[_Context]):
    """A module with one rule. Where it has a function ``fixes``, it is a ``Fixes``, too."""

    @property
    def RULE(self) -> Rule:  # noqa: N802 - a constant of the module
        """The rule."""

    def check(self, context: _Context, /) -> Iterator[Finding]:
        """Everything that the rule finds."""


class RuleFamily(Protocol[_Context]):
    """A module with several rules that one look decides."""

    @property
    def RULES(self) -> tuple[Rule, ...]:  # noqa: N802 - a constant of the module
        """The rules."""

    def check(self, context: _Context, /) -> Iterator[Finding]:
        """Everything that the rules find."""


class Fixes(Protocol[_Context]):
    """A module that has fixes for the findings of its rules."""

    def fixes(self, context: _Context, finding: Finding, /) -> Iterator[CodeAction]:
        """The changes that mend a finding in the text as it is now, best first."""
