"""Code actions at a cursor: what is offered, in which order, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.config import Backend, RegistrySettings, UrlOrigin
from specql_lsp.features import diagnostics
from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.code_actions.drift import RESOLVE
from specql_lsp.features.code_actions.table_codes import ALLOCATE, CHOOSE_SUBDOMAIN, RENAME
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.registry.consistency.comparison import discrepancy_from_json
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY, REGISTRY_URI, URI, analysis, cursor, document
from tests.support.exports import NOW

NEW = "entity: $0New\nschema: crm\n"


def offered(marked: str, *, uri: str = URI, registry: str | None = REGISTRY, writable: bool = True) -> list[CodeAction]:
    """The actions at the cursor."""
    text, at = cursor(marked)
    it = document(text, uri)
    return actions_at(analysis(it, registry=registry, writable=writable), it, at)


def actions_at(picture: Analysis, it: Document, at: int) -> list[CodeAction]:
    span = Span(at, at)
    found = (*diagnostics.check(picture, it), *diagnostics.drift(picture, it))
    return list(code_actions(picture, it, span, tuple(f for f in found if f.span.overlaps(span)), NOW))


def edited(marked: str, action: CodeAction) -> str:
    text, _ = cursor(marked)
    return apply(text, action.edits)


def titles(actions: list[CodeAction]) -> list[str]:
    return [action.title for action in actions]


# Allocating


def test_leased_codes_are_offered_while_postgresql_is_away() -> None:
    text, at = cursor("entity: $0NewCustomer\nschema: crm\n")
    it = document(text, URI)
    picture = analysis(it, writable=False)
    leased = replace(picture.registry.provenance, leased=("012032", "012034", "013011"))
    away = replace(picture, registry=replace(picture.registry, provenance=leased))
    (action,) = actions_at(away, it, at)
    assert action.title == "Allocate a leased code in crm / customer (012032, 2 left)"
    assert (action.disabled, action.preferred) == (None, False)
    assert action.command is not None
    assert action.command.arguments == {"uri": URI, "entity": "NewCustomer", "domain": "2", "subdomain": "03"}


def test_a_code_is_allocated_where_specql_would_put_it() -> None:
    actions = offered("entity: $0NewCustomer\nschema: crm\n")
    assert titles(actions) == [
        "Allocate a code in crm / customer (012031, 12 left)",
        "Allocate a code in crm / core (012011, 15 left)",
    ]
    assert [action.preferred for action in actions] == [True, False]
    assert actions[0].kind is ActionKind.QUICK_FIX
    assert [f.code for f in actions[0].fixes] == ["missing-table-code"]
    command = actions[0].command
    assert command is not None
    assert command.command == ALLOCATE
    assert command.arguments == {"uri": URI, "entity": "NewCustomer", "domain": "2", "subdomain": "03"}


def test_of_many_subdomains_the_last_action_leads_to_the_others() -> None:
    rows = "".join(f"      '{number:02}': {{name: part_{number}}}\n" for number in range(1, 10))
    registry = f"domains:\n  '5':\n    name: parts\n    subdomains:\n{rows}"
    actions = offered("entity: $0New\nschema: parts\n", registry=registry)
    assert titles(actions)[-1] == "Another subdomain…" and len(actions) == 9
    command = actions[-1].command
    assert command is not None and command.command == CHOOSE_SUBDOMAIN
    assert command.arguments == {"uri": URI, "entity": "New", "domain": "5"}
    fewer = offered("entity: $0New\nschema: parts\n", registry=registry.replace("      '09': {name: part_9}\n", ""))
    assert len(fewer) == 8 and "Another subdomain…" not in titles(fewer)


def test_the_named_subdomain_comes_first() -> None:
    actions = offered("entity: $0New\nschema: crm\norganization:\n  subdomain: customer\n  table_code:\n")
    assert titles(actions)[0].startswith("Allocate a code in crm / customer")


RENAMED = "entity: $0Firm\nschema: crm\norganization: {table_code: '012035'}\n"


def test_a_registration_follows_an_entity_that_was_renamed_by_hand() -> None:
    first, *others = offered(RENAMED)
    assert first.title == "Rename Company to Firm in the registry (keeps 012035)"
    assert first.command is not None and first.command.command == RENAME
    assert dict(first.command.arguments) == {
        "uri": URI,
        "domain": "2",
        "subdomain": "03",
        "entity": "Company",
        "newName": "Firm",
        "tableCode": "012035",
    }
    # The registration may be of another workspace's entity: nothing is preferred, which an editor does unasked.
    assert others and not any(action.preferred for action in (first, *others))


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (RENAMED, ("entity: Company\nschema: crm\n",)),
        (RENAMED, ("entity: company\nschema: management\n",)),
        (RENAMED, ("entity: Other\nschema: crm\norganization: {table_code: '012035'}\n",)),
        (RENAMED.replace("Firm", "Contact"), ()),
        (RENAMED.replace("schema: crm", "schema: catalog"), ()),
    ],
)
def test_an_entity_whose_old_name_is_in_use_was_not_renamed(text: str, others: tuple[str, ...]) -> None:
    written, at = cursor(text)
    it = document(written, URI)
    known = analysis(it, *(document(other, f"file:///workspace/other{n}.yaml") for n, other in enumerate(others)))
    assert not [action for action in actions_at(known, it, at) if action.title.startswith("Rename")]


def with_registry(settings: RegistrySettings, registry: str = REGISTRY) -> CodeAction:
    """The first action for the renamed entity while the YAML answers, under these settings."""
    written, at = cursor(RENAMED)
    it = document(written, URI)
    known = analysis(it, registry=registry, writable=False)
    return actions_at(replace(known, settings=replace(known.settings, registry=settings)), it, at)[0]


@pytest.mark.parametrize(
    "settings",
    [
        RegistrySettings(database_url="postgresql://db.example.org/registry"),
        RegistrySettings(backend=Backend.POSTGRESQL),
        RegistrySettings(snapshot_only=True),
        RegistrySettings(unread=(("databaseUrl", "specql-lsp.toml"),)),
        RegistrySettings(url_origin=UrlOrigin(withheld=True)),
    ],
)
def test_a_registry_that_is_read_only_is_not_renamed(settings: RegistrySettings) -> None:
    first = with_registry(settings)
    assert first.title.startswith("Rename Company to Firm") and first.disabled and first.command is None
    assert not first.elsewhere


@pytest.mark.parametrize(
    "settings",
    [RegistrySettings(), RegistrySettings(backend=Backend.YAML, database_url="postgresql://db.example.org/registry")],
)
def test_where_the_yaml_is_the_registry_it_is_renamed_there(settings: RegistrySettings) -> None:
    first = with_registry(settings)
    assert first.title == "Rename Company to Firm in the registry (keeps 012035)"
    assert first.disabled is None and first.command is None and first.has_edit and not first.preferred
    ((yaml, edits),) = first.elsewhere
    assert yaml.uri == REGISTRY_URI
    before, after = yaml.text.splitlines(), apply(yaml.text, edits).splitlines()
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("Company:", "Firm:"), ("entity_code: CMP", "entity_code: FRM")]  # as a rename does


def test_a_registry_yaml_with_an_error_is_not_changed() -> None:
    assert with_registry(RegistrySettings(), f"{REGISTRY}\nother: [\n").disabled


@pytest.mark.parametrize("code", ["'12'", "'012035'", "'999999'", "'013022'", "'012996'", "'772036'", "'018036'"])
def test_a_wrong_code_can_be_replaced(code: str) -> None:
    actions = offered(f"entity: New\nschema: crm\norganization:\n  table_code: $0{code}\n")
    (first, *_) = [action for action in actions if action.command is not None and action.command.command == ALLOCATE]
    assert first.title.startswith("Allocate a code in crm / core")
    assert first.kind is ActionKind.QUICK_FIX
    assert first.preferred is (code != "'012035'")  # of that one the entity may have been renamed


def test_codes_of_other_files_are_not_offered() -> None:
    text, at = cursor("entity: $0New\nschema: crm\n")
    it = document(text)
    other = document("entity: Other\nschema: crm\norganization: {table_code: '012011'}\n", "file:///o.yaml")
    assert titles(actions_at(analysis(it, other), it, at))[0].endswith("(012012, 14 left)")


def test_without_a_finding_it_is_a_refactoring() -> None:
    actions = offered("entity: New\nschema: crm\nor$0ganization:\n  table_code:\n")
    assert actions
    assert {action.kind for action in actions} == {ActionKind.REFACTOR_REWRITE}
    assert not any(action.preferred for action in actions)


def test_elsewhere_nothing_is_offered() -> None:
    assert offered("entity: New\nschema: crm\nactions:\n  - na$0me: act\n") == []
    fields = offered("entity: New\nschema: crm\nfields:\n  na$0me: text\n")
    assert not [action for action in fields if action.command is not None]


def test_a_read_only_registry_allocates_nothing_and_says_so() -> None:
    (action,) = offered(NEW, writable=False)
    assert action.title == "Allocate a code in crm / core"
    assert action.disabled is not None
    assert action.disabled.startswith("The registry is read-only now")
    assert action.disabled.endswith("PostgreSQL does not answer.")
    assert action.command is None


def test_without_a_registry_it_says_why() -> None:
    (action,) = offered(NEW, registry=None)
    assert action.disabled == "The registry cannot be read: no such file."


def test_a_full_domain_offers_nothing() -> None:
    entities = "".join(f"\n          E{n:X}: '01101{n:X}'" for n in range(1, 16))
    full = REGISTRY.replace("entities: {}", "entities:" + entities, 1)
    assert offered("entity: $0New\nschema: core\n", registry=full) == []


# The registered code


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("entity: $0Contact\nschema: crm\n", "entity: Contact\nschema: crm\norganization:\n  table_code: '012034'\n"),
        (
            "entity: Contact\nschema: crm\norganization: {table_code: $0'012039'}\n",
            "entity: Contact\nschema: crm\norganization: {table_code: '012034'}\n",
        ),
        (
            'entity: Contact\nschema: crm\norganization: {table_code: $0"1"}\n',
            'entity: Contact\nschema: crm\norganization: {table_code: "012034"}\n',
        ),
    ],
)
def test_take_the_registered_code(before: str, expected: str) -> None:
    for writable in (True, False):
        (action,) = offered(before, writable=writable)
        assert action.title == "Take the registered code 012034"
        assert action.preferred
        assert edited(before, action) == expected


def test_a_malformed_registered_code_is_not_offered() -> None:
    registry = REGISTRY.replace("'012034'", "'01203481'")
    assert offered("entity: $0Contact\nschema: crm\n", registry=registry) == []


def test_nothing_where_all_is_well() -> None:
    assert offered("entity: Contact\nschema: crm\norganization: {table_code: $0'012034'}\n") == []


# Registering


UNREGISTERED = "entity: New\nschema: crm\norganization: {table_code: $0'012036'}\n"


def test_register_the_code_that_stands_there() -> None:
    action = offered(UNREGISTERED)[0]
    assert action.title == "Register 012036 for New in crm / customer"
    assert action.preferred
    assert action.command is not None
    assert action.command.arguments == {
        "uri": URI,
        "entity": "New",
        "domain": "2",
        "subdomain": "03",
        "tableCode": "012036",
    }


def test_registering_needs_a_registry_that_can_be_written() -> None:
    action = offered(UNREGISTERED, writable=False)[0]
    assert action.disabled
    assert action.command is None


# Scalars


def test_quote_the_code() -> None:
    before = "entity: Contact\nschema: crm\norganization:\n  table_code: $0012034\n"
    (action,) = offered(before)
    assert action.title == "Quote 012034"
    assert action.preferred
    assert edited(before, action) == "entity: Contact\nschema: crm\norganization:\n  table_code: '012034'\n"


def test_quote_a_code_in_the_registry() -> None:
    before = REGISTRY.replace("'012034'", "$0012034")
    (action,) = offered(before, uri=REGISTRY_URI)
    assert edited(before, action) == REGISTRY


@pytest.mark.parametrize(("written", "fixed"), [("crn", "crm"), ("'crn'", "'crm'"), ('"managment"', '"management"')])
def test_take_the_nearest_domain(written: str, fixed: str) -> None:
    before = f"entity: New\nschema: $0{written}\n"
    (action,) = offered(before)
    assert action.title == f"Change to {fixed.strip(chr(34) + chr(39))}"
    assert edited(before, action) == f"entity: New\nschema: {fixed}\n"


def test_no_domain_is_near() -> None:
    assert offered("entity: New\nschema: $0warehousing\n") == []


# Drift

KINDS = DiscrepancyType


@pytest.mark.parametrize(
    ("discrepancy", "at", "expected"),
    [
        (
            Discrepancy(KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "name", "sales", "crm", "They differ."),
            "crm",
            ['Keep PostgreSQL\'s name: write "sales" to the YAML', 'Keep the YAML\'s name: write "crm" to PostgreSQL'],
        ),
        (
            Discrepancy(KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "aliases", [], ["management"]),
            "management",
            [
                "Keep PostgreSQL's aliases: write empty to the YAML",
                'Keep the YAML\'s aliases: write "management" to PostgreSQL',
            ],
        ),
        (
            Discrepancy(KINDS.MISSING_ENTITY_IN_POSTGRESQL, "2", "03", "Contact", None, None, "012034"),
            "Contact",
            [
                "Keep PostgreSQL: remove Contact (012034) from the YAML",
                "Keep the YAML: add Contact (012034) to PostgreSQL",
            ],
        ),
        (
            Discrepancy(KINDS.MISSING_IN_YAML, "9", postgresql_value="archive"),
            "domains",
            [
                "Keep PostgreSQL: add domain 9 (archive) to the YAML",
                "Keep the YAML: remove domain 9 (archive) from PostgreSQL",
            ],
        ),
    ],
)
def test_either_side_of_a_drift_can_be_kept(discrepancy: Discrepancy, at: str, expected: list[str]) -> None:
    it = document(REGISTRY, REGISTRY_URI)
    picture = analysis(it)
    picture = replace(picture, registry=replace(picture.registry, discrepancies=(discrepancy,)))
    actions = actions_at(picture, it, REGISTRY.index(at))
    assert titles(actions) == [*expected, "Bring the file up to date with PostgreSQL"]
    for action, side in zip(actions[:2], ("postgresql", "yaml"), strict=True):
        assert action.command is not None
        assert action.command.command == RESOLVE
        assert action.command.arguments["keep"] == side
        assert discrepancy_from_json(action.command.arguments["discrepancy"]) == discrepancy
    state = replace(picture.registry, provenance=replace(picture.registry.provenance, writable=False))
    first, second, third = actions_at(replace(picture, registry=state), it, REGISTRY.index(at))
    assert first.disabled is None and third.disabled is None, "the YAML can be written"
    assert second.disabled
    assert second.command is None


@given(st.text(), st.integers(0, 50), st.booleans())
def test_any_text_is_answered_without_an_exception(text: str, at: int, with_registry: bool) -> None:
    for it in (document("entity: " + text), document("domains: " + text, REGISTRY_URI)):
        picture = analysis(it, registry=REGISTRY if with_registry else None)
        for action in actions_at(picture, it, min(at, len(it.text))):
            apply(it.text, action.edits)
