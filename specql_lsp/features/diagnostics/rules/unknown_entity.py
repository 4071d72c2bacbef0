"""``unknown-entity``: a ``ref`` or a step names an entity that nothing defines.

It needs every file of the workspace to have been read once, and the registry: an entity that is known only there is no
mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.features.descriptions import file_name
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import ActionKind, CodeAction, CommandCall, Finding, NewFile
from specql_lsp.features.writable import why_not_write
from specql_lsp.language.names import is_entity_name, nearest_line
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.severity import Severity
from specql_lsp.workspace.analysis import Analysis

CREATE = "specql.createEntityFile"
_MOST_RELATED = 5
_MOST_SUGGESTIONS = 20
"""For as many wrong names of one file the nearest one is looked for: among ten thousand it takes a few milliseconds."""

RULE = Rule(
    code="unknown-entity",
    severity=Severity.WARNING,
    summary="A ref or a step names an entity that neither a file of the workspace nor the registry has.",
    explanation="""\
SpecQL reads each file by itself and never looks for the entity that a `ref(…)` names: it writes a foreign key to a
table that does not exist, and PostgreSQL refuses that `ALTER TABLE`.

Write the name that was meant, or create the entity's file. Names compare without regard to case. Nothing is reported
while no registry can be read, or before every file of the workspace has been read.
""",
    example="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
fields:
  organization: ref(Organisation)
-- entities/crm/organization.yaml --
entity: Organization
schema: crm
""",
    better="""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
fields:
  organization: ref(Organization)
-- entities/crm/organization.yaml --
entity: Organization
schema: crm
""",
    fix="Changes the name to the nearest one, or creates the entity's file.",
    waits=True,
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The entities that a file names and nothing defines."""
    snapshot, entity = context.analysis.snapshot, context.entity
    if snapshot is None:
        return
    names = _Names(context.analysis, snapshot)
    if not any(names.problem(schema, name) for schema, name in entity.named_entities):
        return
    for reference in dict.fromkeys((*entity.references, *entity.step_entities)):
        problem = names.problem(reference.schema, reference.name)
        if problem is not None:
            span = reference.span if problem.is_about_schema else reference.name_span
            yield RULE.finding(span, problem.message, replacements=problem.replacements)


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """A file for the entity, in the schema that the reference names, or in the one of the file itself."""
    from specql_lsp.features.new_files import entity_text, is_free, uri_for
    from specql_lsp.syntax.editing.edits import YamlWriter

    analysis, document, entity = context
    references = (*entity.references, *entity.step_entities)
    found = next((each for each in references if finding.span in {each.span, each.name_span}), None)
    if found is None or not is_entity_name(found.name):
        return
    schema = found.schema or entity.schema
    uri = uri_for(analysis, document, entity, schema, found.name)
    title = f"Create the entity {found.name} in the file {file_name(uri)}"
    if not is_free(analysis, uri):
        reason = f"There is a file {file_name(uri)} already, which defines another entity."
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), disabled=reason)
        return
    domain = analysis.snapshot.domain_named(schema) if analysis.snapshot is not None else None
    if domain is not None and why_not_write(analysis) is None:
        arguments = {"uri": uri, "entity": found.name, "schema": schema, "domain": domain.number}
        command = CommandCall(CREATE, arguments)
        yield CodeAction(
            f"{title}, with a code", ActionKind.QUICK_FIX, (finding,), command=command, needs_new_files=True
        )
    text = entity_text(found.name, schema, YamlWriter(document.tree).line_break)
    yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), new_files=(NewFile(uri, text),))


class _Problem(NamedTuple):
    message: str
    is_about_schema: bool
    replacements: tuple[str, ...] = ()


class _Names:
    """What is wrong with the names of entities in one file: each is looked up once."""

    def __init__(self, analysis: Analysis, snapshot: Snapshot) -> None:
        self._analysis = analysis
        self._snapshot = snapshot
        self._known: dict[tuple[str | None, str], _Problem | None] = {}
        self._suggestions = 0

    def problem(self, schema: str | None, name: str) -> _Problem | None:
        """What is wrong with a name that nothing defines; None where it is defined, or may be."""
        key = (schema, name)
        if key not in self._known:
            self._known[key] = self._problem(schema, name)
        return self._known[key]

    def _problem(self, schema: str | None, name: str) -> _Problem | None:
        schemas = self._analysis.index.schemas_of(name)
        if schemas and (schema is None or any(self._is_same_schema(schema, other) for other in schemas)):
            return None
        registered = self._snapshot.by_entity(name)
        domains = [registration.domain.name for registration in registered]
        if domains and (schema is None or any(self._is_same_schema(schema, domain) for domain in domains)):
            return None
        if not self._analysis.knows_all_files():
            return None
        shown = shortened(name)
        others = list(dict.fromkeys((*schemas, *domains)))[:_MOST_RELATED]
        if others and schema is not None:
            where = ", ".join(map(shortened, others))
            message = f"The schema {shortened(schema)} has no entity {shown}: an entity of that name is in {where}."
            return _Problem(message, is_about_schema=True, replacements=tuple(f"{other}.{name}" for other in others))
        near = self._nearest(name)
        hint = f"Did you mean {shortened(near)}?" if near else "Create its file, or name an entity that exists."
        message = f"Neither a file of the workspace nor the registry has an entity named {shown}. {hint}"
        return _Problem(message, is_about_schema=False, replacements=(near,) if near else ())

    def _is_same_schema(self, one: str, other: str) -> bool:
        """Whether two schemas have the same name, or are the same domain by name or alias."""
        if one.lower() == other.lower():
            return True
        domain = self._snapshot.domain_named(one)
        return domain is not None and self._snapshot.domain_named(other) is domain

    def _nearest(self, name: str) -> str | None:
        if self._suggestions == _MOST_SUGGESTIONS:
            return None
        self._suggestions += 1
        return nearest_entity(self._analysis, self._snapshot, name)


def nearest_entity(analysis: Analysis, snapshot: Snapshot, name: str) -> str | None:
    """The entity of the workspace or the registry whose name is nearest; None where none is near."""
    found = nearest_line(name, analysis.index.names_text, snapshot.names_text)
    if found is None:
        return None
    files, registered = analysis.index.definitions(found), snapshot.by_entity(found)
    return files[0].name if files else registered[0].entity.name if registered else found
