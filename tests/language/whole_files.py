"""Files in which every key of the language's tables is written at least once, as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specql_lsp.language.keys import ITEM, KeySpec, KeyTable

STEPS: list[dict[str, Any]] = [
    {"validate": "status = 'lead'", "error": "not_a_lead", "error_message": "It is no lead"},
    {
        "if": "status = 'lead'",
        "then": [{"reject": "not_allowed"}],
        "else": [{"update": "Contact SET status = 'lead' WHERE status is null"}],
    },
    {"insert": "Contact"},
    {"delete": "Contact WHERE status is null"},
    {"find": "Contact WHERE status is null"},
    {"call": "recalculate(amount = status)", "store": "v_result"},
    {"notify": 'owner(email, "It is closed")'},
    {"refresh_table_view": {"scope": "propagate", "propagate": ["Company"], "strategy": "deferred"}},
    {"declare": {"name": "v_count", "type": "INTEGER", "default": "0"}},
    {"assign": {"variable": "v_count", "expression": "v_count + 1"}},
    {"query": {"sql": "SELECT 1", "into": "v_count"}},
    {"cte": {"name": "one", "query": "SELECT 1"}},
    {"return": "v_count"},
    {"return_table": "SELECT 1"},
    {"for_query": {"alias": "row", "query": "SELECT 1", "body": [{"reject": "not_allowed"}]}},
    {"cursor_declare": {"name": "c_rows", "query": "SELECT 1"}},
    {"cursor_open": "c_rows"},
    {"cursor_fetch": {"cursor": "c_rows", "into": "v_row"}},
    {"cursor_close": "c_rows"},
]
"""Steps of every kind that SpecQL 0.9.2 reads, with every part that it can have."""

ENTITY: dict[str, Any] = {
    "entity": "Contact",
    "schema": "crm",
    "description": "People",
    "fields": {
        "status": {
            "type": "enum(lead, customer)",
            "nullable": False,
            "default": "lead",
            "description": "What it is",
            "required": True,
            "unique": True,
            "values": ["lead"],
            "schema": "crm",
            "validation": "none",
        },
        "name": {"type": "text", "description": "The name"},
        "company": "ref(Company)",
    },
    "actions": [
        {
            "name": "qualify",
            "description": "Makes it a customer",
            "steps": STEPS,
            "pattern": "state_machine/transition",
            "config": {"to_state": "customer"},
            **dict.fromkeys(["params", "parameters", "requires", "impact", "impacts", "returns"], "x"),
        }
    ],
    "patterns": [{"type": "temporal_scd_type2_helper", "params": {"natural_key": ["name"]}}],
    "agents": [
        {
            "name": "reviewer",
            "type": "rule_based",
            "observes": ["Contact"],
            "can_execute": ["qualify"],
            "strategy": "rules",
            "audit": "required",
        }
    ],
    "organization": {
        "table_code": "012031",
        "domain_name": "crm",
        "domain": "2",
        "subdomain": "customer",
        "entity": "1",
    },
    "identifier": {
        "strategy": "simple",
        "separator": ".",
        "composition_separator": "-",
        "internal_separator": "_",
        "components": [
            {
                "field": "name",
                "transform": "slugify",
                "format": "%s",
                "separator": "-",
                "replace": {"a": "b"},
                "strip_tenant_prefix": False,
            }
        ],
    },
    "table_views": {
        "mode": "force",
        "include_relations": [
            {"Company": {"fields": ["name"], "include_relations": [{"Country": {"fields": ["name"]}}]}}
        ],
        "extra_filter_columns": [{"status": {"source": "status", "type": "TEXT", "index": "btree"}}],
        "refresh": "explicit",
    },
    "translations": {"enabled": True, "table_name": "tl_contact", "fields": ["name"]},
}
"""An entity with every key that SpecQL 0.9.2 reads, and every other key below the top level."""

ENTITY_IN_A_MAPPING: dict[str, Any] = {
    "entity": {"name": "Contact", "schema": "crm", "description": "People", "fields": {"name": "text"}}
}

REGISTRY: dict[str, Any] = {
    "version": "1.0.0",
    "last_updated": "2025-11-21T15:53:37",
    "schema_layers": {"01": "write_side", "02": "read_side", "03": "functions"},
    "domains": {
        "2": {
            "name": "crm",
            "description": "Customers",
            "aliases": ["management"],
            "multi_tenant": True,
            "subdomains": {
                "03": {
                    "name": "customer",
                    "description": "Contacts",
                    "next_entity_sequence": 2,
                    "entities": {
                        "Contact": {
                            "table_code": "012031",
                            "entity_code": "CNT",
                            "assigned_at": "2025-11-21T15:53:37",
                        }
                    },
                    "read_entities": {},
                }
            },
        }
    },
    "reserved_codes": ["000000", "999999"],
    "validation": {
        "enforce_uniqueness": True,
        "allow_manual_override": True,
        "require_subdomain": False,
        "warn_on_inference": True,
    },
    "subdomain_inference": {"crm": {"customer": {"patterns": ["contact"]}}},
}


def keys_in(table: KeyTable, data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], KeySpec]]:
    """The path of every key in the data, with what the table says about it; keys that it does not know are an error."""
    if isinstance(data, dict):
        for name, value in data.items():
            place = table.walk((*path, name))
            assert place.key is not None, (*path, name)
            yield (*path, name), place.key
            if place.level is not None or place.value != place.key.value or isinstance(value, list):
                yield from keys_in(table, value, (*path, name))
    elif isinstance(data, list):
        for item in data:
            if table.walk((*path, ITEM)).level is not None:
                yield from keys_in(table, item, (*path, ITEM))
