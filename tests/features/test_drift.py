"""Drift between PostgreSQL and the registry's YAML, at the node that it concerns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.config import DiagnosticsSettings, Settings
from specql_lsp.features import diagnostics
from specql_lsp.features.model import Severity
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, document


def drift_at(discrepancy: Discrepancy, text: str = REGISTRY) -> str:
    picture = analysis()
    picture = replace(picture, registry=replace(picture.registry, discrepancies=(discrepancy,)))
    it = document(text, REGISTRY_URI)
    (found,) = diagnostics.drift(picture, it)
    assert found.code == discrepancy.type.diagnostic_code
    assert found.severity is Severity.WARNING
    assert found.discrepancy == discrepancy
    position = it.lines.position(found.span.start)
    return f"{position.line + 1}: {text[found.span.start : found.span.end]}"


KINDS = DiscrepancyType


@pytest.mark.parametrize(
    ("discrepancy", "shown"),
    [
        (Discrepancy(KINDS.MISSING_IN_YAML, "9"), "6: domains"),
        (Discrepancy(KINDS.MISSING_IN_POSTGRESQL, "2"), "16: '2'"),
        (Discrepancy(KINDS.MISSING_SUBDOMAIN_IN_YAML, "2", "09"), "16: '2'"),
        (Discrepancy(KINDS.MISSING_SUBDOMAIN_IN_POSTGRESQL, "2", "03"), "28: '03'"),
        (Discrepancy(KINDS.MISSING_ENTITY_IN_YAML, "2", "03", "Tag"), "28: '03'"),
        (Discrepancy(KINDS.MISSING_ENTITY_IN_POSTGRESQL, "2", "03", "contact"), "33: Contact"),
        (Discrepancy(KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", attribute="name"), "17: crm"),
        (Discrepancy(KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", attribute="description"), "18: Customer relations"),
        (Discrepancy(KINDS.SUBDOMAIN_ATTRIBUTE_MISMATCH, "2", "03", attribute="next_entity_sequence"), "31: 5"),
        (Discrepancy(KINDS.ENTITY_ATTRIBUTE_MISMATCH, "2", "03", "Contact", "table_code"), "34: '012034'"),
        (Discrepancy(KINDS.ENTITY_ATTRIBUTE_MISMATCH, "3", "02", "Manufacturer", "table_code"), "50: '013021'"),
        (Discrepancy(KINDS.ENTITY_ATTRIBUTE_MISMATCH, "2", "03", "Contact", "sequence"), "33: Contact"),
    ],
)
def test_drift_stands_at_the_node_concerned(discrepancy: Discrepancy, shown: str) -> None:
    assert drift_at(discrepancy) == shown


def test_drift_only_where_it_can_be_known() -> None:
    it = document(REGISTRY, REGISTRY_URI)
    assert diagnostics.drift(analysis(), it) == ()
    picture = analysis()
    picture = replace(
        picture, registry=replace(picture.registry, discrepancies=(Discrepancy(KINDS.MISSING_IN_YAML, "9"),))
    )
    assert diagnostics.drift(picture, document(REGISTRY)) == ()
    off = replace(picture, settings=Settings(diagnostics=DiagnosticsSettings(drift=False)))
    assert diagnostics.drift(off, it) == ()
