"""Hover of keys, types, values, entities, steps, actions, patterns, SQL and anchors."""

from __future__ import annotations

import pytest

from tests.features.hover.support import PROVENANCE, check, hover_in
from tests.features.workspace_snippets import workspace

CONTACT = "entities/crm/contact.yaml"
WORKSPACE = workspace(
    """
    -- entities/crm/contact.yaml --
    entity: Contact
    schema: crm
    description: People that we <know>.
    common: &base {note: text, kind: 'enum(new, old)'}
    fields:
      <<: *base
      email: email!
      price: money
      phone: phone
      status: enum(lead, customer) = lead
      company: ref(Company)
      tags: list(text)
      home: SimpleAddress
      seen: timestamp
      maybe: date?
      rate: {type: enum(low), default: low}
    actions:
      - name: qualify
        description: Makes a customer of a lead.
        steps:
          - validate: "status = 'lead' AND company.tier IN ('paid') OR $limit > length(note) AND NOT v_done"
            error: no_lead
          - update: Contact SET status = 'customer' WHERE status = 'lead'
          - update: "Company SET tier = 'paid', city = upper(input.email)"
          - if: >-
              status = 'lead'
              AND auth_user_id IS NOT NULL
            then:
              - reject: no
          - call: send(to = email)
            store: v_done
          - refresh_table_view: {scope: related}
          - upsert: Company
      - name: close
        steps: [{validate: status IS NOT NULL}, {find: Contact}]
      - name: create_contact
        steps: [{insert: Company}]
      - name: bare
        steps: [{update: Contact}]
      - name: move
        pattern: state_machine/transition
        config: {from_states: [lead]}
    patterns: [temporal_scd_type2_helper, {type: nothing}, {type: schema_computed_column, params: {column_name: x}}]
    table_views: {mode: auto}
    hierarchical: true
    agents: [{name: bot, observes: [Company], can_execute: [qualify]}]
    -- entities/sales/company.yaml --
    entity: Company
    schema: sales
    fields:
      tier: enum(free, paid)
      city: text
    """
)


@pytest.mark.parametrize(
    ("marked", "under", "expected"),
    [
        ("ent¦ity: Contact", "entity", ["**entity**", "SpecQL 0.9.2 reads it and refuses the mapping without it"]),
        ("table_vi¦ews:", "table_views", ["**table_views**", "SpecQL 0.9.2 reads it."]),
        ("{mo¦de:", "mode", ["Values: `auto`, `force`, `disable`"]),
        ("hier¦archical", "hierarchical", ["SpecQL 0.9.2 does not read it.", "Instead:"]),
        ("mode: au¦to", "auto", ["**`auto`** · value of `mode`", "`force`, always"]),
        ("email: em¦ail!", "email", ["type · PostgreSQL `TEXT` · GraphQL `Email`", "Example: `user@example.com`"]),
        ("price: mo¦ney", "money", ["`NUMERIC(19,4)`", "Range: at least 0", "CHECK (price >= 0.0)", "1234.56"]),
        ("phone: pho¦ne", "phone", ["Another name of `phoneNumber`."]),
        ("home: Simple¦Address", "SimpleAddress", ["composite type", "| `street` | `text` | yes | Street address |"]),
        ("status: en¦um", "enum", ["One of several values", "CHECK (status IN ('lead', 'customer'))"]),
        ("company: re¦f(", "ref", ["fk_company INTEGER"]),
        ("tags: li¦st", "list", ["JSONB"]),
        ("seen: time¦stamp", "timestamp", ["makes the column TEXT", "Write `datetime`: Timestamp with timezone"]),
        ("maybe: date?¦\n", "?", ["No release of SpecQL reads it"]),
        ("email!¦\n", "!", ["NOT NULL, where it is the last character"]),
        ("enum(le¦ad,", "lead", ["**lead** · value of status of Contact", "Values: `lead`, `customer`"]),
        ("= le¦ad\n", "lead", ["value of status of Contact"]),
        ("default: l¦ow", "low", ["value of rate of Contact"]),
        ("IN ('pa¦id')", "'paid'", ["value of tier of Company", "Values: `free`, `paid`"]),
        ("tier = 'pa¦id',", "'paid'", ["value of tier of Company"]),
        ("*ba¦se", "*base", ["alias of the node in line 4", "{note: text, kind: 'enum(new, old)'}"]),
        ("&ba¦se", "&base", ["`&base` · anchor", "{note: text, kind: 'enum(new, old)'}"]),
        ("name: qual¦ify", "qualify", ["Makes a customer of a lead.", "4. `if: status = 'lead' AND", "1 beneath"]),
        ("name: qual¦ify", "qualify", ["SpecQL 0.9.2 refuses the file for step 1."]),
        ("name: clo¦se", "close", ["SpecQL 0.9.2 generates `crm.close` from it, with code for 1 of its 2 steps."]),
        ("name: crea¦te_contact", "create_contact", ["generates `crm.create_contact` from its `create` template"]),
        ("name: mo¦ve", "move", ["Made from the pattern `state_machine/transition`", "does nothing"]),
        ("can_execute: [qual¦ify", "qualify", ["action of Contact"]),
        ('val¦idate: "status', "validate", ["refuses the file: it takes `tier` in this step for a field"]),
        (
            "upd¦ate: Contact SET",
            "update",
            [
                "UPDATE crm.tb_contact SET status = 'customer', updated_at = now(), updated_by = auth_user_id\n",
                "\nWHERE id = v_contact_id;\n",
                "It updates the Contact row that the action is called for",
            ],
        ),
        ("{upd¦ate: Contact}", "update", ["SpecQL 0.9.2 refuses the file for the text of this step."]),
        ("rej¦ect:", "reject", ["generates nothing for the step that contains it"]),
        ("ins¦ert:", "insert", ["`crm.create_contact` is generated from a template"]),
        ("refresh¦_table_view", "refresh_table_view", ["PERFORM crm.refresh_tv_contact(v_pk_contact);"]),
        ("ups¦ert:", "upsert", ["the beta line (specql-generator 0.5.0b0) does"]),
        ("err¦or: no_lead", "error", ["It is read beside `validate`."]),
        ("pattern: state_¦machine", "state_machine/transition", ["action pattern", "| `from_states` |", "beta line"]),
        (
            "config: {from¦_states",
            "from_states",
            ["parameter of state_machine/transition · `array<string>`", "required"],
        ),
        ("[temp¦oral", "temporal_scd_type2_helper", ["pattern of the table", "| `natural_key` |", "generates nothing"]),
        ("{type: noth¦ing}", "nothing", ["not a pattern of SpecQL 0.9.2, which ignores it"]),
        ("{column¦_name", "column_name", ["parameter of schema_computed_column"]),
        ("> len¦gth(", "length", ["length(text) → integer", "refuses a condition with this word"]),
        ("up¦per(", "upper", ["The text in capitals."]),
        ("'lead' A¦ND company", "AND", ["Both conditions hold."]),
        ("AND N¦OT v", "NOT", ["The condition does not hold."]),
        ("tier I¦N (", "IN", ["The value is one of several", "refuses a condition with this word"]),
        ("id IS N¦OT NULL", "IS NOT", ["`email IS NOT NULL`"]),
        ("Contact S¦ET", "SET", ["What the fields of the row become"]),
        ("customer' WH¦ERE", "WHERE", ["Which rows are meant."]),
        ("$li¦mit", "$limit", ["argument of the action"]),
        ("(in¦put.", "input", ["The action's arguments"]),
        ("input.em¦ail", "email", ["argument of the action", "`email!`"]),
        ("NOT v_do¦ne", "v_done", ["variable of the action", "Declared by `store: v_done`"]),
        ("AND auth_u¦ser_id", "auth_user_id", ["The user who calls the action."]),
        ("call: se¦nd(", "send", ["a comment in the place of the call"]),
    ],
)
def test_a_name(marked: str, under: str, expected: list[str]) -> None:
    markdown = check(WORKSPACE, CONTACT, marked, under, *expected)
    assert PROVENANCE not in markdown


@pytest.mark.parametrize(
    ("marked", "under"),
    [
        ("ref(Com¦pany)", "Company"),
        ('update: "Com¦pany SET', "Company"),
        ("upsert: Com¦pany", "Company"),
        ("observes: [Com¦pany", "Company"),
    ],
)
def test_an_entity_that_is_named(marked: str, under: str) -> None:
    check(
        WORKSPACE,
        CONTACT,
        marked,
        under,
        "**Company**\n\n[company.yaml](<file:///workspace/entities/sales/company.yaml>) · schema sales · 2 fields",
        "```yaml\ntier: enum(free, paid)\ncity: text\n```",
        "SpecQL 0.9.2 generates the table `sales.tb_company`, with `pk_company`, `id` and audit columns",
        "Referred to in 4 places: [contact.yaml](",
        PROVENANCE,
    )


def test_an_entity_where_it_is_defined() -> None:
    expected = (
        "schema crm · 12 fields",
        "People that we \\<know\\>.",
        "maybe: date?\nrate: enum(low)\n```",
        PROVENANCE,
    )
    check(WORKSPACE, CONTACT, "entity: Con¦tact", "Contact", *expected, absent=["more"])


def test_fields_and_users_are_cut() -> None:
    fields = "\n".join(f"      f_{number}: text" for number in range(20))
    users = "".join(
        f"    -- u{number}.yaml --\n    entity: U{number}\n    fields: {{a: ref(A), b: ref(A)}}\n"
        for number in range(9)
    )
    it = workspace(f"    -- a.yaml --\n    entity: A\n    fields:\n{fields}\n{users}")
    check(it, "a.yaml", "entity: A¦\n", "A", "f_11: text\n# … and 8 more\n", "Referred to in 18 places:", "and 4 more")


def test_of_several_files_the_one_that_is_meant() -> None:
    it = workspace(
        """
        -- crm/a.yaml --
        entity: A
        schema: crm
        fields: {b: ref(B)}
        -- crm/b.yaml --
        entity: B
        schema: crm
        fields: {near: text}
        -- sales/b.yaml --
        entity: B
        schema: sales
        fields: {far: text}
        """
    )
    check(it, "crm/a.yaml", "ref(B¦)", "B", "near: text", "schema crm", absent=["far", "schema sales"])


@pytest.mark.parametrize("marked", ["no_¦lead", "'lead' AND company.tier IN ('paid') OR $limit ¦> length"])
def test_what_has_no_hover_or_is_an_operator(marked: str) -> None:
    found = hover_in(WORKSPACE, CONTACT, marked)
    assert found is None or "operator" in found.markdown


@pytest.mark.parametrize(
    "marked",
    [
        *(
            "  em¦ail: email!",
            "email: em¦ail!",
            "seen: time¦stamp",
            "enum(le¦ad,",
            "entity: Con¦tact",
            "name: qual¦ify",
        ),
        *("upd¦ate: Contact SET", "call: se¦nd(", "[temp¦oral", "> len¦gth(", "tier I¦N (", "ins¦ert:"),
    ],
)
def test_nothing_of_what_is_generated_where_no_release_is_named(marked: str) -> None:
    found = hover_in(WORKSPACE, CONTACT, marked, release="")
    assert found is not None
    generated = found.markdown.replace(specification(found.markdown), "")
    assert "SpecQL 0.9.2" not in generated
    assert "CHECK (" not in generated
    assert "TEXT NOT NULL" not in generated


def specification(markdown: str) -> str:
    """The documentation of a key, which says itself what that release does with it."""
    parts = markdown.split("\n\n")
    return parts[1] if len(parts) > 1 and parts[0].strip("*").isidentifier() else ""
