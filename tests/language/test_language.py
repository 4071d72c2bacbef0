"""SpecQL's small facts: codes, short codes, names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.language import names
from specql_lsp.language.table_code import (
    TableCode,
    capacity,
    is_well_formed,
    normalize,
    sequence_digits,
    short_code,
    split,
    with_layer,
)


@given(st.text("0123456789abcdefABCDEF", min_size=6, max_size=6), st.sampled_from([1, 2]))
def test_codes_print_back(text: str, subdomain_digits: int) -> None:
    code = split(text, subdomain_digits=subdomain_digits)
    assert str(code) == text.upper() == normalize(f" {text}\n")
    assert code.prefix == text.upper()[: 3 + subdomain_digits]
    assert with_layer(text, "03") == "03" + text.upper()[2:]


@pytest.mark.parametrize(
    ("text", "digits", "code"),
    [
        ("012A31", 2, TableCode("01", "2", "A3", 1)),
        ("013211", 2, TableCode("01", "3", "21", 1)),
        ("0121ff", 1, TableCode("01", "2", "1", 255)),
    ],
)
def test_parts(text: str, digits: int, code: TableCode) -> None:
    assert split(text, subdomain_digits=digits) == code


@pytest.mark.parametrize("text", ["", "01203", "0120311", "01203G", "0x2031", "01 031", "０１２０３１", "012031\n1"])
def test_what_is_no_code(text: str) -> None:
    assert not is_well_formed(text)
    with pytest.raises(ValueError, match="six hexadecimal"):
        split(text)


def test_digits_that_leave_none() -> None:
    with pytest.raises(ValueError, match="no digit"):
        split("012031", subdomain_digits=3)
    assert (capacity("2", "03"), capacity("2", "3"), capacity("2", "0333")) == (15, 255, 0)
    assert sequence_digits(5)[0] == "1"
    assert sequence_digits(5)[-1] == "F"
    assert sequence_digits(4)[-1] == "FF"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Contact", "CNT"),
        ("Manufacturer", "MNF"),
        ("Task", "TSK"),
        ("Company", "CMP"),
        ("User", "USR"),
        ("Tag", "TGA"),
        ("Yay", "YAY"),
        ("Io", "IO"),
        ("a_b1c", "ABC"),
        ("", ""),
    ],
)
def test_short_codes(name: str, code: str) -> None:
    assert short_code(name) == code


@pytest.mark.parametrize(
    ("name", "candidates", "found"),
    [
        ("crn", ["crm", "catalog"], "crm"),
        ("CRM", ["crm"], "crm"),
        ("cust", ["customer"], "customer"),
        ("cutsomer", ["customer", "custom"], "customer"),
        ("catalogue", ["catalog"], "catalog"),
        ("billing", ["crm", "catalog"], None),
        ("x", ["yz"], None),
        ("", ["a"], "a"),
        ("a", [], None),
    ],
)
def test_nearest(name: str, candidates: list[str], found: str | None) -> None:
    assert names.nearest(name, candidates) == found


short = st.text("abc", max_size=6)


@given(short, short)
def test_distance(a: str, b: str) -> None:
    distance = names.edit_distance(a, b, 6)
    assert distance == names.edit_distance(b, a, 6)
    assert (distance == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))
    assert names.edit_distance(a, b, 2) == min(distance, 3)
    assert names.edit_distance("ab" + a, "ba" + a, 6) == 1


@pytest.mark.parametrize(
    ("entity", "subdomains", "found"),
    [
        ("KeyContact", ["core", "customer"], "customer"),
        ("Other", ["first", "core"], "core"),
        ("Other", ["first", "second"], "first"),
        ("Other", [], None),
        ("Contact", ["first"], "first"),  # a pattern's subdomain has to be there
    ],
)
def test_inference(entity: str, subdomains: list[str], found: str | None) -> None:
    assert names.infer_subdomain(entity, subdomains, {"customer": ["contact"], "core": ["", "zzz"]}) == found


def test_schemas_that_need_no_domain() -> None:
    assert all(map(names.needs_no_domain, ["common", "APP", "core", "public"]))
    assert not names.needs_no_domain("crm")
    assert names.is_entity_name("_A1")
    assert not names.is_entity_name("1A")
