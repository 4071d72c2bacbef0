"""What the name under the cursor is: types, values, the SQL of steps, patterns, services, anchors."""

from __future__ import annotations

import pytest

from specql_lsp.semantics.classify import Symbol, classify
from specql_lsp.workspace.documents import Document

ENTITY = """\
entity: Contact
schema: crm
common: &base {note: text, kind: 'enum(new, old)'}
fields:
  <<: *base
  status: enum(lead, customer) = lead!
  owner: list(ref(User))
  rate: {type: 'enum(low, high)', nullable: false, default: low}
  odd: text?
actions:
  - name: qualify
    steps:
      - validate: status = 'lead' AND company.city IN ('Paris') OR $limit > length(note)
      - update: Company SET city = upper(input.name), tier = 'paid' WHERE Company.code IS NOT NULL
      - declare: v_count integer := 0
      - assign: v_count := v_count + auth_user_id
      - call: recalculate(amount = total)
        store: v_result
      - if: >-
          kind = 'new'
          AND NOT exists(SELECT 1 FROM crm.Task t WHERE t.due < current_date)
        then: []
      - query: {sql: "SELECT title FROM Task WHERE \\"state\\" = 1", into: v_row}
      - refresh_table_view: {scope: related, propagate: [Task]}
      - notify: owner(email, "Hello")
      - call_service: {service: mailer, operation: send, input: {to: a}}
  - name: move
    pattern: state_machine/transition
    config: {from_states: [a]}
patterns: [{type: temporal_scd_type2_helper, params: {natural_key: [a]}}]
translations: {enabled: yes, fields: [note]}
identifier: {components: [{field: status, transform: uppercase}]}
table_views:
  mode: auto
  include_relations: [{crm.Company: {fields: [city]}}]
  extra_filter_columns: [status, {who: {source: owner.name, index: gin}}]
agents: [{name: helper, observes: [Task], can_execute: [qualify]}]
"""


def shown(symbol: Symbol) -> str:
    """The symbol in a line."""
    parts = [symbol.kind.value, symbol.role.value, symbol.name]
    if symbol.owner:
        parts.append(f"of {symbol.owner}")
    if symbol.of_entity is not None:
        parts.append(f"in {'.'.join(filter(None, symbol.of_entity))}")
    if symbol.through:
        parts.append(f"through {'.'.join(symbol.through)}")
    return " ".join(parts)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("&ba$se", "anchor definition base"),
        ("*ba$se", "anchor reference base"),
        ("no$te: text", "field definition note of Contact"),
        ("enum(n$ew,", "enum value definition new of kind"),
        ("status: e$num(lead", "type reference enum of status"),
        ("status: enum($lead", "enum value definition lead of status"),
        ("= $lead!", "enum value reference lead of status"),
        ("= lead!$\n", "type reference ! of status"),
        ("list$(ref", "type reference list of owner"),
        ("default: l$ow", "enum value reference low of rate"),
        ("odd: te$xt?", "type reference text of odd"),
        ("text?$", "type reference ? of odd"),
        ("validate: $status", "field reference status of Contact"),
        ("status $= 'lead'", "operator reference ="),
        ("status = 'l$ead'", "enum value reference lead of status"),
        ("'lead' A$ND", "operator reference AND"),
        ("AND com$pany.city", "field reference company of Contact"),
        ("AND company.ci$ty", "field reference city of Contact through company"),
        ("('Pa$ris')", "enum value reference Paris of city through company"),
        ("OR $$limit", "parameter reference limit"),
        ("> len$gth(", "function reference length"),
        ("length(no$te)", "field reference note of Contact"),
        ("Company S$ET", "operator reference SET"),
        ("SET ci$ty", "field reference city of Company in Company"),
        ("upper(in$put.name", "variable reference input"),
        ("upper(input.na$me", "parameter reference name"),
        ("tier = 'pa$id'", "enum value reference paid of tier in Company"),
        ("WHERE Company.co$de", "field reference code of Company in Company"),
        ("code IS N$OT NULL", "operator reference IS NOT"),
        ("declare: v_c$ount", "variable definition v_count"),
        ("+ auth_u$ser_id", "variable reference auth_user_id"),
        ("call: recal$culate", "action reference recalculate"),
        ("= to$tal)", "field reference total of Contact"),
        ("store: v_re$sult", "variable definition v_result"),
        ("  ki$nd = 'new'", "field reference kind of Contact"),
        ("AND NOT ex$ists", "function reference exists"),
        ("crm.Ta$sk t", "entity reference Task of crm"),
        ("t.du$e <", "field reference due of Task in crm.Task"),
        ("< current$_date", "function reference current_date"),
        ("SELECT ti$tle", "field reference title of Task in Task"),
        ('\\"sta$te\\"', "field reference state of Task in Task"),
        ("into: v_r$ow", "variable definition v_row"),
        ("scope: rel$ated", "choice reference related of scope"),
        ("propagate: [Ta$sk", "entity reference Task"),
        ("notify: ow$ner", "field reference owner of Contact"),
        ("service: mai$ler", "service reference mailer"),
        ("operation: se$nd", "service operation reference send of mailer"),
        ("pattern: state_$machine/transition", "pattern reference state_machine/transition"),
        ("{from_st$ates", "pattern parameter reference from_states of state_machine/transition"),
        ("{natural_$key", "pattern parameter reference natural_key of temporal_scd_type2_helper"),
        ("fields: [no$te]", "field reference note of Contact"),
        ("field: sta$tus,", "field reference status of Contact"),
        ("transform: upper$case", "choice reference uppercase of transform"),
        ("mode: au$to", "choice reference auto of mode"),
        ("crm.Com$pany: {", "entity reference Company of crm"),
        ("fields: [ci$ty]", "field reference city of Company in crm.Company"),
        ("columns: [sta$tus", "field reference status of Contact"),
        ("{wh$o:", "field reference who of Contact"),
        ("source: ow$ner.name", "field reference owner of Contact"),
        ("source: owner.na$me", "field reference name of Contact through owner"),
        ("index: gi$n", "choice reference gin of index"),
        ("observes: [Ta$sk", "entity reference Task"),
        ("can_execute: [qua$lify", "action reference qualify of Contact"),
    ],
)
def test_names_of_the_language(marked: str, expected: str) -> None:
    # A "$$" is a dollar with the cursor before it.
    part = marked.replace("$$", "\0").replace("$", "").replace("\0", "$")
    assert ENTITY.count(part) == 1, part
    symbol = classify(Document("file:///a.yaml", ENTITY), ENTITY.index(part) + marked.index("$"))
    assert symbol is not None
    assert shown(symbol) == expected
    assert symbol.name.split()[0] in ENTITY[slice(*symbol.span)]


REPEATED = """\
entity: Contact
typed: &typed {type: 'enum(low, high)', nullable: false, default: low}
common: &steps
  - validate: status = 'a'
    error: bad
  - if: level = 'low'
    then:
      - refresh_table_view: {scope: self}
fields: {status: text, level: *typed}
actions: [{name: a, steps: *steps}]
"""


@pytest.mark.parametrize(
    ("marked", "expected", "has_key"),
    [
        ("{ty$pe:", "key reference type", True),
        ("nulla$ble:", "key reference nullable", True),
        ("type: 'en$um", "type reference enum of level", False),
        ("enum(lo$w,", "enum value definition low of level", False),
        ("default: lo$w", "enum value reference low of level", True),
        ("- vali$date:", "step reference validate", True),
        ("validate: sta$tus", "field reference status of Contact", False),
        ("er$ror:", "key reference error", True),
        ("th$en:", "key reference then", True),
        ("if: lev$el", "field reference level of Contact", False),
        ("= 'l$ow'", "enum value reference low of level", False),
        ("refresh_$table_view", "step reference refresh_table_view", True),
        ("scope: se$lf", "choice reference self of scope", True),
    ],
)
def test_names_that_aliases_repeat(marked: str, expected: str, has_key: bool) -> None:
    part = marked.replace("$", "")
    assert REPEATED.count(part) == 1, part
    symbol = classify(Document("file:///a.yaml", REPEATED), REPEATED.index(part) + marked.index("$"))
    assert symbol is not None
    assert shown(symbol) == expected
    assert (symbol.place.key is not None) == has_key


def test_the_channel_of_a_notification_is_no_field() -> None:
    text = "entity: A\nfields: {email: text}\nactions: [{name: a, steps: [{notify: 'email(email, subject)'}]}]\n"
    document = Document("file:///a.yaml", text)
    found = [classify(document, text.index(part) + 1) for part in ("'email(", "email, ", "subject")]
    assert [symbol and shown(symbol) for symbol in found] == [
        "field reference email of A",
        None,
        "field reference subject of A",
    ]
