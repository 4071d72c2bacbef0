"""What accepting a completion makes of the text: its quotes, blanks, comments and line breaks."""

from __future__ import annotations

import itertools

import pytest
import yaml

from tests.features.completion_support import (
    HEAD,
    apply,
    item,
)

VALUES = {
    "nothing": "$0",
    "open quote": "'$0",
    "pair of quotes": "'$0'",
    "open quote and digits": "'01$0",
    "double quotes": '"01$0"',
    "open double quote": '"01$0',
    "plain digits": "01$0",
    "digits behind the cursor": "'01$02039'",
    "plain digits behind the cursor": "01$02039",
    "cursor before the quote": "$0'012039'",
    "cursor behind the quote": "'01'$0",
    "cursor before plain digits": "$0012039",
    "stray closing quote": "01$0'",
    "empty quotes behind": "$0''",
    "more white space": "   $0'01'",
}


SPACES = {"space": " ", "no space": "", "two spaces": "  "}


ENDINGS = {"line feed": "\n", "crlf": "\r\n"}


COMMENTS = {"no comment": "", "comment": " # it's a note", "comment with a quote": " # 'x'"}


class TestAccepting:
    @pytest.mark.parametrize("comment", COMMENTS)
    @pytest.mark.parametrize("ending", ENDINGS)
    @pytest.mark.parametrize("space", SPACES)
    @pytest.mark.parametrize("value", VALUES)
    def test_a_code_in_every_state_of_its_line(self, value: str, space: str, ending: str, comment: str) -> None:
        line = f"  table_code:{SPACES[space]}{VALUES[value]}{COMMENTS[comment]}"
        lines = [
            "# größer 😀",
            "entity: Contact",
            "schema: crm",
            "organization:",
            line,
            "  note: 'x'",
            "fields: {}",
            "",
        ]
        after = apply(ENDINGS[ending].join(lines), "012031")
        quote = '"' if '"' in VALUES[value] else "'"
        before_value = SPACES[space] + ("   " if VALUES[value].startswith("   ") else "") or " "
        lines[4] = f"  table_code:{before_value}{quote}012031{quote}{COMMENTS[comment]}"
        assert after == ENDINGS[ending].join(lines)
        assert yaml.safe_load(after)["organization"] == {"table_code": "012031", "note": "x"}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("{table_code: $0}", "{table_code: '012031'}"),
            ("{table_code:$0}", "{table_code: '012031'}"),
            ("{table_code: '$0}", "{table_code: '012031'}"),
            ("{table_code: '01$0}", "{table_code: '012031'}"),
            ("{table_code: 01$0, subdomain: 'x'}", "{table_code: '012031', subdomain: 'x'}"),
            ("{table_code: '01$0, subdomain: 'x'}", "{table_code: '012031', subdomain: 'x'}"),
            ("{table_code: '01$0, subdomain: x}", "{table_code: '012031', subdomain: x}"),
            ("{subdomain: x, table_code: '01$02034'}", "{subdomain: x, table_code: '012031'}"),
            ('{subdomain: "x", table_code: "$0"}', '{subdomain: "x", table_code: "012031"}'),
            ("{'table_code':'01$0'}", "{'table_code': '012031'}"),
            ("{\n  table_code: 01$0\n}", "{\n  table_code: '012031'\n}"),
        ],
    )
    def test_a_code_in_a_flow_mapping(self, before: str, after: str) -> None:
        text = "entity: Contact\nschema: crm\norganization: "
        result = apply(f"{text}{before}\nfields: {{}}\n", "012031")
        assert result == f"{text}{after}\nfields: {{}}\n"
        assert yaml.safe_load(result)["organization"]["table_code"] == "012031"

    def test_the_schema_may_come_after_the_open_quote(self) -> None:
        text = "entity: Contact\norganization:\n  table_code: '01$0\nschema: crm\nfields:\n  x: 'text'\n"
        assert apply(text, "012031") == text.replace("'01$0", "'012031'")

    def test_digits_on_the_way_stay_inside_the_quotes(self) -> None:
        assert apply(HEAD + "  table_code: '013$0'\n", "01302") == HEAD + "  table_code: '01302'\n"
        assert apply(HEAD + "  table_code: 01$0\n", "013") == HEAD + "  table_code: '013'\n"

    def test_the_filter_text_goes_on_matching_as_the_client_filters(self) -> None:
        for quote, count in itertools.product(("", "'", '"'), range(7)):
            text = f"{HEAD}  table_code: {quote}{'012031'[:count]}$0\n"
            assert item(text, "012031").filter_text.startswith(quote + "012031"[:count])

    def test_a_comment_right_behind_the_cursor_stays_one(self) -> None:
        assert apply("entity: X\nschema: $0# c\n", "crm") == "entity: X\nschema: crm # c\n"

    def test_a_schema_replaces_all_that_stands_there(self) -> None:
        assert apply("entity: X\nschema: c$0atalog  # c\n", "crm") == "entity: X\nschema: crm  # c\n"
        assert apply("entity: X\nschema:$0\n", "crm") == "entity: X\nschema: crm\n"
        assert apply('entity: X\nschema: "c$0\n', "crm") == 'entity: X\nschema: "crm"\n'
