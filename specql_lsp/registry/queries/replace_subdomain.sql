UPDATE specql_registry.tb_subdomain s
SET subdomain_name = %(name)s, description = %(description)s, next_entity_sequence = %(counter)s
FROM specql_registry.tb_domain d
WHERE d.pk_domain = s.fk_domain AND d.domain_number = %(domain)s AND s.subdomain_number = %(subdomain)s
