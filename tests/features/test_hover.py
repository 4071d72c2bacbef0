"""What a hover tells, and that what users wrote cannot break it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from specql_lsp.features.markdown import code, escape, link, shortened, table, to_plaintext
from specql_lsp.features.provenance import describe
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, Source
from tests.features.completion_support import CRM, CUSTOMER, NOW, analysis, check_hover, hover_at

HEAD = "entity: Contact\nschema: crm\norganization:\n"
FILES = {
    "entities/crm/contact.yaml": HEAD + "  table_code: '012031'\nfields: {a: text, b: text}\n",
    "entities/crm/deal.yaml": (
        "entity: Deal\nschema: crm\ndescription: 'A | _deal_'\norganization: {table_code: '012034'}\n"
    ),
}


def code_line(digits: str) -> str:
    return f"{HEAD}  table_code: '{digits[:2]}$0{digits[2:]}'\n"


class TestTableCode:
    def test_digit_by_digit(self) -> None:
        check_hover(
            code_line("012031"),
            "| `01` | layer | write_side |",
            "| `2` | domain | crm |",
            "| `03` | subdomain | customer |",
            "| `1` | sequence | 1 |",
            "Registered: **Contact** has `012031` in crm / customer since 2025-11-21 15:53",
            "Function code `032031` · view code `022031` · short code `CNT`",
            "PostgreSQL, 12 s ago",
        )

    def test_since_when_and_short_code_come_from_the_yaml_where_postgresql_has_none(self) -> None:
        bare = CUSTOMER._replace(entities=(Entity("Contact", "012031", 1),))
        kept = CUSTOMER._replace(entities=(Entity("contact", "012031", None, "CTT", "2025-11-21"),))
        postgresql = Snapshot((CRM._replace(subdomains=(bare,)),))
        yaml_side = Snapshot((CRM._replace(subdomains=(kept,)),))
        check_hover(
            code_line("012031"),
            "since 2025-11-21",
            "`CTT`",
            picture=analysis(snapshot=postgresql, yaml_snapshot=yaml_side),
        )
        check_hover(code_line("012031"), "short code `CNT`", absent=["since"], picture=analysis(snapshot=postgresql))

    def test_free_reserved_and_unknown(self) -> None:
        check_hover(code_line("012035"), "· free", "short code `CNT`", absent=["Registered"])
        check_hover(code_line("999999"), "reserved, never given out", "unknown")
        check_hover(code_line("012031".replace("0120", "0190")), "not registered", absent=["free"])
        check_hover(code_line("012030"), "the sequence 0 is not given out")
        check_hover(code_line("0120a1"), "`0120A1`")

    def test_used_by_another_file(self) -> None:
        check_hover(
            code_line("012034"),
            "not registered, but used by Deal in [deal.yaml](<file:///workspace/entities/crm/deal.yaml>)",
            picture=analysis(FILES),
        )
        own = {"entities/crm/contact.yaml": HEAD + "  table_code: '012035'\n"}
        check_hover(code_line("012035"), "· free", picture=analysis(own))

    def test_one_digit_subdomains(self) -> None:
        check_hover(code_line("014101"), "| `4` | domain | assets |", "| `1` | subdomain | machines |", "| `01` | seq")

    def test_without_a_registry_the_default_rule(self) -> None:
        check_hover(
            code_line("012031"),
            "| `2` | domain |  |",
            "| `03` | subdomain |  |",
            "as no registry can be asked",
            "No registry: The registry has not been read yet.",
            picture=analysis(snapshot=None),
        )

    def test_what_is_no_code(self) -> None:
        assert hover_at(code_line("0120")) is None
        odd = Snapshot((Domain("2", "crm", subdomains=(Subdomain("03", "x", entities=(Entity("A", "01203111"),)),)),))
        check_hover(code_line("01203111"), "not a table code", "**A**", picture=analysis(snapshot=odd))


class TestDomain:
    @pytest.mark.parametrize(
        "text",
        [
            "entity: X\nschema: c$0rm\n",
            "entity: X\nschema: manage$0ment\n",
            "entity: {name: X, schema: c$0rm}\n",
            "entity: X\norganization: {domain_name: c$0rm}\n",
            "entity: X\norganization: {domain: $02}\n",
            "domains:\n  '$02': {name: crm}\nreserved_codes: []\n",
            "domains:\n  '2': {name: cr$0m}\nreserved_codes: []\n",
            "domains:\n  '2': {name: crm, aliases: [mana$0gement]}\nreserved_codes: []\n",
            "domains: {}\nreserved_codes: []\nsubdomain_inference: {cr$0m: {}}\n",
        ],
    )
    def test_wherever_it_is_named(self, text: str) -> None:
        check_hover(
            text,
            "**crm** · domain `2`",
            "Customer relationship management",
            "multi-tenant · aliases: management · 18 entities",
            "| `03` | customer | 3 | 12 |",
            "| `0F` | full | 15 | 0 |",
            "PostgreSQL, 12 s ago",
        )

    def test_its_subdomains_are_cut(self) -> None:
        many = Domain("1", "big", subdomains=tuple(Subdomain(f"{n:02X}", f"s{n}") for n in range(1, 81)))
        picture = analysis(snapshot=Snapshot((many,)))
        check_hover("entity: X\nschema: bi$0g\n", "| `14` |", "and 60 more", absent=["| `15` |"], picture=picture)

    def test_a_schema_of_the_frameworks_own(self) -> None:
        check_hover("entity: X\nschema: com$0mon\n", "needs no domain")

    def test_nothing_where_it_is_unknown_or_no_registry_is_there(self) -> None:
        assert hover_at("entity: X\nschema: nowh$0ere\n") is None
        assert hover_at("entity: X\nschema: cr$0m\n", analysis(snapshot=None)) is None
        assert hover_at("domains:\n  '$02': {name: crm}\nreserved_codes: []\n", analysis(snapshot=None)) is None

    def test_what_users_wrote_is_escaped(self) -> None:
        odd = Domain("1", "a|b_c`d", "# *x* | <b>", subdomains=(Subdomain("01", "p|q"),))
        text = "entity: X\nschema: 'a|b$0_c`d'\n"
        markdown = check_hover(
            text, "a\\|b_c\\`d", "\\# \\*x\\* \\| \\<b\\>", "p\\|q", picture=analysis(snapshot=Snapshot((odd,)))
        )
        assert "a|b_c`d · domain 1\n\n# *x* | <b>" in to_plaintext(markdown)


class TestSubdomain:
    @pytest.mark.parametrize(
        "text",
        [
            "entity: X\nschema: crm\norganization: {subdomain: cust$0omer}\n",
            "entity: X\nschema: catalog\norganization: {domain_name: crm, subdomain: cust$0omer}\n",
            "domains: {'2': {subdomains: {'0$03': {name: customer}}}}\nreserved_codes: []\n",
            "domains: {'2': {subdomains: {'03': {name: cust$0omer}}}}\nreserved_codes: []\n",
            "domains: {}\nreserved_codes: []\nsubdomain_inference: {crm: {cust$0omer: {}}}\n",
        ],
    )
    def test_wherever_it_is_named(self, text: str) -> None:
        check_hover(
            text,
            "**customer** · subdomain `03` of crm",
            "Contacts \\& companies",
            "Next free code `012034` · 12 left",
            "| `012032` | Company |",
        )

    def test_full(self) -> None:
        check_hover("entity: X\nschema: crm\norganization: {subdomain: fu$0ll}\n", "Full: no code is left")


class TestEntity:
    def test_a_registered_one(self) -> None:
        check_hover("entity: X\nfields:\n  a: ref(Comp$0any)\n", "**Company** has `012032` in crm / customer")

    def test_one_with_a_file(self) -> None:
        check_hover(
            "entity: X\nfields:\n  a: ref(de$0al)!\n",
            "**Deal**",
            "[deal.yaml](<file:///workspace/entities/crm/deal.yaml>) · schema crm · `012034` · 0 fields",
            "A \\| \\_deal\\_",
            picture=analysis(FILES),
        )

    def test_each_of_several_targets(self) -> None:
        text = "entity: X\nfields:\n  a: ref(Tag|crm.$0Contact)\n"
        check_hover(text, "**Contact**", absent=["Tag"])
        check_hover(text.replace("$0", "").replace("Tag", "T$0ag"), "**Tag**", absent=["Contact"])

    def test_of_the_named_schema_only(self) -> None:
        assert hover_at("entity: X\nfields:\n  a: ref(catalog.Cont$0act)\n") is None
        check_hover("entity: X\nfields:\n  a: ref(management.Cont$0act)\n", "crm / customer")

    def test_the_files_own_schema_is_meant_first(self) -> None:
        twice = Snapshot(
            (CRM, Domain("5", "b", subdomains=(Subdomain("01", "s", entities=(Entity("Contact", "015011"),)),)))
        )
        text = "entity: X\nschema: b\nfields:\n  a: ref(Cont$0act)\n"
        check_hover(text, "015011", absent=["012031"], picture=analysis(snapshot=twice))

    def test_its_own_name_and_in_the_registry(self) -> None:
        check_hover("entity: Cont$0act\nschema: crm\n", "012031")
        entities = (
            "domains: {'2': {name: crm, subdomains: {'03': {entities: {Cont$0act: '012031'}}}}}\nreserved_codes: []\n"
        )
        check_hover(entities, "Registered: **Contact**", absent=["| Digits |"])
        check_hover(entities.replace("$0", "").replace("'012031", "'0120$031"), "| Digits |", "Registered: **Contact**")
        check_hover(
            entities.replace("$0", "").replace("'012031'", "{table_code: '0120$035'}"), "free", "short code `CNT`"
        )


class TestElsewhereInTheRegistryFile:
    def test_layers_and_reserved_codes(self) -> None:
        text = "domains: {}\nschema_layers: {'0$01': write_side}\n"
        check_hover(text, "**`01`** · layer write_side")
        check_hover("domains: {}\nreserved_codes: ['9999$099']\n", "reserved")

    def test_of_what_only_the_file_has(self) -> None:
        assert hover_at("domains:\n  '$0E': {name: new}\nreserved_codes: []\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "sch$0ema: crm\n",
        "entity: X\ncol$0our: red\n",
        "$0",
        "entity: X\nschema:$0\n",
        "entity: X\norganization: {subdomain: nowh$0ere}\n",
    ],
)
def test_nothing_where_nothing_is_to_tell(text: str) -> None:
    assert hover_at(text) is None


@pytest.mark.parametrize("text", ["entity: X\nfields: {sch$0ema: crm}\n", "entity: X\nfields: {schema: cr$0m}\n"])
def test_a_field_called_as_a_key_is_a_field(text: str) -> None:
    check_hover(text, "schema TEXT", absent=["domain `2`", "PostgreSQL schema"])


class TestKeys:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("entity: X\nsch$0ema: crm\n", "**schema**\n\nThe PostgreSQL schema of the table"),
            (
                "entity: X\norganization:\n  dom$0ain: crm\n",
                "SpecQL 0.9.2 does not read it.\n\nInstead: use `domain_name`.",
            ),
            ("entity: X\nactions:\n  - name: a\n    steps:\n      - vali$0date: a\n", "unless the condition holds"),
            ("entity: X\nactions:\n  - steps:\n      - if: a\n        th$0en: []\n", "It is read beside `if`."),
            ("entity: X\nfields:\n  a: {nulla$0ble: false}\n", "Whether the column may be NULL"),
            ("domains:\n  '2': {mul$0ti_tenant: true}\nreserved_codes: []\n", "the column `tenant_id`"),
        ],
    )
    def test_keys_of_the_language(self, text: str, expected: str) -> None:
        hover = hover_at(text)
        assert hover is not None
        assert expected in hover.markdown
        assert "PostgreSQL, 12 s ago" not in hover.markdown  # no registry says it
        at = text.index("$0")
        assert hover.span.contains(at)


class TestProvenance:
    @pytest.mark.parametrize(
        ("provenance", "expected"),
        [
            (Provenance(Source.POSTGRESQL, True, False, "", None, NOW - timedelta(seconds=12)), "PostgreSQL, 12 s ago"),
            (
                Provenance(Source.POSTGRESQL, False, True, "The server is away.", None, NOW - timedelta(minutes=3)),
                "PostgreSQL (stale), 3 min ago: The server is away.",
            ),
            (
                Provenance(Source.YAML, False, False, "PostgreSQL refused the connection.", None, NOW),
                "YAML, read-only: PostgreSQL refused the connection.",
            ),
            (Provenance(Source.YAML, False, False, "", None, NOW), "YAML, read-only"),
            (Provenance(Source.IN_MEMORY, True, False, "", None, NOW), "In memory"),
            (Provenance(), "No registry: The registry has not been read yet."),
            (Provenance(Source.POSTGRESQL, True, False, "", None, NOW - timedelta(hours=5)), "PostgreSQL, 5 h ago"),
            (Provenance(Source.POSTGRESQL, True, False, "", None, NOW - timedelta(days=3)), "PostgreSQL, 3 days ago"),
            (Provenance(Source.POSTGRESQL, True, False, "", None, NOW + timedelta(1)), "PostgreSQL, 0 s ago"),
            (Provenance(Source.POSTGRESQL, True, False, "", None, None), "PostgreSQL"),
        ],
    )
    def test_in_one_line(self, provenance: Provenance, expected: str) -> None:
        assert describe(provenance, NOW) == expected

    def test_the_reason_is_escaped_in_a_hover(self) -> None:
        provenance = Provenance(
            Source.YAML, reason="Cannot read *db_name*.", loaded_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
        check_hover(code_line("012031"), "Cannot read \\*db_name\\*.", picture=analysis(provenance=provenance))


class TestMarkdown:
    @pytest.mark.parametrize(
        "text",
        ["a_b", "a|b", "`x`", "<b>", "[x](y)", "*x*", "&amp;", "# h", "- x", "+ x", "1. x", "12) x", "a\\b", "~x~"],
    )
    def test_what_is_escaped_reads_back(self, text: str) -> None:
        assert to_plaintext(escape(text)) == text
        assert to_plaintext(table(("A",), [(escape(text),)])) == f"A\n{text}"

    def test_lines_are_joined(self) -> None:
        assert escape(" a\n  b\tc ") == "a b c"

    def test_code(self) -> None:
        assert code("012031") == "`012031`"
        assert code("a|b") == "a\\|b"
        assert code("") == ""

    def test_link(self) -> None:
        assert to_plaintext(link("a_b[1].yaml", "file:///a%20b.yaml")) == "a_b[1].yaml"
        assert link("a", "file:///x)y") == "a"

    def test_shortened(self) -> None:
        assert shortened("one two three", 8) == "one two…"
        assert shortened("one\ntwo", 8) == "one two"

    def test_a_whole_hover(self) -> None:
        text = to_plaintext(check_hover(code_line("012031")))
        assert text.startswith("012031 · registered\n\nRegistered: Contact has 012031 in crm / customer")
        assert "01  layer  write_side" in text
        assert text.endswith("PostgreSQL, 12 s ago")
        assert not set("`|*\\") & set(text)
