-- For each table code, who gave it to an entity last, among the events with higher ids than a known one.
SELECT DISTINCT ON (pg_catalog.upper(e.table_code))
    pg_catalog.upper(e.table_code), e.id, e.at, e.current_role_name, e.application, e.author
FROM specql_registry_lsp.tb_event e
WHERE e.id > %(after)s AND e.table_name = 'tb_entity_registration' AND e.table_code IS NOT NULL AND e.after IS NOT NULL
    AND pg_catalog.upper(e.before ->> 'table_code') IS DISTINCT FROM pg_catalog.upper(e.table_code)
ORDER BY pg_catalog.upper(e.table_code), e.id DESC
