"""Hover of a type: PostgreSQL, GraphQL, CHECK, range and example; a composite's parts; what another text becomes."""

from __future__ import annotations

from specql_lsp.features.hover.columns import column_text
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, escape, table, title
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.type_syntax import NamedType, parse_field_type
from specql_lsp.language.types import TypeSpec, TypeTier, type_instead, type_named
from specql_lsp.semantics.columns import LossKind, column

_CONSTRUCTORS = {
    "enum": ("One of several values, in a TEXT column with a CHECK.", "status: enum(lead, customer) = lead"),
    "list": ("Several values of a type, in a JSONB column.", "tags: list(text)"),
    "ref": ("A row of another entity, in a column `fk_<field>` with a foreign key.", "company: ref(Company)"),
}
_MARKS = {
    "!": "NOT NULL, where it is the last character of the field.",
    "?": "No release of SpecQL reads it: fields are nullable without it.",
}


def type_(request: HoverRequest) -> Text | None:
    """A type, the name of a text that is none, or a mark; with the column of its field."""
    text = type_text(request.symbol.name, shows_generated=request.shows_generated)
    return Text(paragraphs(text, _column(request)))


def type_text(name: str, *, shows_generated: bool = True) -> str:
    """What a type, or a text that is none, is; and if that is wanted what SpecQL 0.9.2 makes of a text that is none."""
    return paragraphs(_head(name, shows_generated=shows_generated), *_facts(name))


def _head(name: str, *, shows_generated: bool) -> str:
    spec = type_named(name)
    if spec is not None:
        postgres = f"PostgreSQL {code(spec.postgres)}"
        graphql = f" · GraphQL {code(spec.graphql)}" if spec.graphql else ""
        tier = "composite type" if spec.tier is TypeTier.COMPOSITE else "type"
        return f"{title(name)} · {tier} · {postgres}{graphql}"
    if name in _CONSTRUCTORS:
        return f"**{name}** · type"
    if name in _MARKS:
        return title(name)
    made = f" of {REFERENCE}, which makes the column TEXT" if shows_generated else " of SpecQL"
    return f"{title(name)} · not a type{made}"


def _facts(name: str) -> list[str]:
    spec = type_named(name)
    if spec is None:
        if name in _CONSTRUCTORS:
            text, example = _CONSTRUCTORS[name]
            return [text, f"Example: {code(example)}"]
        if name in _MARKS:
            return [_MARKS[name]]
        instead = type_instead(name)
        return [f"Write {code(instead)}: {escape(_summary(instead))}"] if instead else []
    return [
        escape(spec.description),
        f"Another name of {code(spec.alias_of)}." if spec.alias_of else "",
        _range(spec),
        f"CHECK {code(spec.pattern)}" if spec.pattern else "",
        f"Example: {code(spec.example)}" if spec.example and len(spec.example) < 120 else "",
        _parts(spec),
    ]


def _summary(name: str) -> str:
    spec = type_named(name)
    return f"{spec.description or name}, PostgreSQL {spec.postgres}" if spec is not None else name


def _range(spec: TypeSpec) -> str:
    match spec.minimum, spec.maximum:
        case None, None:
            return ""
        case low, None:
            return f"Range: at least {low:g}"
        case None, high:
            return f"Range: at most {high:g}"
        case low, high:
            return f"Range: {low:g} to {high:g}"


def _parts(spec: TypeSpec) -> str:
    if not spec.fields:
        return ""
    rows = [
        (code(part.name), code(part.type), "" if part.nullable else "yes", escape(part.description))
        for part in spec.fields
    ]
    return table(("Part", "Type", "Required", "What it is"), rows)


def _column(request: HoverRequest) -> str:
    found = request.field(request.symbol.owner, ())
    if found is None or found.text is None or not request.shows_generated:
        return ""
    is_known = request.symbol.name in _CONSTRUCTORS or type_named(request.symbol.name) is not None
    without = None if is_known else LossKind.TYPE
    return column_text(column(found.name, found.text, found.schema), found.text, without=without)


def type_line(text: str) -> str:
    """What a field's type is, in a line; empty for a basic type and for what is none."""
    expression = parse_field_type(text).type
    spec = type_named(expression.name.text) if isinstance(expression, NamedType) else None
    if spec is None or not spec.description:
        return ""
    graphql = f" · GraphQL {code(spec.graphql)}" if spec.graphql else ""
    return f"{code(spec.name)}: {escape(spec.description)}{graphql}"
