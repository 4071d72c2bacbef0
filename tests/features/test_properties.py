"""Whatever the text and wherever the cursor: an answer and no exception; and codes print back as they were read."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.hover import hover
from specql_lsp.features.markdown import escape, to_plaintext
from specql_lsp.language import table_code as codes
from specql_lsp.printable import without_controls
from specql_lsp.registry.model import Domain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import NOW, REGISTRY_URI, URI, accepted, analysis, completions, is_subsequence
from tests.support.effort import times

ENTITY = """\
# größer 😀
entity: Contact
schema: crm
description: |
  A person.
organization:
  table_code: '012031'
  domain_name: crm
  subdomain: customer
fields:
  name: text!
  company: ref(Company)
  owner: {type: 'ref(crm.Contact|Tag)', nullable: true}
actions:
  - name: qualify
    steps:
      - validate: name IS NOT NULL
"""
REGISTRY = """\
version: 1.0.0
schema_layers: {'01': write_side}
domains:
  '2':
    name: crm
    aliases: [management]
    subdomains:
      '03':
        name: customer
        entities:
          Contact: {table_code: '012031', entity_code: CNT}
          Company: '012032'
reserved_codes: ['000000']
subdomain_inference:
  crm:
    customer: {patterns: [contact]}
"""
PICTURES = (
    analysis(),
    analysis({"a.yaml": ENTITY, "b.yaml": "entity: Tag\nschema: catalog\norganization: {table_code: '013011'}\n"}),
    analysis(snapshot=None),
)
PIECES = st.sampled_from(
    (
        *("'", '"', ":", ": ", "\n", "\r\n", "\r", "\t", "  ", "- ", "{", "}", "[", "]", ",", "#", " # ", "|", ">"),
        *("ref(", ")", "01", "schema:", "organization:", "  table_code: ", "entity: X\n", "domains:\n", "\u2028"),
        *("---\n", "...", "%YAML", "<<: *a", "&a ", "*a", "!t ", "?", "\\", "😀", "é", "\0", "`", "\ud800"),
        "<<<<<<< HEAD\n",
    )
)
ANY_SETTINGS = settings(max_examples=times(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real file with parts left out, put in and turned round."""
    text = draw(st.sampled_from([ENTITY, REGISTRY, ENTITY.replace("\n", "\r\n"), ""]))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(text)))
        end = min(at + draw(st.integers(0, 12)), len(text))
        text = text[:at] + draw(st.one_of(PIECES, st.text(max_size=5), st.just(""))) + text[end:]
    return text


def answers(picture: Analysis, document: Document, offset: int) -> None:
    """Asks everything at a place and checks what holds of every answer."""
    found = complete(picture, document, offset, NOW)
    offset = document.lines.offset(document.lines.position(offset))
    for item in found.items:
        span = item.replace
        assert 0 <= span.start <= offset <= span.end <= len(document.text)
        assert document.lines.line_of(span.start) == document.lines.line_of(span.end)
        assert is_subsequence(document.text[span.start : offset].lstrip(), item.filter_text)
        if item.documentation is not None:
            document_item(picture, item.documentation, NOW)
    told = hover(picture, document, offset, NOW)
    if told is not None:
        assert told.span.contains(offset)
        assert to_plaintext(told.markdown)


@ANY_SETTINGS
@given(mutated(), st.integers(-1, 800), st.sampled_from(PICTURES), st.booleans())
def test_a_file_in_any_state_is_answered(text: str, offset: int, picture: Analysis, is_registry: bool) -> None:
    document = Document(REGISTRY_URI if is_registry else URI, text, is_registry=is_registry)
    answers(picture, document, offset)


@ANY_SETTINGS
@given(st.text(max_size=60), st.lists(PIECES, max_size=8), st.sampled_from(PICTURES), st.data())
def test_any_text_is_answered(text: str, pieces: list[str], picture: Analysis, data: st.DataObject) -> None:
    text = "entity: X\n" + text + "".join(pieces)
    answers(picture, Document(URI, text), data.draw(st.integers(0, len(text))))


@pytest.mark.parametrize("text", [ENTITY, REGISTRY])
def test_every_place_of_a_file_being_typed_is_answered(text: str) -> None:
    for offset in range(len(text) + 1):
        answers(PICTURES[1], Document(URI, text), offset)
        answers(PICTURES[1], Document(URI, text[:offset]), offset)


CODES = st.text("0123456789abcdefABCDEF", min_size=6, max_size=6)


@given(CODES)
def test_a_table_code_prints_back(text: str) -> None:
    for domain_digits, subdomain_digits in ((1, 2), (1, 1), (2, 1)):
        split = codes.split(text, domain_digits=domain_digits, subdomain_digits=subdomain_digits)
        assert str(split) == text.upper()
        assert codes.split(str(split), domain_digits=domain_digits, subdomain_digits=subdomain_digits) == split


@given(CODES)
def test_a_registry_reads_a_code_to_the_same_code(text: str) -> None:
    for picture in PICTURES[:2]:
        assert picture.snapshot is not None
        parts = picture.snapshot.parts(text)
        assert parts is not None
        assert str(parts.code) == text.upper()


@given(st.text("0123456789ABCDEF", max_size=4), st.integers(1, 255))
def test_sequences_are_padded_to_six_digits(prefix: str, sequence: int) -> None:
    digits = codes.sequence_digits(len(prefix)) if len(prefix) > 2 else ()
    if sequence <= len(digits):
        assert str(codes.TableCode(prefix[:2], prefix[2:3], prefix[3:], sequence)) == prefix + digits[sequence - 1]


@given(st.text(max_size=40))
def test_what_is_escaped_is_shown_as_it_was_on_one_line(text: str) -> None:
    assert to_plaintext(escape(text)) == to_plaintext(escape(" ".join(text.split())))
    shown = without_controls(" ".join(text.split()))
    assert to_plaintext(f"x {escape(text)}").split() == f"x {shown}".split()


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20)


@given(PRINTABLE, st.sampled_from(["$0", "'$0", "'$0'", '"$0', '"$0"', "c$0", "$0# c", "$0x y"]), st.booleans())
def test_any_domain_name_is_accepted_as_that_name(name: str, value: str, in_flow: bool) -> None:
    picture = analysis(snapshot=Snapshot((Domain("1", f"c{name}", aliases=()),)))
    text = f"entity: {{name: X, schema: {value}}}\n" if in_flow else f"entity: X\nschema: {value}\n"
    if in_flow and "#" in value:
        return
    loaded = accepted(text, completions(text, picture).items[0].label, picture)
    schema = loaded["entity"] if in_flow else loaded
    assert isinstance(schema, dict)
    assert schema["schema"] == f"c{name}"
