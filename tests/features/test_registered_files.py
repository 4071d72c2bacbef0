"""Which registered entities are gone with files: what the warning before a deletion names."""

from __future__ import annotations

import pytest

from specql_lsp.features.registered_files import registered_files
from tests.features.completion_support import analysis

CONTACT = "entity: Contact\nschema: crm\norganization: {table_code: '012031'}\n"
RENAMED = CONTACT.replace("Contact", "Person")
FOLDER = "file:///workspace/"


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        (CONTACT, {}, ["Contact"]),
        ("entity: contact\nschema: crm\n", {}, ["Contact"]),  # SpecQL takes the registered code
        (CONTACT.replace("012031", "01203F"), {}, ["Contact"]),
        (RENAMED, {}, ["Contact"]),
        (CONTACT, {"b.yaml": CONTACT}, []),
        (RENAMED, {"b.yaml": CONTACT}, []),
        (RENAMED, {"b.yaml": "entity: Contact\nschema: crm\n"}, []),
        (RENAMED, {"b.yaml": RENAMED}, []),
        (RENAMED, {"b.yaml": RENAMED.replace("Person", "Human")}, []),
        (RENAMED.replace("schema: crm", "schema: core"), {}, []),  # another domain's code by mistake
        (RENAMED.replace("schema: crm", "schema: nowhere"), {}, []),
        (RENAMED.replace("012031", "01203F"), {}, []),
    ],
)
def test_what_is_registered_and_gone_with_a_file(text: str, others: dict[str, str], expected: list[str]) -> None:
    known = analysis({"a.yaml": text, **others})
    found = registered_files(known, [f"{FOLDER}a.yaml"])
    assert [each.registration.entity.name for each in found] == expected
    everything = registered_files(known, [FOLDER])
    assert bool(everything) is bool(expected or others)
