INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
SELECT s.pk_subdomain, n.name, n.code, n.sequence
FROM unnest(%(subdomains)s::text[], %(names)s::text[], %(codes)s::text[], %(sequences)s::integer[])
    WITH ORDINALITY AS n (subdomain, name, code, sequence, position)
JOIN specql_registry.tb_domain d ON d.domain_number = %(domain)s
JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain AND s.subdomain_number = n.subdomain
ORDER BY n.position
