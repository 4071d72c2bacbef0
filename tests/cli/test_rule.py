"""``specql-lsp rule``: the list of the diagnostics, and what one of them means."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from specql_lsp.cli.views.rules import explanation, overview
from specql_lsp.features.diagnostics.pages import page
from specql_lsp.features.diagnostics.rules import RULES
from tests.cli.support import run

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_lists_every_code_with_its_severity(tmp_path: Path) -> None:
    done = run(tmp_path, "rule")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [[c, r.severity.name.lower()] for c, r in RULES.items()]


def test_a_pipe_gets_the_page_as_it_is_in_docs(tmp_path: Path) -> None:
    done = run(tmp_path, "rule", "unknown-domain")
    assert (done.returncode, done.stdout) == (0, page(RULES["unknown-domain"]))


@pytest.mark.parametrize("code", RULES)
def test_a_terminal_gets_every_page_laid_out_within_its_width(code: str) -> None:
    lines = STYLE.sub("", explanation(RULES[code], 60)).split("\n")
    assert max(map(len, lines)) <= 60
    assert code in "".join(lines)
    assert "```" not in "".join(lines)


def test_a_terminal_gets_a_list_within_its_width() -> None:
    assert max(map(len, STYLE.sub("", overview(RULES.values(), 80)).split("\n"))) <= 80


def test_for_scripts(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "rule", "--json").stdout)
    assert [each["code"] for each in listed] == list(RULES)
    one = json.loads(run(tmp_path, "rule", "duplicate-key", "--json").stdout)
    assert one["severity"] == "warning"
    assert {"summary", "explanation", "example", "better", "fix", "release", "page"} <= set(one)


def test_an_unknown_code_says_the_nearest_one(tmp_path: Path) -> None:
    done = run(tmp_path, "rule", "duplicate-kye")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "specql-lsp: There is no diagnostic duplicate-kye. Did you mean duplicate-key?\n"
    error = json.loads(run(tmp_path, "rule", "zzz", "--json").stdout)["error"]
    assert error["kind"] == "invalid-argument"
    assert error["nearest"] is None
