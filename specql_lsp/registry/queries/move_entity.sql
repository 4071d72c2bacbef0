-- One UPDATE, so that the history has a move.
UPDATE specql_registry.tb_entity_registration e
SET fk_subdomain = t.pk_subdomain, table_code = %(code)s, entity_sequence = %(sequence)s
FROM specql_registry.tb_subdomain s
JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
JOIN specql_registry.tb_subdomain t ON t.fk_domain = d.pk_domain AND t.subdomain_number = %(within)s
WHERE s.pk_subdomain = e.fk_subdomain AND d.domain_number = %(domain)s AND s.subdomain_number = %(subdomain)s
    AND e.entity_name = %(entity)s
