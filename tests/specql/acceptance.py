"""What we say about an entity file beside what SpecQL does with it: refused is reported at its cause, and no more.

SpecQL refuses a file if its parser or the conversion for its generator stops. **A range holds the cause** if the
sentence with which SpecQL stops names a word in it; if it is where PyYAML stops; or if SpecQL no longer stops there
once the range is mended: the token replaced or taken out, or its line, or its entry with all that is beneath it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.specql.reference import Reference

OF_THE_REGISTRY = frozenset({"invalid-table-code", "unquoted-table-code"})
"""Errors about the registry's numbers, which SpecQL's parser does not look at: those that need no registry."""
_MARK = re.compile(r"line (\d+), column (\d+)")
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
_OF_SPECQL = ("ParseError", "SpecQLValidationError")


class Said(NamedTuple):
    """What is said of a text.

    Attributes:
        document: the text.
        findings: everything.
        refusals: what says that SpecQL refuses it.
    """

    document: Document
    findings: tuple[Finding, ...]
    refusals: tuple[Finding, ...]


def said_of(text: str) -> Said:
    """What is said of an entity file by itself, without a registry."""
    document = Document("file:///workspace/entities/it.yaml", text)
    findings = check(Analysis(), document)
    refusals = (f for f in findings if f.severity is Severity.ERROR or f.code == "specql-refuses")
    return Said(document, findings, tuple(f for f in refusals if f.code not in OF_THE_REGISTRY))


def disagreement(specql: Reference, text: str, error: str | None) -> str:
    """What is wrong with what we say of a text, as a kind for a table of exceptions; empty if nothing is."""
    said = said_of(text)
    if error is None:
        return f"false {said.refusals[0].code}" if said.refusals else ""
    if not said.refusals:
        if not said.document.is_specql:
            return ""  # without the key ``entity`` it is no file of SpecQL's to us
        return "missed"
    if any(holds_cause(specql, text, error, finding) for finding in said.refusals):
        return ""
    return "elsewhere"


def holds_cause(specql: Reference, text: str, error: str, finding: Finding) -> bool:
    """Whether the range of a finding holds what SpecQL stops at."""
    return (
        _is_named(text, error, finding.span)
        or _is_where_yaml_stops(text, error, finding.span)
        or any(
            _is_other(text, error, mended, specql.entity(mended).error)
            for mended in (*_mended(text, finding), *_with_key(text, error, finding))
        )
        or _repeats(specql, text, error, finding)
    )


def _repeats(specql: Reference, text: str, error: str, finding: Finding) -> bool:
    """Whether there are several causes of one kind, of which the range holds one: mended one after the other.

    SpecQL's sentence may be the same for each of them; and of duplicate keys, of which PyYAML takes the last one, each
    is found when what is below it is gone.
    """
    mended, found = text, (finding,)
    for _ in range(_MOST_OF_ONE_KIND):
        again = [each for each in found if each.code == finding.code and _subject(each) == _subject(finding)]
        if not again:
            return False
        mended = _without_entry(mended, again[-1].span)
        if _is_other(text, error, mended, specql.entity(mended).error):
            return True
        found = said_of(mended).refusals
    return False


_MOST_OF_ONE_KIND = 6


def _subject(finding: Finding) -> str:
    """What a finding says is wrong, without what it proposes."""
    return finding.message.partition(":")[0]


def _is_named(text: str, error: str, span: Span) -> bool:
    """Whether a sentence of SpecQL's names a word in the range; it takes quotes out of expressions, and capitals."""
    if not error.startswith(_OF_SPECQL) or "Invalid YAML" in error:
        return False
    written = text[span.start : span.end]
    bare = re.sub(r"['\"][^'\"]*['\"]", "", written).lower()
    sentence = error.replace("\n", " ").partition("Available fields")[0].partition("Reserved fields:")[0]
    words = [word for word in _QUOTED.findall(sentence.partition("' referenced")[0] + "'") if word.strip()]
    return any(word in written or word.lower() in bare for word in words if re.search(r"\w", word))


def _is_where_yaml_stops(text: str, error: str, span: Span) -> bool:
    marks = _MARK.findall(error) if "Invalid YAML" in error else []
    first = len(re.split(_BREAK, text[: span.start]))
    last = len(re.split(_BREAK, text[: span.end]))
    return any(first - 1 <= int(line) <= last + 1 for line, _ in marks[-1:])


_BREAK = "\r\n|[\r\n\x85\u2028\u2029]"


def _mended(text: str, finding: Finding) -> Iterator[str]:
    """Texts in which the token of the range, its line or its entry is another one or is missing."""
    start, end = finding.span
    for new in (*finding.replacements[:1], "", "x"):
        yield text[:start] + new + text[end:]
    lines = text.splitlines(keepends=True)
    first, last = _lines_of(text, finding.span)
    yield "".join([*lines[:first], *lines[last:]])
    yield _without_entry(text, finding.span)
    head, colon, _ = lines[first].partition(":") if first < len(lines) else ("", "", "")
    yield "".join([*lines[:first], f"{head}{colon} x\n", *lines[_end_of_entry(lines, first, last) :]])


def _with_key(text: str, error: str, finding: Finding) -> Iterator[str]:
    """The text with the key that is missing in place of the range."""
    missing = re.fullmatch(r"KeyError: '(\w+)'", error)
    if missing is not None:
        yield text[: finding.span.start] + missing[1] + text[finding.span.end :]


def _lines_of(text: str, span: Span) -> tuple[int, int]:
    """The first line of a range, and the one behind it."""
    first = max(0, len((text[: span.start] + "|").splitlines()) - 1)
    return first, max(first + 1, len(text[: span.end].splitlines()))


def _without_entry(text: str, span: Span) -> str:
    lines = text.splitlines(keepends=True)
    first, last = _lines_of(text, span)
    return "".join([*lines[:first], *lines[_end_of_entry(lines, first, last) :]])


def _end_of_entry(lines: list[str], first: int, last: int) -> int:
    """The line behind an entry: what is further in, and the items of a list that are no further in than its key."""
    indent = _indent(lines[first]) if first < len(lines) else 0
    is_item = first < len(lines) and lines[first].lstrip(" ").startswith("-")
    while last < len(lines):
        line = lines[last]
        is_own_item = not is_item and _indent(line) == indent and re.match(r" *-(?: |$)", line)
        if line.strip() and _indent(line) <= indent and not is_own_item:
            break
        last += 1
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_other(text: str, error: str, mended: str, after: str | None) -> bool:
    """Whether what SpecQL says has changed, and not for one that it says earlier."""
    if after is None:
        return True
    if "Missing 'entity'" in after or "YAML must be a dictionary" in after or (is_yaml(text) and not is_yaml(mended)):
        return False
    return _without_places(error) != _without_places(after)


def is_yaml(text: str) -> bool:
    """Whether PyYAML composes a text."""
    try:
        yaml.compose(text)
    except yaml.YAMLError:
        return False
    return True


def _without_places(error: str) -> str:
    return re.sub(r"\d+", "0", error.partition("Available fields")[0])
