"""An entity that moves in a registry YAML with anchors: it is there once afterwards, or nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.model import Entity
from specql_lsp.registry.snapshot import Snapshot
from tests.registry.test_yaml_resolution import kept
from tests.support.exports import read

COMPANY = """\
          Company:
            table_code: &code '012031'
            description: &words "what it is"
            notes: &notes [a, 'b, c']
            more: &more {a: 1, b: [2]}
            long: &long |
              two
              lines
            kept: &kept |+
              two
              lines

            lines: &lines
              - one
              - two
"""
TEXT = """\
domains:
  '2':
    name: crm
    description: ''
    multi_tenant: false
    subdomains:
      '03':
        name: customer
        description: ''
        next_entity_sequence: 2
        entities:
%s      '04':
        name: support
        description: ''
        next_entity_sequence: 1
%s"""
USES = {
    "text": "        owner: *words\n",
    "code": "        first: *code  # the first one\n",
    "flow": "        about: {title: *words, tags: *notes}\n",
    "mapping": "        more: *more\n",
    "block scalar": "        long: *long\n",
    "block sequence": "        lines: *lines\n",
    "merge": "        <<: *more\n",
    "explicit key": "        ? owner\n        : *words\n",
}
REFUSED = {
    "kept lines": "        kept: *kept\n",
    "an item": "        tags: [a, *words]\n",
    "a key": "        *words : a\n",
}


def moved(text: str) -> Snapshot:
    """What PostgreSQL has when Company has moved to the other subdomain."""
    (domain,) = read(text).domains
    customer, support = domain.subdomains
    customer = customer._replace(entities=())
    support = support._replace(entities=(Entity("Company", "012041", 1),), next_entity_sequence=2)
    return Snapshot((domain._replace(subdomains=(customer, support)),))


def subdomains(text: str) -> Any:
    return yaml.safe_load(text)["domains"]["2"]["subdomains"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("use", USES)
def test_an_alias_gets_what_is_moved_away(use: str, line_break: str) -> None:
    text = (TEXT % (COMPANY, USES[use])).replace("\n", line_break)
    after, made = kept(text, moved(text))
    assert made.resolution.refused == ()
    assert compare_all(moved(text), read(after)) == ()
    before, now = subdomains(text), subdomains(after)
    assert list(now["04"]["entities"]) == ["Company"] and not now["03"]["entities"]
    for key, value in before["04"].items():
        if key != "next_entity_sequence":
            assert now["04"][key] == value, key


@pytest.mark.parametrize("use", REFUSED)
def test_what_cannot_be_written_out_keeps_the_entity_where_it_is(use: str) -> None:
    text = TEXT % (COMPANY, REFUSED[use])
    after, made = kept(text, moved(text), "Company")
    assert after == text
    assert {each.discrepancy.entity for each in made.resolution.refused} == {"Company"}
    assert len(made.resolution.refused) == 2 and made.resolution.resolved == ()
    assert {each.message for each in made.resolution.refused} == {
        "Its anchor (&) is used in another place of the file: write out the alias there, then try again."
    }


def test_others_move_although_one_cannot() -> None:
    firm = "          Firm: {table_code: '012032'}\n"
    text = TEXT % (COMPANY + firm, REFUSED["an item"])
    (domain,) = moved(text).domains
    customer, support = domain.subdomains
    entities = (Entity("Company", "012041", 1), Entity("Firm", "012042", 2))
    support = support._replace(entities=entities, next_entity_sequence=3)
    postgresql = Snapshot((domain._replace(subdomains=(customer, support)),))
    after, made = kept(text, postgresql)
    now = subdomains(after)
    assert (list(now["03"]["entities"]), list(now["04"]["entities"])) == (["Company"], ["Firm"])
    assert "Firm" in {each.entity for each in made.resolution.resolved}
