"""``missing-entity``: the entity has no name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.rules.unknown_key import nearest_key
from specql_lsp.features.model import Finding
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.release import REFERENCE
from specql_lsp.severity import Severity
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Mapping, Scalar

RULE = Rule(
    code="missing-entity",
    severity=Severity.ERROR,
    summary="The entity has no name.",
    explanation=(
        f"`entity` is a name, or a mapping with the key `name`. {REFERENCE} stops with `KeyError: 'name'` at a mapping "
        "without it. It reads a file whose `entity` is empty, a number or another value that is no text, but its "
        "generator stops there; that is a warning.\n\n"
        "Write the entity's name in PascalCase: `entity: Contact`."
    ),
    example="entity:\n  schema: crm\nfields:\n  email: email\n",
    better="entity:\n  name: Contact\n  schema: crm\nfields:\n  email: email\n",
    waits=True,
)


def _misspelt(entity: Mapping | None) -> Scalar | None:
    """The key of the entity's mapping that is nearly ``name``."""
    known = entity_keys().levels["entity"].by_name
    for entry in entity.entries if entity is not None else ():
        key = entry.key
        if isinstance(key, Scalar) and key.value not in known and nearest_key(key.value, ("name",)):
            return key
    return None


def of_entity(context: RuleContext) -> Iterator[Finding]:
    """The key ``entity`` where no name is behind it."""
    tree, entry = context.document.tree, context.entity.entity_entry
    inner = tree.mapping(entry.value)
    named = entry if inner is None else inner.entry("name")
    if named is None:
        slip = _misspelt(inner)
        what = f"The entity has no name: {REFERENCE} refuses a mapping without the key name."
        if slip is None:
            yield RULE.finding(entry.key.span, f"{what} Write name: Contact in it.")
        else:
            yield RULE.finding(slip.text_span, f"{what} Did you mean name?", replacements=("name",))
        return
    value = tree.resolve(named.value)
    kind = constructed(value)
    if kind is Constructed.TEXT and not (isinstance(value, Scalar) and not value.value.strip()):
        return
    span = named.key.span if value is None or named.value is None else named.value.span
    is_empty = kind in {Constructed.NULL, Constructed.TEXT}
    what = "The entity has no name" if is_empty else f"The entity's name is {kind.value}"
    message = f"{what}: {REFERENCE} reads the file, and its generator stops. Write a name."
    yield replace(RULE.finding(span, message), severity=Severity.WARNING)
