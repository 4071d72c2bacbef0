DELETE FROM specql_registry.tb_entity_registration e
USING unnest(%(domains)s::text[], %(subdomains)s::text[], %(entities)s::text[]) AS n (domain, subdomain, entity),
    specql_registry.tb_subdomain s, specql_registry.tb_domain d
WHERE s.pk_subdomain = e.fk_subdomain AND d.pk_domain = s.fk_domain AND d.domain_number = n.domain
    AND s.subdomain_number = n.subdomain AND e.entity_name = n.entity
