UPDATE specql_registry.tb_domain
SET domain_name = %(name)s, description = %(description)s, multi_tenant = %(multi_tenant)s,
    aliases = %(aliases)s::text[]
WHERE domain_number = %(domain)s
