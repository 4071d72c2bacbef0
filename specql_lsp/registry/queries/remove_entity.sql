DELETE FROM specql_registry.tb_entity_registration e
USING specql_registry.tb_subdomain s, specql_registry.tb_domain d
WHERE s.pk_subdomain = e.fk_subdomain AND d.pk_domain = s.fk_domain AND d.domain_number = %(domain)s
    AND s.subdomain_number = %(subdomain)s AND e.entity_name = %(entity)s
