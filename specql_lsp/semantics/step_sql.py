"""The SQL that SpecQL 0.9.2 generates of actions and their steps: what a reader wants to know of it.

Source: ``CoreLogicGenerator`` of that release. ``tests/specql/test_step_sql.py`` finds every line in what it generates.
"""

from __future__ import annotations

import re
import unicodedata

from specql_lsp.items.entity import EntityItem, StepItem
from specql_lsp.language.checked_words import checked_words
from specql_lsp.language.step_texts import refused_text
from specql_lsp.syntax.nodes import Mapping, Scalar, Sequence

TEMPLATES = ("create", "update", "delete")
"""An action whose name begins so, whatever its case, is made of a template: its steps are not read for it."""


def template_of(action_name: str) -> str | None:
    """The template that SpecQL makes an action of, by its name; None where it is made of its steps."""
    lowered = action_name.lower()
    return next((each for each in TEMPLATES if lowered.startswith(each)), None)


def function_of(entity: EntityItem, action_name: str) -> str:
    """The function that SpecQL writes for an action: a template's has the entity's name, not the action's."""
    template = template_of(action_name)
    name = entity.name.value.lower() if entity.name is not None else ""
    return f"{entity.schema}.{template}_{name}" if template is not None else f"{entity.schema}.{action_name}"


def step_sql(entity: EntityItem, step: StepItem) -> tuple[str, ...]:
    """The statements of a step that is directly in an action without a template; empty where nothing is generated."""
    if entity.name is None:
        return ()
    value = step.value
    if isinstance(value, Scalar):
        match step.kind:
            case "validate":
                return _validate(entity, value.value)
            case "update":
                return _update(entity, value.value)
    if step.kind == "refresh_table_view" and (value is None or isinstance(value, Mapping)):
        return _refresh(entity, value)
    return ()


def refused_word(entity: EntityItem, step: StepItem) -> str | None:
    """The first word of a step's text that SpecQL takes for a field that the entity has not; None if there is none."""
    names = {field.name for field in entity.fields}
    value = step.value
    if not isinstance(value, Scalar) or not names:
        return None
    return next((word.text for word in checked_words(step.kind, value.value) if word.text not in names), None)


def is_refused(step: StepItem) -> bool:
    """Whether SpecQL refuses the form of a step's text, as that of an ``update`` without SET."""
    value = step.value
    return isinstance(value, Scalar) and refused_text(step.kind, value.value) is not None


def _validate(entity: EntityItem, text: str) -> tuple[str, ...]:
    own = entity.name.value.lower() if entity.name is not None else ""
    names = dict.fromkeys(field.name for field in entity.fields)
    used = [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)]
    condition = text
    for name in used:
        condition = condition.replace(name, f"v_current_{name}")
    lines = [f"IF NOT ({condition}) THEN"]
    if used:
        variables = ", ".join(f"v_current_{name}" for name in used)
        where = f"WHERE id = v_{own}_id AND tenant_id = auth_tenant_id;"
        table = f"{entity.schema}.tb_{_slug(entity.name.value)}" if entity.name is not None else ""
        lines = [f"SELECT {', '.join(used)} INTO {variables}", f"FROM {table} {where}", *lines]
    return tuple(lines)


def _slug(name: str) -> str:
    """The name with underscores between its words, as ``safe_slug`` writes it: not as the table itself is named."""
    plain = "".join(each for each in unicodedata.normalize("NFD", name) if unicodedata.category(each) != "Mn")
    slug = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain).lower()).strip("_")
    return slug if slug and not slug[0].isdigit() else f"entity_{slug}" if slug else "entity"


def _update(entity: EntityItem, text: str) -> tuple[str, ...]:
    other, separator, rest = text.partition(" SET ")
    if not separator:
        return ()
    table = f"{entity.schema}.tb_{other.strip().lower()}"
    own = entity.name.value.lower() if entity.name is not None else ""
    assignments = rest.split(" WHERE ", 1)[0].strip()
    return (
        f"UPDATE {table} SET {assignments}, updated_at = now(), updated_by = auth_user_id",
        f"WHERE id = v_{own}_id;",
    )


def _refresh(entity: EntityItem, body: Mapping | None) -> tuple[str, ...]:
    name = entity.name.value if entity.name is not None else ""
    own = name.lower()
    scope = body.scalar("scope") if body is not None else None
    if scope is not None and scope.value == "batch":
        return (f"INSERT INTO pg_temp.tv_refresh_queue VALUES ('{name}', v_pk_{own});",)
    lines = [f"PERFORM {entity.schema}.refresh_tv_{own}(v_pk_{own});"]
    others = body.value("propagate") if body is not None else None
    if scope is not None and scope.value == "propagate" and isinstance(others, Sequence):
        for other in others.items:
            if isinstance(other, Scalar):
                lowered = other.value.lower()
                lines.append(f"PERFORM {entity.schema}.refresh_tv_{lowered}(v_fk_{lowered});")
    return tuple(lines)
