INSERT INTO specql_registry.tb_domain (domain_number, domain_name, description, multi_tenant, aliases)
VALUES (%(number)s, %(name)s, %(description)s, %(multi_tenant)s, %(aliases)s::text[])
