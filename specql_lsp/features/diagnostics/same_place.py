"""Of several findings at one place those that matter: where a token has an error, no hint is given about it."""

from __future__ import annotations

from bisect import bisect_left

from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity

_BETWEEN = " \t\r\n:'\""
"""What may be between a key and its value."""


def without_lesser(text: str, found: list[Finding], duplicate_key: str) -> list[Finding]:
    """Findings without hints and information at the very token that has an error.

    A key that is repeated is none of its own where its value is refused: with the value the key has to go.

    Args:
        text: the text of the file.
        found: what is found in it.
        duplicate_key: the code of repeated keys.
    """
    errors = {finding.span for finding in found if finding.severity is Severity.ERROR}
    if not errors or len(found) == len(errors):
        return found
    starts = sorted(span.start for span in errors)

    def is_lesser(finding: Finding) -> bool:
        if finding.span in errors and finding.severity in {Severity.HINT, Severity.INFORMATION}:
            return True
        if finding.code != duplicate_key:
            return False
        following = bisect_left(starts, finding.span.end)
        return following < len(starts) and not text[finding.span.end : starts[following]].strip(_BETWEEN)

    return [finding for finding in found if not is_lesser(finding)]
