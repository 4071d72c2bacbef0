"""Registry YAML for tests."""

from __future__ import annotations

SMALL = """\
version: 1.0.0
domains:
  '2':
    name: crm
    description: Customers
    multi_tenant: true
    subdomains:
      '03':
        name: customer
        description: People
        next_entity_sequence: 2
        entities:
          Contact: {table_code: '012031', entity_code: CON}
reserved_codes: ['012032']
"""
"""One domain with one entity; its next code is reserved."""


def large_registry(domains: int = 9, subdomains: int = 80, entities: int = 15) -> str:
    """A registry as SpecQL writes it: 10,800 entities on 46,000 lines, unless told otherwise."""
    lines = ["version: 1.0.0", "schema_layers:", "  '01': write_side", "domains:"]
    for domain in range(1, domains + 1):
        lines += [f"  '{domain}':", f"    name: domain{domain}", "    description: A domain", "    multi_tenant: false"]
        lines.append("    subdomains:")
        for subdomain in range(subdomains):
            number = f"{subdomain:02X}"
            lines += [f"      '{number}':", f"        name: subdomain{number}", "        description: A subdomain"]
            lines += ["        next_entity_sequence: 5", "        entities:"]
            for entity in range(1, entities + 1):
                lines += [
                    f"          Entity{domain}{number}{entity:X}:",
                    f"            table_code: '01{domain}{number}{entity:X}'",
                    "            entity_code: ENT",
                    "            assigned_at: '2025-11-21T15:53:37.813506'",
                ]
    return "\n".join([*lines, "reserved_codes: ['000000', '999999']", ""])
