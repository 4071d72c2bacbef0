"""What is right and what only SpecQL's parser refuses, at the word at which it stops."""

from __future__ import annotations

from specql_lsp.config import LanguageSettings, Settings
from specql_lsp.features.diagnostics import check
from tests.features.rules.support import UNASKED, found, rule_workspace
