UPDATE specql_registry.tb_subdomain s
SET subdomain_name = n.name, description = n.description, next_entity_sequence = n.counter
FROM unnest(%(domains)s::text[], %(subdomains)s::text[], %(names)s::text[], %(descriptions)s::text[],
    %(counters)s::integer[]) AS n (domain, subdomain, name, description, counter)
JOIN specql_registry.tb_domain d ON d.domain_number = n.domain
WHERE d.pk_domain = s.fk_domain AND s.subdomain_number = n.subdomain
