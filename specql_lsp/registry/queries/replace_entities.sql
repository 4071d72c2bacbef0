UPDATE specql_registry.tb_entity_registration e
SET entity_name = n.name, table_code = n.code, entity_sequence = n.sequence
FROM unnest(%(domains)s::text[], %(subdomains)s::text[], %(entities)s::text[], %(names)s::text[], %(codes)s::text[],
    %(sequences)s::integer[]) AS n (domain, subdomain, entity, name, code, sequence)
JOIN specql_registry.tb_domain d ON d.domain_number = n.domain
JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain AND s.subdomain_number = n.subdomain
WHERE s.pk_subdomain = e.fk_subdomain AND e.entity_name = n.entity
