"""Names of SpecQL: which are reserved, which are the framework's, which subdomain a name implies, which is nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import islice, pairwise

FRAMEWORK_SCHEMAS = frozenset({"common", "app", "core"})
"""Schemas that need no domain."""
DEFAULT_SCHEMA = "public"
"""The schema of an entity that names none."""
FALLBACK_SUBDOMAIN = "core"
LONGEST_NAME = 100
"""Characters that the registry's tables take for a name."""

RESERVED_FIELD_NAMES = frozenset(
    {
        "id",
        "tenant_id",
        "identifier",
        "sequence_number",
        "display_identifier",
        "path",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "deleted_at",
        "deleted_by",
        "identifier_recalculated_at",
        "identifier_recalculated_by",
        "path_updated_at",
        "path_updated_by",
    }
)
"""Columns that SpecQL adds to every table; it refuses a field of such a name. Case matters."""
RESERVED_FIELD_PREFIXES = ("pk_", "fk_")
"""How the names of SpecQL's key columns begin; it refuses a field whose name begins so."""

_ENTITY_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


_DIGITS = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[str | int, ...]:
    """Sorts names as people do: Thing2 before Thing10. Names in one case are expected."""
    if name.isalpha():
        return (name,)
    parts = _DIGITS.split(name)
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


def needs_no_domain(schema: str) -> bool:
    """Whether ``schema`` is the framework's or the default, so that no domain has to have its name."""
    return schema.lower() in FRAMEWORK_SCHEMAS or schema.lower() == DEFAULT_SCHEMA


def is_reserved_field_name(name: str) -> bool:
    """Whether SpecQL 0.9.2 refuses a field of that name (``core/reserved_fields.py``)."""
    return name in RESERVED_FIELD_NAMES or name.startswith(RESERVED_FIELD_PREFIXES)


def is_entity_name(text: str) -> bool:
    """Whether ``text`` can name an entity: letters, digits and underscores, not starting with a digit."""
    return _ENTITY_NAME.match(text) is not None


def infer_subdomain(
    entity_name: str, subdomain_names: Sequence[str], patterns: Mapping[str, Sequence[str]]
) -> str | None:
    """The name of the subdomain that SpecQL would take for an entity; None where the domain has none.

    Args:
        entity_name: the entity's name; compared in lower case.
        subdomain_names: the names of the domain's subdomains, in their order.
        patterns: subdomain name → substrings of the lower-cased entity name (``subdomain_inference``).

    The first subdomain with a pattern inside the name, else the one named ``core``, else the first.
    """
    named = named_subdomain(entity_name, subdomain_names, patterns)
    if named is not None:
        return named
    if FALLBACK_SUBDOMAIN in subdomain_names:
        return FALLBACK_SUBDOMAIN
    return subdomain_names[0] if subdomain_names else None


def named_subdomain(
    entity_name: str, subdomain_names: Sequence[str], patterns: Mapping[str, Sequence[str]]
) -> str | None:
    """The first subdomain that has a pattern inside an entity's name; None where none has. See ``infer_subdomain``."""
    lowered = entity_name.lower()
    for subdomain, substrings in patterns.items():
        if subdomain in subdomain_names and any(s and s.lower() in lowered for s in substrings):
            return subdomain
    return None


_LONGEST_COMPARED = 200
"""Characters; PostgreSQL cuts names to 63 bytes."""


def edit_distance(a: str, b: str, limit: int) -> int:
    """The Damerau-Levenshtein distance (adjacent transpositions count one), or ``limit + 1`` when it is larger.

    Also where the part in which the texts differ is longer than any name: that would take time with its square.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    # What both begin and end with costs nothing; of names that are near each other it is nearly all.
    begin, shorter = 0, min(len(a), len(b))
    while begin < shorter and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[begin : len(a) - end], b[begin : len(b) - end]
    if not a or not b:
        return len(a) or len(b)
    if len(a) > _LONGEST_COMPARED:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before_last, last = last, row
    return min(last[-1], limit + 1)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to ``name`` within a third of its length (at least 1, at most 3 edits), or None.

    A candidate that one begins with the other counts as near, so that ``cust`` finds ``customer``.
    """
    lowered = name.lower()
    limit = min(max(len(lowered) // 3, 1), 3)
    best: tuple[int, int, str] | None = None
    for candidate in candidates:
        other = candidate.lower()
        if len(lowered) >= 3 and (other.startswith(lowered) or (len(other) >= 3 and lowered.startswith(other))):
            distance = 1
        else:
            distance = edit_distance(lowered, other, limit if best is None else best[0])
        if distance <= limit and (best is None or (distance, len(candidate), candidate) < best):
            best = (distance, len(candidate), candidate)
    return best[2] if best else None


_MOST_LOOKED_AT = 300
_MOST_COMPARED = 15


def nearest_line(name: str, *texts: str) -> str | None:
    """The line that is nearest to ``name``, as ``nearest`` has it, or None. It takes about a millisecond.

    Args:
        name: compared in lower case.
        texts: names in lower case, a line each, with a line break at both ends. Of ten thousand names only those are
            looked at that share a part with ``name``: where few letters differ, a part is untouched. Of these the ones
            with the most pairs of letters in common are compared.
    """
    lowered = name.lower()
    pairs = {lowered[at : at + 2] for at in range(len(lowered) - 1)}
    looked_at = dict.fromkeys(
        line for text in texts for line in islice(_sharing_a_part(lowered, text), _MOST_LOOKED_AT)
    )
    likeliest = nlargest(
        _MOST_COMPARED, looked_at, key=lambda line: 2 * sum([pair in line for pair in pairs]) - len(line)
    )
    return nearest(lowered, likeliest)


def _sharing_a_part(name: str, text: str) -> Iterator[str]:
    parts = min(max(len(name) // 3, 1), 3) + 1
    bounds = [round(len(name) * number / parts) for number in range(parts + 1)]
    for start, end in pairwise(bounds):
        part = name[start:end]
        at = text.find(part) if part.strip() else -1
        while at >= 0:
            line_end = text.find("\n", at)
            if line_end < 0:
                break
            line = text[text.rfind("\n", 0, at) + 1 : line_end]
            if line:
                yield line
            at = text.find(part, line_end)
