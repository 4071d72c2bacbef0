"""``key-not-read``: a known key that SpecQL does not read where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table
from functools import cache, lru_cache
from types import MappingProxyType

from specql_lsp.features.diagnostics.entity_walk import MappingPlace, kind_of_step
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import listed, plain
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.language.keys import KeySpec, Level, entity_keys
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.step_texts import refused_text
from specql_lsp.language.steps import step_kinds
from specql_lsp.semantics.steps import MAPPINGS, TEXTS, TEXTS_OR_MAPPINGS
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Entry, Mapping, Scalar, Sequence

RULE = Rule(
    code="key-not-read",
    severity=Severity.HINT,
    fix="Writes what SpecQL reads instead, or removes the key.",
    summary="SpecQL does not read a key where it is written.",
    explanation=(
        f"Real files and SpecQL's documentation have keys that {REFERENCE} ignores without a word: `required`, "
        "`unique`, `values` and `validation` of a field, `params` and `requires` of an action, `error_message` beside "
        "`validate`, and many at the top level. Others are read, but not there: `error` beside `if`, `actions` beneath "
        "`entity`, the second kind of a step. Keys of the beta line, such as `pattern` of an action, are not reported."
        "\n\nWrite what the message says instead, or remove the key; SpecQL's output stays the same without it."
    ),
    example="entity: Contact\nfields:\n  email:\n    type: email\n    required: true\n",
    better="entity: Contact\nfields:\n  email:\n    type: email\n    nullable: false\n",
    of_release=True,
)


def of_mapping(place: MappingPlace) -> Iterator[Finding]:
    """The keys of a mapping that are known and not read."""
    entries = place.entries
    level = place.level.name
    for name, why in unread_keys(level, tuple(entries)):
        if not (name == "values" and _is_bare_enum(place)) and not (level == "step" and _is_refused(place)):
            yield _finding(entries[name], name, why)
    if level == "entity file":
        for name in _IN_ENTITY:
            if name in entries and _has_in_entity(place, name):
                yield _finding(entries[name], name, f"The {name} beneath entity is read instead of it.")


def passes(level: str, names: tuple[str, ...]) -> bool:
    """Whether nothing is to be said of a mapping of a level with these keys, whatever their values are."""
    return not unread_keys(level, names) and (level != "entity file" or not any(name in names for name in _IN_ENTITY))


def _is_bare_enum(field: MappingPlace) -> bool:
    """Whether the values of an enumeration are missing in its type: of that ``unknown-type`` speaks."""
    entry = field.entries.get("type")
    type_ = field.source.resolve(entry.value) if entry is not None else None
    return isinstance(type_, Scalar) and type_.value.strip() == "enum"


def _is_refused(step: MappingPlace) -> bool:
    """Whether SpecQL refuses the step's text, so that another kind may be meant, which reads other keys."""
    kind = kind_of_step(step.entries)
    value = step.source.resolve(step.entries[kind].value) if kind else None
    if kind in MAPPINGS or isinstance(value, Mapping | Sequence):
        is_mapping = isinstance(value, Mapping)
        return not is_mapping if kind in MAPPINGS | TEXTS_OR_MAPPINGS else kind in TEXTS
    return isinstance(value, Scalar) and refused_text(kind, value.value) is not None


def _finding(entry: Entry, name: str, why: str) -> Finding:
    span = entry.key.text_span if isinstance(entry.key, Scalar) else entry.key.span
    return RULE.finding(span, f"{REFERENCE} does not read {name} here. {why}".strip(), unnecessary=True)


@lru_cache(maxsize=2048)
def unread_keys(level: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Of the keys of a mapping of a level those that are not read, each with what to do."""
    known = entity_keys().levels[level]
    kind = kind_of_step(names) if level == "step" else ""
    if known.any_key is not None or (level == "step" and not _is_read_kind(kind)):
        return ()
    elsewhere = _elsewhere(level)
    found: list[tuple[str, str]] = []
    for name in names:
        key = known.by_name.get(name)
        if key is not None:
            why = _why_not(known, key, kind)
            if why is not None:
                found.append((name, why))
        elif name in elsewhere and (level != "action" or "name" in names):  # else it is a step that is not beneath one
            found.append((name, f"Write it {elsewhere[name]}."))
    return tuple(found)


def _why_not(level: Level, key: KeySpec, kind: str) -> str | None:
    """What to write instead of a key that is not read; None where it is read, or where the beta line reads it."""
    if key.release is Release.NONE:
        return _sentence(key.instead)
    if key.release is not Release.REFERENCE or level.name != "step":
        return None
    if key.beside and kind not in key.beside:
        return f"It is read beside {listed(key.beside, 'or')}."
    if key.name in step_kinds() and key.name != kind:
        return f"The step is one of the kind {kind}: write another step for {key.name}."
    return None


def _is_read_kind(kind: str) -> bool:
    """Whether a step of that kind is read; any other one is refused as a whole."""
    spec = step_kinds().get(kind)
    return spec is not None and spec.release is Release.REFERENCE


_IN_ENTITY = ("schema", "description", "fields")


def _has_in_entity(place: MappingPlace, name: str) -> bool:
    entry: Entry | None = place.entries.get("entity")
    inner = place.source.mapping(entry.value) if entry is not None else None
    return inner is not None and inner.entry(name) is not None


def _sentence(markdown: str) -> str:
    text = plain(markdown)
    return text[:1].upper() + text[1:]


@cache
def _elsewhere(level: str) -> Table[str, str]:
    """The keys that SpecQL reads in another place than a mapping of the level, with that place."""
    levels = entity_keys().levels
    if level == "entity file":
        return _AT_TOP
    if level in {"entity", "organization"}:
        found = {key.name: "at the top level" for key in levels["entity file"].read()}
    elif level == "action":
        found = dict.fromkeys(step_kinds(), "as a step, beneath steps")
    else:
        return MappingProxyType({})
    return MappingProxyType({name: where for name, where in found.items() if name not in levels[level].by_name})


_AT_TOP: Table[str, str] = MappingProxyType(
    {
        "table_code": "beneath organization",
        "domain_name": "beneath organization",
        "steps": "beneath an action",
        "include_relations": "beneath table_views",
        "extra_filter_columns": "beneath table_views",
        "components": "beneath identifier",
    }
)


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """What the key means, where it is read; and without it."""
    from specql_lsp.features.diagnostics.rules.key_not_read_fixes import fixes_of_key

    return fixes_of_key(context, finding)
