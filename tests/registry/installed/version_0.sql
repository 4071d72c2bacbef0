-- What `registry install` of the releases before the schema specql_registry_lsp did (as its --print printed it).
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL lock_timeout = '3000ms';

-- One installation at a time: two would make the same things.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('specql_registry:install', 0));

-- SpecQL's own registry schema; safe to run again, also by a role that may not create schemas where it exists.
-- It names every schema, because it also runs in transactions that are not ours (create_schema).
DO $schema$
BEGIN
    IF pg_catalog.to_regnamespace('specql_registry') IS NULL THEN
        CREATE SCHEMA specql_registry;
    END IF;
    IF pg_catalog.to_regclass('specql_registry.tb_domain') IS NULL THEN
        CREATE TABLE specql_registry.tb_domain (
            pk_domain serial PRIMARY KEY,
            domain_number varchar(10) NOT NULL UNIQUE,
            domain_name varchar(100) NOT NULL,
            description pg_catalog.text,
            multi_tenant boolean NOT NULL DEFAULT false,
            aliases pg_catalog.text[] DEFAULT '{}'
        );
        CREATE INDEX idx_domain_number ON specql_registry.tb_domain (domain_number);
        CREATE INDEX idx_domain_name ON specql_registry.tb_domain (domain_name);
    END IF;
    IF pg_catalog.to_regclass('specql_registry.tb_subdomain') IS NULL THEN
        CREATE TABLE specql_registry.tb_subdomain (
            pk_subdomain serial PRIMARY KEY,
            fk_domain integer NOT NULL REFERENCES specql_registry.tb_domain (pk_domain) ON DELETE CASCADE,
            subdomain_number varchar(10) NOT NULL,
            subdomain_name varchar(100) NOT NULL,
            description pg_catalog.text,
            next_entity_sequence integer NOT NULL DEFAULT 1,
            UNIQUE (fk_domain, subdomain_number)
        );
        CREATE INDEX idx_subdomain_fk_domain ON specql_registry.tb_subdomain (fk_domain);
    END IF;
    IF pg_catalog.to_regclass('specql_registry.tb_entity_registration') IS NULL THEN
        CREATE TABLE specql_registry.tb_entity_registration (
            pk_entity_registration serial PRIMARY KEY,
            fk_subdomain integer NOT NULL REFERENCES specql_registry.tb_subdomain (pk_subdomain) ON DELETE CASCADE,
            entity_name varchar(100) NOT NULL,
            table_code varchar(20) NOT NULL,
            entity_sequence integer NOT NULL,
            UNIQUE (fk_subdomain, entity_name)
        );
        CREATE INDEX idx_entity_registration_fk_subdomain
            ON specql_registry.tb_entity_registration (fk_subdomain);
    END IF;
END
$schema$;

-- What this server adds to SpecQL's schema: a notification of every change, and two indexes. SpecQL's programs need
-- none of it and are not hindered by it. Nothing is dropped or rewritten but what an earlier run of this made.

-- One notification for each statement that changed something, on the channel specql_registry. Its payload is JSON:
-- {"table", "operation", "rows", "changes": [{"domain", "subdomain"?, "entity"?, "tableCode"?}]}; "changes" is left out
-- where it would not fit. SECURITY DEFINER, because who may write one table may not be allowed to read the others.
CREATE OR REPLACE FUNCTION specql_registry.fn_notify_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $notify$
DECLARE
    longest CONSTANT integer := 7900;  -- bytes; a payload must be shorter than 8,000
    most CONSTANT integer := 50;
    changed bigint := 0;
    changes jsonb;
    payload jsonb;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        -- Every trigger names its transition table "touched": the rows as they are now, or as they were deleted.
        SELECT count(*) INTO changed FROM touched;
        IF changed = 0 THEN
            RETURN NULL;
        END IF;
        IF changed <= most THEN
            IF TG_TABLE_NAME = 'tb_domain' THEN
                SELECT jsonb_agg(jsonb_build_object('domain', t.domain_number)) INTO changes FROM touched t;
            ELSIF TG_TABLE_NAME = 'tb_subdomain' THEN
                SELECT jsonb_agg(jsonb_build_object('domain', d.domain_number, 'subdomain', t.subdomain_number))
                INTO changes
                FROM touched t LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = t.fk_domain;
            ELSE
                SELECT jsonb_agg(jsonb_build_object('domain', d.domain_number, 'subdomain', s.subdomain_number,
                    'entity', t.entity_name, 'tableCode', t.table_code))
                INTO changes
                FROM touched t
                LEFT JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = t.fk_subdomain
                LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain;
            END IF;
        END IF;
    END IF;
    payload := jsonb_build_object('table', TG_TABLE_NAME, 'operation', lower(TG_OP), 'rows', changed);
    IF changes IS NOT NULL AND octet_length((payload || jsonb_build_object('changes', changes))::text) <= longest THEN
        payload := payload || jsonb_build_object('changes', changes);
    END IF;
    PERFORM pg_notify('specql_registry', payload::text);
    RETURN NULL;
END
$notify$;
REVOKE ALL ON FUNCTION specql_registry.fn_notify_change() FROM PUBLIC;

DO $triggers$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT t.name AS table_name, e.event, e.referencing,
            pg_catalog.format('tr_notify_%s', pg_catalog.lower(e.event)) AS trigger_name
        FROM (VALUES ('tb_domain'), ('tb_subdomain'), ('tb_entity_registration')) AS t (name),
            (VALUES ('INSERT', 'REFERENCING NEW TABLE AS touched'), ('UPDATE', 'REFERENCING NEW TABLE AS touched'),
                ('DELETE', 'REFERENCING OLD TABLE AS touched'), ('TRUNCATE', '')) AS e (event, referencing)
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_catalog.pg_trigger
            WHERE tgrelid = pg_catalog.format('specql_registry.%I', wanted.table_name)::pg_catalog.regclass
                AND tgname = wanted.trigger_name
        ) THEN
            EXECUTE pg_catalog.format(
                'CREATE TRIGGER %I AFTER %s ON specql_registry.%I %s'
                ' FOR EACH STATEMENT EXECUTE FUNCTION specql_registry.fn_notify_change()',
                wanted.trigger_name, wanted.event, wanted.table_name, wanted.referencing);
        END IF;
    END LOOP;
END
$triggers$;

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
$codes$;

COMMIT;
