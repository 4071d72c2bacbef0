"""Findings, as the editor shows them: each test is a file with its findings below the lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from specql_lsp.config import DiagnosticsSettings, Settings, SeverityOverride
from specql_lsp.features import diagnostics
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Severity
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Provenance, RegistryState, Source
from specql_lsp.syntax.parsing.gc_pause import gc_paused
from specql_lsp.syntax.pyyaml import first_error
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, check, document
from tests.support.corpus import REGISTRIES, name_of
from tests.support.patience import cpu_seconds

ENTITY = "entity: Contact\nschema: crm\norganization:\n  table_code: "


# Domains


def test_a_schema_that_is_no_domain_says_the_nearest() -> None:
    check(
        """\
        entity: Thing
        schema: crn
                ^^^ unknown-domain: Did you mean crm?
        """
    )


@pytest.mark.parametrize("schema", ["common", "app", "public", "Common"])
def test_a_schema_of_the_framework_needs_no_domain(schema: str) -> None:
    check(f"entity: Thing\nschema: {schema}\n")


def test_the_organization_names_a_domain() -> None:
    check(
        """\
        entity: Thing
        schema: common
        organization:
          domain_name: zzz
                       ^^^ unknown-domain: no domain or alias named zzz
        """
    )


def test_a_domain_without_a_neighbour_is_not_guessed() -> None:
    found = check("entity: Thing\nschema: 'warehousing'\n        ^^^^^^^^^^^^^ unknown-domain\n")
    assert "Did you mean" not in found[0].message


# Table codes


def test_the_registered_code_is_right() -> None:
    assert check(ENTITY + "'012034'\n") == ()


def test_an_alias_names_the_domain() -> None:
    check("entity: Contact\nschema: management\norganization: {table_code: '012034'}\n")


@pytest.mark.parametrize("code", ["'01203'", "'0120345'", "'01203G'", "crm", "'012034 '", "01203581"])
def test_what_is_no_code(code: str) -> None:
    (found,) = check(f"{ENTITY}{code}\n{' ' * 14}{'^' * len(code)} invalid-table-code: six hexadecimal digits\n")
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("code", "reading"),
    [("012034", "the octal integer 5148"), ("912034", "the integer 912034")],
)
def test_a_code_without_quotes(code: str, reading: str) -> None:
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    said = {f.code: f.message for f in found}
    assert said["unquoted-table-code"] == f"YAML 1.1 reads {code} as {reading}; quote it."


def test_the_other_checks_go_on_without_quotes() -> None:
    check(
        """\
        entity: Contact
        schema: crm
        organization:
          table_code: 012035
                      ^^^^^^ unquoted-table-code: octal
                      ^^^^^^ table-code-taken: Company
                      ^^^^^^ table-code-differs: 012034
        """
    )


@pytest.mark.parametrize("code", ["012038", "01A203", "0120E1", "01203581"])
def test_what_yaml_reads_as_text_needs_no_quotes(code: str) -> None:
    assert isinstance(yaml.safe_load(code), str)
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    assert "unquoted-table-code" not in {f.code for f in found}


@given(st.text("0123456789abcdefABCDEF_:.+-xob", min_size=1, max_size=8))
def test_unquoted_means_that_pyyaml_reads_no_string(code: str) -> None:
    try:
        value = yaml.safe_load(ENTITY + code + "\n")["organization"]["table_code"]
    except (yaml.YAMLError, TypeError, ValueError):
        return
    if value is None:
        return
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    assert ("unquoted-table-code" in {f.code for f in found}) == (not isinstance(value, str))


def test_a_reserved_code() -> None:
    check(ENTITY + "'01203e'\n              ^^^^^^^^ reserved-table-code: 01203E is reserved\n")


def test_an_unknown_layer() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '072036'\n              ^^^^^^^^ unknown-schema-layer: 01 (write_side)\n"
    )


def test_an_unknown_domain_number() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '017036'\n              ^^^^^^^^ unknown-domain-number: 2 (crm)\n"
    )


def test_an_unknown_subdomain() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012996'\n              ^^^^^^^^ unknown-subdomain: 03 (customer)\n"
    )


def test_a_code_of_another_domain() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '013022'\n              ^^^^^^^^ domain-mismatch: domain 3 (catalog), but the schema crm\n"
    )


def test_core_is_a_domain_where_the_registry_has_one() -> None:
    check(
        "entity: New\nschema: core\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ domain-mismatch: the schema core is domain 1\n"
    )


def test_a_framework_schema_may_use_any_domains_code() -> None:
    check(
        "entity: New\nschema: common\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ unregistered-table-code\n"
    )


def test_a_code_of_another_entity_points_at_the_registry() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012035'\n              ^^^^^^^^ table-code-taken: registered to Company\n"
    )
    (related,) = found.related
    assert related.place.uri == REGISTRY_URI
    assert related.place.line_text.strip() == "table_code: '012035'"


def test_a_code_that_another_file_uses() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-taken: used by Other\n",
        "entity: Other\nschema: crm\norganization:\n  table_code: '012036'\n",
    )
    place = found.related[0].place
    assert (place.start, place.end) == ((3, 14), (3, 22))


def test_a_code_that_another_file_uses_needs_no_registry() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-taken: used by Other\n",
        "entity: Other\nschema: crm\norganization:\n  table_code: '012036'\n",
        registry=None,
    )


def test_the_same_entity_in_two_files_takes_nothing_from_itself() -> None:
    check(ENTITY + "'012034'\n", "entity: contact\nschema: management\norganization: {table_code: '012034'}\n")


def test_the_same_name_in_another_domain_is_another_entity() -> None:
    check(
        "entity: Contact\nschema: catalog\norganization:\n"
        "  table_code: '012034'\n"
        "              ^^^^^^^^ table-code-taken: in domain 2 (crm)\n"
        "              ^^^^^^^^ domain-mismatch\n"
    )


def test_another_code_than_the_registered_one() -> None:
    (found,) = check(
        "entity: contact\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-differs: The registry has 012034 for Contact\n"
    )
    assert found.related


def test_a_free_code() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ unregistered-table-code: register it for New\n"
    )
    assert found.severity is Severity.WARNING


def test_no_code() -> None:
    (found,) = check("entity: New\n        ^^^ missing-table-code: domain 2 (crm)\nschema: crm\n")
    assert found.severity is Severity.HINT
    check("entity: Contact\n        ^^^^^^^ missing-table-code: the registry has 012034\nschema: crm\n")


def test_no_code_at_the_key_that_waits_for_it() -> None:
    check("entity: New\nschema: crm\norganization:\n  table_code:\n  ^^^^^^^^^^ missing-table-code\n")
    check("entity: New\nschema: crm\norganization:\n^^^^^^^^^^^^ missing-table-code\n")


def test_no_code_where_no_domain_could_give_one() -> None:
    check("entity: New\nschema: common\n")
    check("entity: New\n")


def test_a_list_or_an_empty_text_is_no_code() -> None:
    check("entity: N\nschema: crm\norganization:\n  table_code: [1]\n              ^^^ invalid-table-code\n")
    check("entity: N\nschema: crm\norganization:\n  table_code: ''\n              ^^ invalid-table-code: empty\n")


@pytest.mark.parametrize("code", ["'012035'", "'079999'", "'012996'", "'999999'"])
def test_without_a_registry_nothing_is_said_that_needs_one(code: str) -> None:
    check(f"entity: New\nschema: nowhere\norganization:\n  table_code: {code}\n", registry=None)


def test_a_broken_file_still_has_its_code_checked() -> None:
    found = diagnostics.check(
        analysis(),
        document("entity: New\nschema: crm\norganization:\n  table_code: 012036\nfields:\n\ta: b\n  c\n"),
    )
    assert {"yaml-syntax", "unquoted-table-code", "unregistered-table-code"} == {f.code for f in found}


def test_other_yaml_is_none_of_our_business() -> None:
    check("services:\n  a: 1\n  a: 2\n", registry=None)
    check("a: [\n")


# Severities


def test_severities_can_be_changed() -> None:
    text = "entity: New\nschema: crn\norganization: {table_code: 5}\n"
    it = document(text)
    changed = {"unknown-domain": SeverityOverride.ERROR, "invalid-table-code": SeverityOverride.OFF}
    found = diagnostics.check(analysis(severity=changed), it)
    assert [(f.code, f.severity) for f in found] == [
        ("unknown-domain", Severity.ERROR),
        ("unquoted-table-code", Severity.ERROR),
    ]
    off = replace(analysis(), settings=Settings(diagnostics=DiagnosticsSettings(enabled=False)))
    assert diagnostics.check(off, it) == ()


# The registry YAML


def registry_with(old: str, new: str) -> str:
    assert old in REGISTRY
    return REGISTRY.replace(old, new)


def test_a_sound_registry() -> None:
    check(REGISTRY, uri=REGISTRY_URI)
    check(REGISTRY, uri=REGISTRY_URI, registry=None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'012034'", "012034 # ^^^^^^ unquoted-table-code: octal"),
        ("'012034'", "'01234' # ^^^^^^^ invalid-table-code"),
        ("'012034'", "'999999' # ^^^^^^^^ reserved-table-code"),
        ("'012034'", "'092034' # ^^^^^^^^ unknown-schema-layer"),
        ("'012034'", "'018034' # ^^^^^^^^ unknown-domain-number"),
        ("'012034'", "'013034' # ^^^^^^^^ domain-mismatch: under domain 2 (crm)"),
        ("'012034'", "'012014' # ^^^^^^^^ subdomain-mismatch: digits 01, but it is under subdomain 03 (customer)"),
        ("'013021'", "'013211' # ^^^^^^^^ subdomain-mismatch: digits 21"),
    ],
)
def test_a_code_in_the_registry(old: str, new: str) -> None:
    value, _, expectation = new.partition(" # ")
    line = next(line for line in REGISTRY.split("\n") if old in line)
    column = line.index(old)
    text = registry_with(line, line.replace(old, value) + "\n" + " " * column + expectation)
    check(text, uri=REGISTRY_URI, registry=None)


def test_a_code_registered_twice() -> None:
    text = registry_with("table_code: '012035'", "table_code: '012034'")
    found = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert [f.code for f in found] == ["table-code-taken", "table-code-taken"]
    assert "Company in crm / customer" in found[0].message
    assert found[0].related[0].place.span == found[1].span


def test_a_registration_without_a_code() -> None:
    text = registry_with("table_code: '012035'", "table_code:")
    (found,) = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert (found.code, found.severity) == ("missing-table-code", Severity.HINT)


def test_an_inference_for_no_domain() -> None:
    text = registry_with("subdomain_inference:\n  crm:", "subdomain_inference:\n  crn:")
    (found,) = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert found.code == "unknown-domain"
    assert "Did you mean crm?" in found.message


def test_what_a_syntax_error_hides_is_not_called_missing() -> None:
    text = REGISTRY.replace("  '3':\n    name: catalog", "  '3\n    name: catalog") + "  catalog: {}\n"
    codes = {f.code for f in diagnostics.check(analysis(), document(text, REGISTRY_URI))}
    assert codes == {"yaml-syntax"}


# Duplicate keys


def test_duplicate_keys() -> None:
    (found,) = check(
        """\
        entity: New
        schema: common
        fields:
          name: text
          age: integer
          name: text
          ^^^^ duplicate-key: is already on line 4
        """
    )
    assert found.severity is Severity.WARNING
    assert found.related[0].place.line_text == "  name: text"


def test_keys_that_are_not_the_same() -> None:
    check("entity: New\nschema: app\na:\n  '2': x\n  2: y\n  <<: {b: 1}\n  <<: {c: 1}\n")


def test_duplicates_in_lists_and_flow() -> None:
    check("entity: New\nschema: app\na:\n- {b: 1, b: 2}\n         ^ duplicate-key\n")


# Syntax

VALID = [
    "a: [b,\nc]\n",
    "a: x]\n",
    "a: it's\n",
    "a: 'it''s'\n",
    'a: "x\\ty"\n',
    "a: 'x\n  y'\n",
    "a: x\n  y\n",
    "a: |\n  b: c: d\n   e\n",
    "a: >-\n  x\n\n  y\n",
    "a:\n- b\n- c\n",
    "a:\n  - b: 1\n    c: 2\n  -\n    d: 3\n",
    "? a\n: b\n",
    "a: &x 1\nb: *x\n",
    "a: !!str 1\n",
    "a: {b: c,}\n",
    "a: {b, c: d}\n",
    "a: [b: c, d]\n",
    "a: b #c\n",
    "a: b#c\n",
    "---\na: b\n...\n",
    "a: text  # c\n\n\n# d\n",
    "a: http://x.y/z?q=1\n",
    "a: ref(Contact)!\n",
    "a: enum(x, y) = 'x'\n",
    "a b c: d\n",
    "a: -1\n",
    "a: -b\n",
    "a:\r\n  b: c\r\n",
    "a: 😀\nb: ü\n",
    "a: ''\nb: \"\"\n",
    "a: [\n  1,\n  2\n]\n",
    "a: {\n  b: 1\n}\n",
    "# only a comment\na:\n",
    "a:\n  # comment\n  b: 1\n # odd comment\n  c: 2\n",
]
INVALID = [
    ("a: 'b\nc: d\n", "'b", "not closed"),
    ('a: "b\nc: "d"\n', '"b', "not closed"),
    ("a: {b: c\nd: e\n", "{", "not closed: add a }"),
    ("a: [1, 2\nb: c\n", "[", "not closed: add a ]"),
    ("a:\n\tb: c\n", "\t", "Tabs cannot indent"),
    ("a:\tb\n", "\t", "no tab here"),
    ("a: b\n  c: d\n", "c", "indented deeper than line 2"),
    ("foo\na: b\n", "foo", "no colon after foo"),
    ("a: b\nfoo\nc: d\n", "foo", "no colon after foo"),
    ("a: 1\nb:2\nc: 3\n", "b:2", "space after the colon: b: 2"),
    ("a: b: c\n", "b: c", "put this value in quotes"),
    ("a: 'x' y\n", "y", "Nothing may follow a closing quote"),
    ("a: [1] y\n", "y", "closing ]"),
    ("a: @x\n", "@", "cannot begin with @"),
    ("a: `x`\n", "`", "cannot begin with `"),
    ("a:\n   b: 1\n  c: 2\n", "c: 2", "fits no line above it: indent it by 0 or 3"),
    ("a:\n  - b: 1\n   c: 2\n", "c: 2", "indent it by 2 or 4"),
    ("a: b\n- c\n", "- c", "list item cannot stand among keys"),
    ("a: - b\n", "-", "line of its own"),
    ("a: ]\n", "]", "no [ that this ] closes"),
    ("a: {b: 1}}\n", "}", "no { that this } closes"),
    ("a: [x}\n", "}", "does not close the ["),
    ("a: ['x' 'y']\n", "'y'", "missing before this"),
    ("a: [b,,c]\n", ",", "no value between"),
    ('a: "\\q"\n', "\\q", "no escape"),
    ("a: |x\n  y\n", "|x", "line after |"),
    ("a: *\n", "*", "needs a name"),
    ("a: *b\n", "*b", "No anchor &b"),
    ("a: \x07\n", "\x07", "no U+0007"),
    ("<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> x\n", "<<<<<<< HEAD", "merge conflict"),
]


def refused(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError:
        return True
    return False


@pytest.mark.parametrize("text", VALID)
def test_what_pyyaml_reads_is_not_called_wrong(text: str) -> None:
    assert not refused(text)
    it = document("entity: New\n" + text) if not text.startswith("---") else document("---\nentity: X\n" + text[4:])
    assert [f.message for f in diagnostics.check(analysis(), it) if f.code == "yaml-syntax"] == []


@pytest.mark.parametrize(("text", "shown", "says"), INVALID)
def test_syntax_errors_in_plain_words(text: str, shown: str, says: str) -> None:
    assert refused(text)
    it = document("entity: New\n" + text)
    (found,) = (f for f in diagnostics.check(analysis(), it) if f.code == "yaml-syntax")
    assert it.text[found.span.start : found.span.end] == shown
    assert says in found.message
    assert found.severity is Severity.ERROR


def test_each_section_has_its_own_error() -> None:
    check(
        """\
        entity: New
        a: [1
           ^ yaml-syntax: not closed
        b: x: y
           ^^^^ yaml-syntax: quotes
        c: 'z
           ^^ yaml-syntax: not closed
        """
    )


def test_errors_are_cut_to_what_a_person_reads() -> None:
    text = "entity: New\n" + "".join(f"k{n}: a: b\n" for n in range(1000))
    found = diagnostics.check(analysis(), document(text))
    assert len([f for f in found if f.code == "yaml-syntax"]) == 20


PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "c:",
        "- ",
        "-",
        "\n",
        "\n  ",
        "\n    ",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ", ",
        "#",
        " # c",
        "|",
        ">\n",
        "&x ",
        "*x",
        "!!str",
        "? ",
        ": ",
        ":",
        "\t",
        " ",
        "\n---\n",
        "\n...\n",
        "\\",
        "@",
        "é",
        "\r\n",
        "|2\n",
        "\n\n",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_the_grammar_is_pyyamls(text: str) -> None:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        if "tag handle" in str(error):  # what %TAG defines is not followed
            return
        assert first_error(text) is not None
    else:
        assert first_error(text) is None


@example("\n :", False)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)), st.booleans())
def test_any_text_is_checked_without_an_exception(text: str, as_registry: bool) -> None:
    for it in (document("entity: " + text), document(text), document("domains: " + text, REGISTRY_URI)):
        for found in diagnostics.check(analysis(it, registry=REGISTRY if as_registry else None), it):
            assert 0 <= found.span.start < found.span.end <= len(it.text)
            assert found.message.endswith((".", "?")) or found.code in {"yaml-syntax", "missing-table-code"}


# Drift


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


# Real files

REGISTRY_FINDINGS = {
    "v1-commented-null-entities": [("subdomain-mismatch", '"013211"')],
    "v1-current": [("subdomain-mismatch", "'013211'")],
    "v2-one-digit-subdomains": [
        ("invalid-table-code", "01201581"),
        ("invalid-table-code", "0131991"),
        ("subdomain-mismatch", "013029"),
        ("subdomain-mismatch", "'013011'"),
        ("subdomain-mismatch", "'013021'"),
    ],
    "real v1-commented-null-entities": [("subdomain-mismatch", '"013211"')],
    "real v1-current": [("subdomain-mismatch", "'013211'")],
    "real v2-one-digit-subdomains": [
        ("invalid-table-code", "01203581"),
        ("invalid-table-code", "0131991"),
        ("subdomain-mismatch", "013029"),
        ("subdomain-mismatch", "'013011'"),
        ("subdomain-mismatch", "'013021'"),
        ("subdomain-mismatch", "'014011'"),
    ],
}


def corpus_analysis(path: Path, files: list[Document]) -> tuple[Analysis, Document]:
    text = path.read_text(encoding="utf-8")
    it = document(text, REGISTRY_URI)
    assert it.registry is not None
    state = RegistryState(Provenance(Source.YAML), snapshot_of(it.registry, it.tree))
    index = WorkspaceIndex(summary for file in files if (summary := summarize(file)) is not None)
    return Analysis(registry=state, index=index, registry_document=it), it


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries(path: Path) -> None:
    picture, it = corpus_analysis(path, [])
    found = diagnostics.check(picture, it)
    assert [(f.code, it.text[f.span.start : f.span.end]) for f in found] == REGISTRY_FINDINGS[name_of(path)]


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_entities(path: Path) -> None:
    folder = path.parent.parent / "entities"
    files = [Document(file.name, file.read_text(encoding="utf-8")) for file in folder.glob("*.yaml")]
    picture, _ = corpus_analysis(path, files)
    assert picture.snapshot is not None
    known = {name.lower() for name in picture.index.names_text.split()}
    known |= {
        entity.name.lower() for domain in picture.snapshot.domains for s in domain.subdomains for entity in s.entities
    }
    for it in files:
        found = diagnostics.check(picture, it)
        unknown = [it.text[f.span.start : f.span.end] for f in found if f.code == "unknown-entity"]
        assert [name for name in unknown if name.rpartition(".")[2].lower() in known] == []
        codes = {f.code for f in found if f.code != "unknown-entity" and not RULES[f.code].of_release}
        if "specql_registry" in it.uri:
            other = "unregistered-table-code" if path.stem.startswith("v2") else "unknown-subdomain"
            assert codes == {"unknown-domain", other}
        else:
            assert codes <= {"missing-table-code"}


def large_file() -> str:
    fields = "".join(
        f"  field_{n}:\n    type: text\n    nullable: false\n    description: 'The field {n}'\n" for n in range(500)
    )
    return ENTITY + "'012034'\nfields:\n" + fields


def test_a_large_file_is_checked_quickly() -> None:
    it = document(large_file())
    picture = analysis(it)
    assert it.entity is not None
    diagnostics.check(picture, it)
    assert diagnostics.check(picture, it) == ()
    assert cpu_seconds(lambda: diagnostics.check(picture, it)) < 0.5


@pytest.mark.parametrize("slip", ["  oops\n", "\tx: y\n", "   z: 1\n", "q: 'a\n"])
def test_a_large_broken_file_is_checked_quickly(slip: str) -> None:
    it = document(large_file() + slip + "notes: x\n")
    picture = analysis(it)
    assert it.entity is not None
    with gc_paused():  # it would walk what all other tests of the process hold
        assert cpu_seconds(lambda: diagnostics.check(picture, it)) < 2
    found = diagnostics.check(picture, it)
    assert [f.code for f in found] == ["yaml-syntax"]
