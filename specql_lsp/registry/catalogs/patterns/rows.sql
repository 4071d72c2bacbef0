-- The pattern library, of long texts the beginning. Parameters that are longer than a screen are left out.
SELECT
    p.id::text,
    p.name::text,
    pg_catalog.left(p.category::text, 100),
    pg_catalog.left(p.description::text, 2000),
    CASE WHEN pg_catalog.length(p.parameters::text) <= 20000 THEN p.parameters::text END,
    p.deprecated::text,
    pg_catalog.left(p.deprecated_reason::text, 2000),
    p.replacement_pattern_id::text,
    p.times_instantiated::text
FROM pattern_library.domain_patterns p
ORDER BY p.name
LIMIT 5000
