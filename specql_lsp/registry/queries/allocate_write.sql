-- Registers the entity, moves the counter (never back: others read it), commits.
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
VALUES (%(subdomain)s, %(entity)s, %(code)s, %(sequence)s);

UPDATE specql_registry.tb_subdomain
SET next_entity_sequence = greatest(next_entity_sequence, %(sequence)s + 1)
WHERE pk_subdomain = %(subdomain)s;

COMMIT
