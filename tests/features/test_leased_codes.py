"""What is offered and said where codes are leased: by others, by the folder itself, and given out already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from specql_lsp.features import diagnostics
from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.code_actions.table_codes import ALLOCATE
from specql_lsp.features.completion import complete
from specql_lsp.features.hover import hover
from specql_lsp.features.model import CodeAction
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.model import LeasedCode
from specql_lsp.registry.serialization import domains_to_json
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changed_keys import changed_by_registry
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.lookups import LookupKind, recorded
from tests.features.support import REGISTRY, REGISTRY_URI, URI, cursor, document, snapshot

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNTIL = datetime(2026, 1, 8, 9, 30, tzinfo=UTC)
ANNA = LeasedCode("012031", "anna@laptop", UNTIL, "anna")
OURS = LeasedCode("012032", "us@desk", UNTIL, "us", is_own=True)
GIVEN = LeasedCode("012033", "us@desk", UNTIL, "us", is_own=True, entity="Partner")
LEASED = {each.table_code: each for each in (ANNA, OURS, GIVEN)}
WITH_CODE = "entity: {}\nschema: crm\norganization:\n  table_code: '{}'\n"


def workspace(
    it: Document, leased: Mapping[str, LeasedCode] = LEASED, usable: tuple[str, ...] | None = None
) -> Analysis:
    """With leases; ``usable``: PostgreSQL is away, and the folder may give these out."""
    if usable is None:
        provenance = Provenance(Source.POSTGRESQL, writable=True, reason="")
    else:
        provenance = Provenance(Source.YAML, reason="PostgreSQL does not answer.", leased=usable)
    registry = snapshot().with_leased({code: lease for code, lease in leased.items() if code not in (usable or ())})
    summary = summarize(it)
    assert summary is not None
    return Analysis(registry=RegistryState(provenance, registry), index=WorkspaceIndex([summary]))


def actions(marked: str, analysis: Analysis | None = None) -> list[CodeAction]:
    text, at = cursor(marked)
    it = document(text, URI)
    analysis = analysis or workspace(it)
    span = Span(at, at)
    found = tuple(each for each in diagnostics.check(analysis, it) if each.span.overlaps(span))
    return list(code_actions(analysis, it, span, found, NOW))


def completed(marked: str, usable: tuple[str, ...] | None = None) -> list[tuple[str, str]]:
    text, at = cursor(marked)
    it = document(text, URI)
    return [(item.label, item.description) for item in complete(workspace(it, usable=usable), it, at, NOW).items]


def hovered(marked: str, leased: Mapping[str, LeasedCode] = LEASED) -> str:
    text, at = cursor(marked)
    it = document(text, URI)
    found = hover(workspace(it, leased), it, at, NOW)
    assert found is not None
    return found.markdown


def findings(entity: str, code: str) -> list[tuple[str, str]]:
    it = document(WITH_CODE.format(entity, code), URI)
    return [(found.code, found.message) for found in diagnostics.check(workspace(it), it)]


def test_the_next_free_code_is_none_that_is_leased() -> None:
    first, *_ = actions("entity: $0NewCustomer\nschema: crm\n")
    assert first.title == "Allocate a code in crm / customer (012036, 9 left)"
    typed = completed("entity: NewCustomer\nschema: crm\norganization:\n  table_code: $0\n")
    assert ("012036", "customer · 9 left") in typed
    assert {label for label, _ in typed}.isdisjoint(LEASED)
    every = [
        label for label, _ in completed("entity: NewCustomer\nschema: crm\norganization:\n  table_code: '01203$0'\n")
    ]
    assert set(every).isdisjoint(LEASED) and "012037" in every


def test_nor_in_the_registry_yaml() -> None:
    marked = REGISTRY.replace(
        "          Contact:\n", "          NewCustomer: {table_code: $0}\n          Contact:\n", 1
    )
    text, at = cursor(marked)
    it = document(text, REGISTRY_URI)
    offered = complete(replace(workspace(document("entity: A\nschema: crm\n", URI)), registry_document=it), it, at, NOW)
    labels = [item.label for item in offered.items]
    assert labels[0] == "012036" and set(labels).isdisjoint(LEASED)


def test_while_postgresql_is_away_the_folders_own_come_first() -> None:
    marked = "entity: NewCustomer\nschema: crm\norganization:\n  table_code: {}\n"
    first, taken, *_ = completed(marked.format("$0"), usable=("012032",))
    assert first == ("012032", "customer · 1 leased")
    assert taken == ("012032 taken now", "customer · allocates it")
    every = completed(marked.format("'01203$0'"), usable=("012032",))
    assert [label for label, _ in every[:3]] == ["012032", "012032 taken now", "012036"]
    assert {"012031", "012033"}.isdisjoint(label for label, _ in every)


def test_the_trees_have_them() -> None:
    crm = next(each for each in domains_to_json(snapshot().with_leased(LEASED)) if each["name"] == "crm")
    customer = next(each for each in crm["subdomains"] if each["name"] == "customer")
    assert (customer["free"], customer["nextTableCode"]) == (9, "012036")
    assert customer["leased"] == [
        {
            "tableCode": "012031",
            "holder": "anna@laptop",
            "expiresAt": "2026-01-08T09:30:00.000Z",
            "isOwn": False,
            "entity": None,
        },
        {
            "tableCode": "012032",
            "holder": "us@desk",
            "expiresAt": "2026-01-08T09:30:00.000Z",
            "isOwn": True,
            "entity": None,
        },
        {
            "tableCode": "012033",
            "holder": "us@desk",
            "expiresAt": "2026-01-08T09:30:00.000Z",
            "isOwn": True,
            "entity": "Partner",
        },
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("012031", "leased to anna@laptop until 2026-01-08 09:30 UTC"),
        ("012032", "leased by this folder until 2026-01-08 09:30 UTC"),
        ("012033", "leased by this folder and given to Partner: registered when PostgreSQL is back"),
        ("012036", "free"),
    ],
)
def test_a_hover_says_who_keeps_a_code(code: str, words: str) -> None:
    assert f"· {words}\n" in hovered(WITH_CODE.format("NewCustomer", f"{code[:3]}$0{code[3:]}")).replace("\\", "")


def test_a_hover_on_a_subdomain_counts_them() -> None:
    text = hovered("entity: NewCustomer\nschema: crm\norganization:\n  domain_name: crm\n  subdomain: cust$0omer\n")
    assert "Next free code `012036` · 9 left · 3 leased" in text


def test_a_holders_name_cannot_break_a_hover() -> None:
    text = hovered(WITH_CODE.format("NewCustomer", "012$0031"), {"012031": ANNA._replace(holder="[x](http://y) `z`")})
    assert "[x](" not in text


def test_a_code_that_another_has_leased_cannot_be_registered() -> None:
    assert findings("NewCustomer", "012031") == [
        (
            "unregistered-table-code",
            (
                "The code 012031 is leased to anna@laptop until 2026-01-08 09:30 UTC, and cannot be registered here: "
                "take another code, unless NewCustomer comes from there."
            ),
        )
    ]
    offered = actions(WITH_CODE.format("NewCustomer", "012$0031"))
    assert [each.title for each in offered][:1] == ["Allocate a code in crm / customer (012036, 9 left)"]
    assert not any(each.title.startswith("Register ") for each in offered)
    assert [each.preferred for each in offered if each.command and each.command.command == ALLOCATE] == [False, False]
    assert [each.code for each in offered[0].fixes] == ["unregistered-table-code"]


def test_a_code_of_the_folders_own_lease_can() -> None:
    assert findings("NewCustomer", "012032") == [
        (
            "unregistered-table-code",
            "The code 012032 is leased by this folder, but not registered: register it for NewCustomer.",
        )
    ]
    first, *_ = actions(WITH_CODE.format("NewCustomer", "012$0032"))
    assert (first.title, first.preferred) == ("Register 012032 for NewCustomer in crm / customer", True)


def test_what_was_given_out_is_registered_by_itself() -> None:
    assert findings("Partner", "012033") == []
    assert findings("Other", "012033") == [
        (
            "unregistered-table-code",
            "The code 012033 of a lease was given to Partner while PostgreSQL was away: take another code.",
        )
    ]
    offered = actions(WITH_CODE.format("Other", "012$0034"))
    assert not any(each.title.startswith("Register ") for each in offered)


def test_a_file_is_checked_again_when_the_lease_of_its_code_changes() -> None:
    it = document(WITH_CODE.format("NewCustomer", "012031"), URI)
    watching, looked_up = recorded(workspace(it))
    diagnostics.check(watching, it)
    before = workspace(it).registry

    def after(leased: Mapping[str, LeasedCode]) -> set[object]:
        now = replace(before, snapshot=snapshot().with_leased(leased))
        return set(changed_by_registry(before, now)) & looked_up

    assert after({**LEASED, "012036": ANNA}) == set()
    wanted = {(LookupKind.REGISTERED_CODE, "012031")}
    assert after({}) == after({"012031": ANNA._replace(holder="b")}) == wanted
    assert changed_by_registry(before, before) == set()
