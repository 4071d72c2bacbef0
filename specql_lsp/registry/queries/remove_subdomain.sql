DELETE FROM specql_registry.tb_subdomain s
USING specql_registry.tb_domain d
WHERE d.pk_domain = s.fk_domain AND d.domain_number = %(domain)s AND s.subdomain_number = %(subdomain)s
