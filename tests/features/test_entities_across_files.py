"""``unknown-entity`` and ``duplicate-entity``: what a file's names mean in the workspace and the registry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding
from specql_lsp.language.names import nearest_line
from tests.features.test_navigation import REGISTRY
from tests.features.workspace_snippets import Workspace, at, spot, workspace

CODES = ("unknown-entity", "duplicate-entity")


def findings(it: Workspace, path: str, *, registry: bool = True) -> list[Finding]:
    found = check(it.analysis(registry=registry), it.document(path))
    return [finding for finding in found if finding.code in CODES]


def check_findings(snippet: str, *, registry: bool = True) -> None:
    """Every file has the findings that its marks say, by name and message; a mark ``here`` is a related place."""
    it = workspace(snippet)
    for path, document in it.documents.items():
        expected = {(m.line, m.start, m.end, m.name, m.message) for m in it.marks if m.path == path and m.name in CODES}
        found = findings(it, path, registry=registry)
        assert {(*at(document, *f.span), f.code, f.message) for f in found} == expected
        related = {spot(r.place) for f in found for r in f.related}
        assert all(place in it.marked("here", *CODES) for place in related)


NOBODY = "Neither a file of the workspace nor the registry has an entity named "
NONE_NEAR = "Create its file, or name an entity that exists."


@pytest.mark.parametrize(
    "text",
    [
        f"fields: {{c: ref(Missing)}}\n                ^^^^^^^ unknown-entity: {NOBODY}Missing. {NONE_NEAR}",
        f"fields: {{c: ref(Contct)}}\n                ^^^^^^ unknown-entity: {NOBODY}Contct. Did you mean Contact?",
        f"fields: {{c: ref(GHOTS)}}\n                ^^^^^ unknown-entity: {NOBODY}GHOTS. Did you mean Ghost?",
        f"fields: {{c: ref(crm.Missing)}}\n                    ^^^^^^^ unknown-entity: {NOBODY}Missing. {NONE_NEAR}",
        (
            "fields: {c: ref(sales.Contact)}\n                ^^^^^^^^^^^^^ unknown-entity: "
            "The schema sales has no entity Contact: an entity of that name is in crm."
        ),
        (
            "fields: {c: ref(sales.Ghost)}\n                ^^^^^^^^^^^ unknown-entity: "
            "The schema sales has no entity Ghost: an entity of that name is in crm."
        ),
        (
            "fields: {c: ref(Contact|Missing)}\n"
            f"                        ^^^^^^^ unknown-entity: {NOBODY}Missing. {NONE_NEAR}"
        ),
        (
            "actions:\n  - name: a\n    steps:\n      - insert: Missing\n"
            f"                ^^^^^^^ unknown-entity: {NOBODY}Missing. {NONE_NEAR}"
        ),
        (
            "actions: [{name: a, steps: [{update: Missing SET a = 1}]}]\n"
            f"                                     ^^^^^^^ unknown-entity: {NOBODY}Missing. {NONE_NEAR}"
        ),
    ],
)
def test_an_entity_that_is_nowhere(text: str) -> None:
    check_findings(f"-- sales/lead.yaml --\nentity: Lead\nschema: sales\n{text}\n{CONTACT}{REGISTRY}")


CONTACT = "-- contact.yaml --\nentity: Contact\nschema: crm\n"


@pytest.mark.parametrize(
    "text",
    [
        "fields: {c: ref(Contact), d: ref(ghost), e: ref(Lead)}",
        "fields: {c: ref(management.Contact), d: ref(CRM.Ghost)}",
        "fields: {c: ref(), d: ref(|), e: text}",
        "fields: {c: 'ref(Contact'}",
        "actions: [{name: a, steps: [{validate: Missing = 1}, {call: Missing()}, {insert: Lead}, {delete: $1}]}]",
        "table_views: {include_relations: [{Missing: {fields: [a]}}]}",
    ],
)
def test_what_is_known_or_is_no_entity(text: str) -> None:
    check_findings(f"-- lead.yaml --\nentity: Lead\n{text}\n{CONTACT}{REGISTRY}")


def test_without_a_registry_none_is_unknown() -> None:
    check_findings("entity: Lead\nfields: {c: ref(Missing)}\n", registry=False)


def test_before_every_file_is_read_none_is_unknown() -> None:
    it = workspace("entity: Lead\nfields: {c: ref(Missing)}\n")
    assert [f.code for f in check(it.analysis(), it.document())].count("unknown-entity") == 1
    reading = replace(it.analysis(), has_read_all=False)
    assert "unknown-entity" not in [f.code for f in check(reading, it.document())]
    assert "unknown-entity" not in [f.code for f in check(it.analysis().without_files(), it.document())]


def test_two_documents_know_each_other() -> None:
    check_findings("-- a.yaml --\nentity: A\n---\nentity: B\nfields: {a: ref(A)}\n")


def test_two_files_define_one_entity() -> None:
    message = "defines Contact in the schema crm, too: rename one of them, or give it another schema."
    check_findings(
        f"""
-- a/contact.yaml --
entity: Contact
        ^^^^^^^ duplicate-entity: person.yaml {message}
schema: crm
-- b/person.yaml --
entity: contact
        ^^^^^^^ duplicate-entity: contact.yaml {message.replace("Contact", "contact").replace("crm", "CRM")}
schema: CRM
-- c/contact.yaml --
entity: Contact
schema: sales
"""
    )


def test_several_more_files_are_counted_and_five_are_shown() -> None:
    files = "".join(f"-- {n}.yaml --\nentity: Contact\n" for n in range(9))
    [found] = findings(workspace(files), "8.yaml")
    assert found.message.startswith("0.yaml and 7 more define Contact in the schema public, too: ")
    assert [spot(related.place)[0] for related in found.related] == [f"{n}.yaml" for n in range(5)]


def test_one_file_that_defines_it_twice_is_no_other_file() -> None:
    check_findings("entity: A\n---\nentity: A\n")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("contct", "contact"),
        ("conatct", "contact"),
        ("CONTAC", "contact"),
        ("manufacturers", "manufacturer"),
        ("administrativelvel", "administrativelevel"),
        ("zzz", None),
        ("", None),
        ("\n", None),
    ],
)
def test_the_nearest_of_many_lines(name: str, nearest: str | None) -> None:
    noise = [f"noise{number}" for number in range(5000)]
    one = "\n".join(["", *noise[:2500], "contact", "manufacturer", *noise[2500:], ""])
    assert nearest_line(name, one, "\nadministrativelevel\n", "\n") == nearest


def test_a_name_is_looked_up_once_and_few_get_a_suggestion() -> None:
    fields = "".join(f"  f{number}: ref(Contac{number % 30:02})\n" for number in range(3000))
    found = findings(workspace(f"-- a.yaml --\nentity: A\nfields:\n{fields}{CONTACT}"), "a.yaml")
    assert len(found) == 3000
    assert len({finding.message for finding in found if "Did you mean Contact?" in finding.message}) == 20
