-- The indexes that this server adds to SpecQL's tables. SpecQL's programs need none of them and are not hindered by
-- them. Nothing is dropped or rewritten but what an earlier run of this made.

-- An index of ours that an earlier run made of a function that is not PostgreSQL's own, because search_path led to one,
-- is made again below. The catalogue holds no dependency on PostgreSQL's own functions.
DO $foreign$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT c.relname
        FROM pg_catalog.pg_class c
        WHERE c.relnamespace = pg_catalog.to_regnamespace('specql_registry') AND c.relkind = 'i'
            AND c.relname IN ('idx_entity_registration_lower_name', 'uq_entity_registration_table_code')
            AND EXISTS (
                SELECT FROM pg_catalog.pg_depend p
                WHERE p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.objid = c.oid
                    AND p.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            )
    LOOP
        EXECUTE pg_catalog.format('DROP INDEX specql_registry.%I', made.relname);
    END LOOP;
END
$foreign$;

-- Finds an entity whatever the case of its name, as SpecQL looks it up.
DO $name$
BEGIN
    IF pg_catalog.to_regclass('specql_registry.idx_entity_registration_lower_name') IS NULL THEN
        CREATE INDEX idx_entity_registration_lower_name
            ON specql_registry.tb_entity_registration (pg_catalog.lower(entity_name COLLATE pg_catalog."C"));
    END IF;
END
$name$;

-- Table codes are unique, whatever program writes; only if no code occurs twice already.
DO $codes$
DECLARE
    twice text;
BEGIN
    IF pg_catalog.to_regclass('specql_registry.uq_entity_registration_table_code') IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE specql_registry.tb_entity_registration IN SHARE MODE;  -- what is found out here must still hold below
    SELECT pg_catalog.string_agg(upper_code, ', ' ORDER BY upper_code) INTO twice
    FROM (
        SELECT pg_catalog.upper(table_code) AS upper_code FROM specql_registry.tb_entity_registration
        GROUP BY pg_catalog.upper(table_code) HAVING pg_catalog.count(*) > 1
    ) AS codes;
    IF twice IS NULL THEN
        CREATE UNIQUE INDEX uq_entity_registration_table_code
            ON specql_registry.tb_entity_registration (pg_catalog.upper(table_code));
    ELSE
        RAISE WARNING 'Table codes that are registered more than once stand in the way of the unique index: %', twice;
    END IF;
END
$codes$
