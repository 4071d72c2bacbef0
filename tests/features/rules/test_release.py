"""``language.release``: the limits of SpecQL 0.9.2 are reported, or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.config import LanguageSettings, Settings
from specql_lsp.features.diagnostics import check, found_in, shown
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.rules import RULES
from tests.features.rules.support import rule_workspace

OF_RELEASE = [rule for rule in RULES.values() if rule.of_release]
NO_RELEASE = Settings(language=LanguageSettings(release=""))


@pytest.mark.parametrize("rule", OF_RELEASE, ids=[rule.code for rule in OF_RELEASE])
def test_an_empty_release_turns_the_rules_of_a_release_off(rule: Rule) -> None:
    made = rule_workspace(rule.example)
    analysis, document = made.analysis(), made.document()
    assert rule.code in {finding.code for finding in check(analysis, document)}
    without = replace(analysis, settings=NO_RELEASE)
    left = {finding.code for finding in check(without, document)}
    assert not left & {each.code for each in OF_RELEASE}
    assert shown(NO_RELEASE, found_in(analysis, document)) == check(without, document)


def test_some_rules_are_of_a_release() -> None:
    assert {"generates-nothing", "specql-refuses"} <= {rule.code for rule in OF_RELEASE}
