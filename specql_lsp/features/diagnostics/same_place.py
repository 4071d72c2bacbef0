"""Of several findings at one place those that matter: what follows from a mistake, or is less than it, is not said."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from specql_lsp.features.diagnostics.rules import ambiguous_entity, duplicate_key, unknown_entity, unknown_type
from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity

_BETWEEN = " \t\r\n:'\""
"""What may be between a key and its value."""
_LESSER = frozenset({Severity.HINT, Severity.INFORMATION})
_OF_PARTS = frozenset({unknown_entity.RULE.code, ambiguous_entity.RULE.code, duplicate_key.RULE.code})
"""What may be found in a part of a text: an entity that it names, a key that YAML makes of it at a comma."""


def what_matters(text: str, found: list[Finding]) -> list[Finding]:
    """Findings of a file without those that another one at their place makes needless.

    - Where a token has an error, no hint and no information is given about it.
    - A key that is repeated is not named where its value is refused: with the value the key has to go.
    - Of the parts of a text that is no type nothing is said: SpecQL makes no reference of it.
    """
    needless = [*_beside_errors(text, found), *_in_texts(found)]
    return [finding for finding in found if not any(is_so(finding) for is_so in needless)] if needless else found


def _beside_errors(text: str, found: list[Finding]) -> list[Callable[[Finding], bool]]:
    errors = {finding.span for finding in found if finding.severity is Severity.ERROR}
    if not errors or len(found) == len(errors):
        return []
    starts = sorted(span.start for span in errors)

    def has_refused_value(finding: Finding) -> bool:
        if finding.code != duplicate_key.RULE.code:
            return False
        following = bisect_left(starts, finding.span.end)
        return following < len(starts) and not text[finding.span.end : starts[following]].strip(_BETWEEN)

    return [lambda finding: finding.span in errors and finding.severity in _LESSER, has_refused_value]


def _in_texts(found: list[Finding]) -> list[Callable[[Finding], bool]]:
    if not any(finding.code in _OF_PARTS for finding in found):
        return []
    texts = sorted(finding.span for finding in found if finding.code == unknown_type.RULE.code)

    def is_in_text(finding: Finding) -> bool:
        number = bisect_right(texts, finding.span) - 1
        return finding.code in _OF_PARTS and number >= 0 and finding.span.start < texts[number].end

    return [is_in_text] if texts else []
