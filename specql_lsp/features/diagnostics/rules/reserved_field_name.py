"""``reserved-field-name``: a field has the name of a column that SpecQL adds itself."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.entity_walk import FieldPlace
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.names import RESERVED_FIELD_PREFIXES, is_reserved_field_name
from specql_lsp.language.release import REFERENCE
from specql_lsp.severity import Severity

RULE = Rule(
    code="reserved-field-name",
    severity=Severity.ERROR,
    fix="Renames the field, or removes it where SpecQL adds it.",
    waits=True,
    summary="A field has a name that SpecQL keeps for its own columns.",
    explanation=(
        f"{REFERENCE} adds columns to every table: `id`, `tenant_id`, `identifier`, `sequence_number`, "
        "`display_identifier`, `path`, `created_at`, `created_by`, `updated_at`, `updated_by`, `deleted_at`, "
        "`deleted_by` and those of recalculations, and keys that begin with `pk_` and `fk_`. It refuses a file that "
        "has a field of such a name; case matters.\n\n"
        "Remove the field where the column that SpecQL adds is meant; else rename it. The field of a reference is "
        "written without `fk_`: `company: ref(Company)` becomes the column `fk_company`."
    ),
    example="entity: Invoice\nfields:\n  id: uuid\n  total: money\n",
    better="entity: Invoice\nfields:\n  total: money\n",
)


def of_field(place: FieldPlace) -> Iterator[Finding]:
    """The name of a field that is reserved."""
    name = place.key.value
    if place.has_name and is_reserved_field_name(name):
        yield RULE.finding(
            place.key.text_span,
            f"SpecQL keeps the name {shortened(name)} for a column of its own: {REFERENCE} refuses the file. Rename "
            "the field, or remove it if SpecQL's column is meant.",
        )


def proposals(name: str) -> tuple[str, ...]:
    """Names for a field that is called ``name``, best first."""
    for prefix in RESERVED_FIELD_PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest and not is_reserved_field_name(rest):
            return (rest,)
    if name.startswith(RESERVED_FIELD_PREFIXES):
        return (f"own_{name}",)
    return (f"{name}_",)


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """The field under another name, and the file without it, as SpecQL adds the column itself."""
    from specql_lsp.features.entry_edits import remove, written_entry
    from specql_lsp.features.field_renames import rename_field

    tree = context.document.tree
    place = written_entry(tree, finding.span)
    name = place.entry.name if place is not None else None
    if place is None or name is None:
        return
    names = {field.name for field in context.entity.fields}
    for to in proposals(name):
        if to not in names:
            edits = rename_field(context.analysis, context.document, finding.span, name, to)
            yield CodeAction(f"Change to {to}", ActionKind.QUICK_FIX, (finding,), edits, preferred=True)
    if name in _ALWAYS_ADDED:
        title = f"Remove {name}, which SpecQL adds"
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), remove(tree, place))


_ALWAYS_ADDED = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by"})
"""The columns of every table."""
