"""Published diagnostics: each code at its place, in files that are open and in files that are not."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import REGISTRY
from tests.e2e.diagnostics_support import (
    ERROR,
    HINT,
    TASK,
    TICKET,
    WARNING,
    Found,
    found,
    opened,
    related,
    voucher,
)
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES: dict[str, tuple[str, list[Found], str]] = {
    "yaml-syntax": (
        "entity: Voucher\nschema: crm\nfields:\n  a: [text\n",
        [("yaml-syntax", ERROR, (3, 5, 3, 6))],
        "",
    ),
    "duplicate-key": (
        "entity: Voucher\nschema: crm\nfields:\n  name: text\n  name: url\norganization:\n  table_code: '012033'\n",
        [("duplicate-key", WARNING, (4, 2, 4, 6)), ("unregistered-table-code", WARNING, (6, 14, 6, 22))],
        "The key name is already on line 4: SpecQL keeps only the last value. Delete one.",
    ),
    "unknown-domain": (
        "entity: Voucher\nschema: 'customr'\n",
        [("unknown-domain", WARNING, (1, 8, 1, 17))],
        "The registry has no domain or alias named customr. Register the domain, or name one that exists.",
    ),
    "unknown-domain-nearest": (
        "entity: Voucher\nschema: catalogue\n",
        [("unknown-domain", WARNING, (1, 8, 1, 17))],
        "The registry has no domain or alias named catalogue. Did you mean catalog?",
    ),
    "unknown-domain-in-organization": (
        "entity: Voucher\nschema: crm\norganization:\n  table_code: '012033'\n  domain_name: crn\n",
        [("unknown-domain", WARNING, (4, 15, 4, 18)), ("unregistered-table-code", WARNING, (3, 14, 3, 22))],
        "The registry has no domain or alias named crn. Did you mean crm?",
    ),
    "invalid-table-code": (
        voucher("'01203'"),
        [("invalid-table-code", ERROR, (3, 14, 3, 21))],
        "01203 is not a table code: write six hexadecimal digits, for example '012031'.",
    ),
    "invalid-table-code-letters": (voucher("O12031"), [("invalid-table-code", ERROR, (3, 14, 3, 20))], ""),
    "unquoted-table-code": (
        voucher("012033"),
        [("unquoted-table-code", ERROR, (3, 14, 3, 20)), ("unregistered-table-code", WARNING, (3, 14, 3, 20))],
        "YAML 1.1 reads 012033 as the octal integer 5147; quote it.",
    ),
    "unquoted-table-code-float": (
        voucher("0120E3"),
        [("unknown-subdomain", WARNING, (3, 14, 3, 20))],
        (
            "Domain 2 (crm) has no subdomain 0E, which the code 0120E3 names; "
            "it has 01 (core), 03 (customer), 04 (support)."
        ),
    ),
    "reserved-table-code": (
        voucher('"01201f"'),
        [("reserved-table-code", ERROR, (3, 14, 3, 22))],
        "The code 01201F is reserved in the registry and never given out.",
    ),
    "unknown-schema-layer": (
        voucher("'072033'"),
        [("unknown-schema-layer", ERROR, (3, 14, 3, 22))],
        (
            "The code 072033 begins with layer 07; the registry knows 00 (common), 01 (write_side), 02 (read_side), "
            "03 (functions)."
        ),
    ),
    "unknown-domain-number": (
        voucher("'019011'"),
        [("unknown-domain-number", ERROR, (3, 14, 3, 22))],
        (
            "No domain has the number 9 of the code 019011; the registry knows 1 (core), 2 (crm), 3 (catalog), "
            "4 (projects)."
        ),
    ),
    "unknown-subdomain": (
        voucher("'012991'"),
        [("unknown-subdomain", WARNING, (3, 14, 3, 22))],
        (
            "Domain 2 (crm) has no subdomain 99, which the code 012991 names; "
            "it has 01 (core), 03 (customer), 04 (support)."
        ),
    ),
    "domain-mismatch": (
        voucher("'013011'", schema="sales"),
        [("domain-mismatch", ERROR, (3, 14, 3, 22))],
        "The code 013011 belongs to domain 3 (catalog), but the schema sales is domain 2 (crm).",
    ),
    "unregistered-table-code": (
        voucher("'012033'"),
        [("unregistered-table-code", WARNING, (3, 14, 3, 22))],
        "The code 012033 is free, but not registered: register it for Voucher before others take it.",
    ),
    "missing-table-code": (
        "entity: Voucher\nschema: crm\n",
        [("missing-table-code", HINT, (0, 8, 0, 15))],
        "Voucher has no table code: allocate one in domain 2 (crm).",
    ),
    "missing-table-code-beside-its-key": (
        "entity: Voucher\nschema: crm\norganization:\n  table_code:\n",
        [("missing-table-code", HINT, (3, 2, 3, 12))],
        "Voucher has no table code: allocate one in domain 2 (crm).",
    ),
    "missing-table-code-registered": (
        "entity: Session\nschema: core\n",
        [("missing-table-code", HINT, (0, 8, 0, 15))],
        "Session has no table code: the registry has 011012 for it.",
    ),
    "clean": (voucher("'014011'", schema="tenant", name="Project"), [], ""),
    "framework": ("entity: Voucher\nschema: common\n", [], ""),
    "default-schema": ("entity: Voucher\n", [], ""),
}


@pytest.mark.parametrize("case", CASES)
async def test_each_code_at_its_place(shared: Editor, case: str) -> None:
    text, expected, message = CASES[case]
    with opened(shared, text) as path:
        await shared.until(lambda: any(p.uri == shared.uri(path) for p in shared.published), "an answer")
        diagnostics = await shared.codes(path, *(code for code, _, _ in expected))
        assert found(diagnostics) == expected
        if message:
            assert message in [d.message for d in diagnostics]
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert last.version == 1


async def test_a_code_that_is_taken_points_at_its_holders(shared: Editor) -> None:
    with opened(shared, voucher("'012031'")) as path:
        (taken,) = await shared.codes(path, "table-code-taken")
        assert found([taken]) == [("table-code-taken", ERROR, (3, 14, 3, 22))]
        assert taken.message == "The code 012031 is registered to Contact in domain 2 (crm): take another code."
        assert related(taken, shared) == [
            (REGISTRY, (48, 24, 48, 32), "Contact is registered with 012031."),
            ("entities/catalog/product.yaml", (5, 14, 5, 22), "Product uses the code 012031."),
            ("entities/crm/contact.yaml", (5, 14, 5, 22), "Contact uses the code 012031."),
        ]


async def test_a_code_that_only_a_file_uses_is_taken_too(shared: Editor) -> None:
    with opened(shared, voucher("'014012'", schema="projects")) as path:
        (taken,) = await shared.codes(path, "table-code-taken")
        assert taken.message == "The code 014012 is used by Task in another file: take another code."
        assert related(taken, shared) == [(TASK, (4, 14, 4, 22), "Task uses the code 014012.")]
        # The other file hears of it, too, although it is not open.
        (taken,) = await shared.codes(TASK, "table-code-taken")
        assert related(taken, shared) == [(path, (3, 14, 3, 22), "Voucher uses the code 014012.")]
    await shared.codes(TASK, "unregistered-table-code")


async def test_a_code_that_differs_from_the_registered_one(shared: Editor) -> None:
    with opened(shared, voucher("'012039'", name="organization")) as path:
        (differs,) = await shared.codes(path, "table-code-differs")
        assert found([differs]) == [("table-code-differs", ERROR, (3, 14, 3, 22))]
        assert differs.message == (
            "The registry has 012011 for Organization in domain 2 (crm), not 012039: take the registered code."
        )
        assert related(differs, shared) == [
            (REGISTRY, (39, 24, 39, 32), "Organization is registered with 012011."),
        ]


async def test_the_workspaces_files_are_checked_without_being_opened(shared: Editor) -> None:
    expected: dict[str, list[Found]] = {
        "entities/catalog/manufacturer.yaml": [("unknown-subdomain", WARNING, (4, 14, 4, 22))],
        "entities/catalog/product.yaml": [
            ("domain-mismatch", ERROR, (5, 14, 5, 22)),
            ("table-code-differs", ERROR, (5, 14, 5, 22)),
            ("table-code-taken", ERROR, (5, 14, 5, 22)),
        ],
        "entities/crm/campaign.yaml": [
            ("unknown-domain", WARNING, (1, 8, 1, 11)),
            ("unregistered-table-code", WARNING, (4, 14, 4, 22)),
        ],
        "entities/crm/company.yaml": [("unquoted-table-code", ERROR, (5, 14, 5, 20))],
        "entities/crm/contact.yaml": [("table-code-taken", ERROR, (5, 14, 5, 22))],
        TICKET: [("missing-table-code", HINT, (0, 8, 0, 14))],
        TASK: [("unregistered-table-code", WARNING, (4, 14, 4, 22))],
        REGISTRY: [("subdomain-mismatch", WARNING, (76, 37, 76, 45))],
    }
    for path, findings in expected.items():
        diagnostics = await shared.codes(path, *(code for code, _, _ in findings))
        assert found(diagnostics) == findings, path
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert last.version is None


async def test_other_yaml_gets_nothing(shared: Editor) -> None:
    shared.open(".github/workflows/build.yaml")
    shared.open("compose.yaml", "services:\n  a: [b\nservices: {}\ntable_code: 012031\n")
    with opened(shared, "entity: Voucher\nschema: nowhere\n") as path:
        await shared.codes(path, "unknown-domain")  # so the two before it are answered
    workflow, compose = shared.uri(".github/workflows/build.yaml"), shared.uri("compose.yaml")
    assert not shared.client.diagnostics.get(workflow) and not shared.client.diagnostics.get(compose)
    assert all(not p.diagnostics for p in shared.published if p.uri in (workflow, compose))
    shared.close(".github/workflows/build.yaml")
    shared.close("compose.yaml")
