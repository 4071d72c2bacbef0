INSERT INTO specql_registry.tb_subdomain
    (fk_domain, subdomain_number, subdomain_name, description, next_entity_sequence)
SELECT d.pk_domain, n.number, n.name, n.description, n.counter
FROM unnest(%(numbers)s::text[], %(names)s::text[], %(descriptions)s::text[], %(counters)s::integer[])
    WITH ORDINALITY AS n (number, name, description, counter, position)
JOIN specql_registry.tb_domain d ON d.domain_number = %(domain)s
ORDER BY n.position
