-- The triggers on SpecQL's tables: they record each change as events, and notify of it. Run at each installation.
--
-- The functions are in SpecQL's schema, so that a dump of that schema alone can be restored. All are SECURITY DEFINER:
-- who may write one table may not be allowed to read the others, or to write the events.
-- What cannot be recorded is written nevertheless: SpecQL's programs must not stop because of a history. It is counted
-- (sq_unrecorded), PostgreSQL's log has a warning, and the notification says no event.

-- One notification for each statement that changed something, on the channel specql_registry. Its payload is JSON:
-- {"table", "operation", "rows", "event"?, "transaction"?, "changes"?: [{"domain", "subdomain"?, "entity"?,
-- "tableCode"?}]}. "event" is the id of the last event of the statement; without it, the change was not recorded.
-- "changes" is left out where it would not fit. Every function writes it by itself: a call costs as much as all of it.

-- A change that could not be recorded is counted and warned of.
CREATE OR REPLACE FUNCTION specql_registry.fn_count_unrecorded(changed_table name, operation text, reason text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $unrecorded$
BEGIN
    RAISE WARNING 'specql-lsp could not record the % of % in specql_registry_lsp.tb_event: %',
        operation, changed_table, reason
        USING HINT = 'The change itself was made. `specql-lsp registry install --check` says what is missing.';
    PERFORM nextval('specql_registry_lsp.sq_unrecorded');
EXCEPTION WHEN OTHERS THEN
    NULL;  -- the schema is gone: the warning has said so
END
$unrecorded$;
REVOKE ALL ON FUNCTION specql_registry.fn_count_unrecorded(name, text, text) FROM PUBLIC;

-- In all three functions: the transition table "touched" has the rows as they are now, or as they were deleted;
-- "former" has those that an UPDATE replaced. A row that an UPDATE did not change is no event.
CREATE OR REPLACE FUNCTION specql_registry.fn_record_domain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $record$
DECLARE
    most CONSTANT integer := 50;
    longest CONSTANT integer := 7900;  -- bytes; a payload must be shorter than 8,000
    changed bigint := 0;
    last_event bigint;
    changes jsonb;
    payload text;
BEGIN
    BEGIN
        IF TG_OP = 'INSERT' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (table_name, action, domain_number, pk, after)
                SELECT TG_TABLE_NAME, 'domain-registered', t.domain_number, t.pk_domain, to_jsonb(t)
                FROM touched t ORDER BY t.pk_domain
                RETURNING id, domain_number
            )
            SELECT count(*), max(id), jsonb_agg(jsonb_build_object('domain', domain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'UPDATE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (table_name, action, domain_number, pk, before, after)
                SELECT
                    TG_TABLE_NAME,
                    CASE
                        WHEN f.pk_domain IS NULL THEN 'domain-registered'
                        WHEN t.pk_domain IS NULL THEN 'domain-removed'
                        WHEN f.domain_name <> t.domain_name THEN 'domain-renamed'
                        ELSE 'domain-changed'
                    END,
                    COALESCE(t.domain_number, f.domain_number),
                    COALESCE(t.pk_domain, f.pk_domain),
                    CASE WHEN f.pk_domain IS NOT NULL THEN to_jsonb(f) END,
                    CASE WHEN t.pk_domain IS NOT NULL THEN to_jsonb(t) END
                FROM former f FULL JOIN touched t ON t.pk_domain = f.pk_domain
                WHERE to_jsonb(f) IS DISTINCT FROM to_jsonb(t)
                ORDER BY 4
                RETURNING id, domain_number
            )
            SELECT count(*), max(id), jsonb_agg(jsonb_build_object('domain', domain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'DELETE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (table_name, action, domain_number, pk, before)
                SELECT TG_TABLE_NAME, 'domain-removed', t.domain_number, t.pk_domain, to_jsonb(t)
                FROM touched t ORDER BY t.pk_domain
                RETURNING id, domain_number
            )
            SELECT count(*), max(id), jsonb_agg(jsonb_build_object('domain', domain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSE
            INSERT INTO specql_registry_lsp.tb_event (table_name, action)
            VALUES (TG_TABLE_NAME, 'domains-truncated') RETURNING id INTO last_event;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        last_event := NULL;
        changes := NULL;
        IF TG_OP <> 'TRUNCATE' THEN
            SELECT count(*) INTO changed FROM touched;
        END IF;
        IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
            PERFORM specql_registry.fn_count_unrecorded(TG_TABLE_NAME, TG_OP, SQLERRM);
        END IF;
    END;
    IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
        payload := concat('{"table": "', TG_TABLE_NAME, '", "operation": "', lower(TG_OP), '", "rows": ', changed,
            ', "event": ' || last_event || ', "transaction": "' || pg_current_xact_id()::text || '"');
        IF changed <= most AND octet_length(payload) + octet_length(changes::text) <= longest THEN
            payload := payload || ', "changes": ' || changes::text;
        END IF;
        PERFORM pg_notify('specql_registry', payload || '}');
    END IF;
    RETURN NULL;
END
$record$;
REVOKE ALL ON FUNCTION specql_registry.fn_record_domain() FROM PUBLIC;

CREATE OR REPLACE FUNCTION specql_registry.fn_record_subdomain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $record$
DECLARE
    most CONSTANT integer := 50;
    longest CONSTANT integer := 7900;  -- bytes; a payload must be shorter than 8,000
    changed bigint := 0;
    last_event bigint;
    changes jsonb;
    payload text;
BEGIN
    BEGIN
        IF TG_OP = 'INSERT' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, pk, after)
                SELECT
                    TG_TABLE_NAME, 'subdomain-registered', d.domain_number, t.subdomain_number, t.pk_subdomain,
                    to_jsonb(t) || jsonb_build_object('domain_number', d.domain_number)
                FROM touched t LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = t.fk_domain
                ORDER BY t.pk_subdomain
                RETURNING id, domain_number, subdomain_number
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'UPDATE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, pk, before, after)
                SELECT
                    TG_TABLE_NAME,
                    CASE
                        WHEN f.pk_subdomain IS NULL THEN 'subdomain-registered'
                        WHEN t.pk_subdomain IS NULL THEN 'subdomain-removed'
                        WHEN f.fk_domain <> t.fk_domain THEN 'subdomain-moved'
                        WHEN f.subdomain_name <> t.subdomain_name THEN 'subdomain-renamed'
                        WHEN to_jsonb(f) - 'next_entity_sequence' = to_jsonb(t) - 'next_entity_sequence'
                            THEN 'subdomain-counter-changed'
                        ELSE 'subdomain-changed'
                    END,
                    COALESCE(td.domain_number, fd.domain_number),
                    COALESCE(t.subdomain_number, f.subdomain_number),
                    COALESCE(t.pk_subdomain, f.pk_subdomain),
                    CASE WHEN f.pk_subdomain IS NOT NULL
                        THEN to_jsonb(f) || jsonb_build_object('domain_number', fd.domain_number) END,
                    CASE WHEN t.pk_subdomain IS NOT NULL
                        THEN to_jsonb(t) || jsonb_build_object('domain_number', td.domain_number) END
                FROM former f
                FULL JOIN touched t ON t.pk_subdomain = f.pk_subdomain
                LEFT JOIN specql_registry.tb_domain fd ON fd.pk_domain = f.fk_domain
                LEFT JOIN specql_registry.tb_domain td ON td.pk_domain = t.fk_domain
                WHERE to_jsonb(f) IS DISTINCT FROM to_jsonb(t)
                ORDER BY 5
                RETURNING id, domain_number, subdomain_number
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'DELETE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, pk, before)
                SELECT
                    TG_TABLE_NAME, 'subdomain-removed', COALESCE(d.domain_number, gone.domain_number),
                    t.subdomain_number, t.pk_subdomain,
                    to_jsonb(t)
                        || jsonb_build_object('domain_number', COALESCE(d.domain_number, gone.domain_number))
                FROM touched t
                LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = t.fk_domain
                LEFT JOIN LATERAL (
                    -- What goes with its domain: that is gone, but its removal was recorded just before.
                    SELECT e.domain_number
                    FROM specql_registry_lsp.tb_event e
                    WHERE e.transaction = pg_current_xact_id() AND e.pk = t.fk_domain
                        AND e.table_name = 'tb_domain' AND e.after IS NULL
                    ORDER BY e.id DESC LIMIT 1
                ) gone ON d.pk_domain IS NULL
                ORDER BY t.pk_subdomain
                RETURNING id, domain_number, subdomain_number
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number))
            INTO changed, last_event, changes FROM recorded;
        ELSE
            INSERT INTO specql_registry_lsp.tb_event (table_name, action)
            VALUES (TG_TABLE_NAME, 'subdomains-truncated') RETURNING id INTO last_event;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        last_event := NULL;
        changes := NULL;
        IF TG_OP <> 'TRUNCATE' THEN
            SELECT count(*) INTO changed FROM touched;
        END IF;
        IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
            PERFORM specql_registry.fn_count_unrecorded(TG_TABLE_NAME, TG_OP, SQLERRM);
        END IF;
    END;
    IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
        payload := concat('{"table": "', TG_TABLE_NAME, '", "operation": "', lower(TG_OP), '", "rows": ', changed,
            ', "event": ' || last_event || ', "transaction": "' || pg_current_xact_id()::text || '"');
        IF changed <= most AND octet_length(payload) + octet_length(changes::text) <= longest THEN
            payload := payload || ', "changes": ' || changes::text;
        END IF;
        PERFORM pg_notify('specql_registry', payload || '}');
    END IF;
    RETURN NULL;
END
$record$;
REVOKE ALL ON FUNCTION specql_registry.fn_record_subdomain() FROM PUBLIC;

-- It also refuses codes that are leased, to whatever program: DETAIL has all leased codes as JSON, so that the writer
-- can choose another one without having to read the leases.
CREATE OR REPLACE FUNCTION specql_registry.fn_record_entity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $record$
DECLARE
    most CONSTANT integer := 50;
    longest CONSTANT integer := 7900;  -- bytes; a payload must be shorter than 8,000
    changed bigint := 0;
    last_event bigint;
    changes jsonb;
    payload text;
    leased record;
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') AND to_regclass('specql_registry_lsp.tb_lease') IS NOT NULL THEN
        IF EXISTS (SELECT FROM specql_registry_lsp.tb_lease) THEN
            IF TG_OP = 'INSERT' THEN
                SELECT l.table_code, l.holder, l.expires_at INTO leased
                FROM touched t
                JOIN specql_registry_lsp.tb_lease l ON l.table_code = upper(btrim(t.table_code))
                WHERE l.expires_at > clock_timestamp()
                LIMIT 1;
            ELSE
                SELECT l.table_code, l.holder, l.expires_at INTO leased
                FROM touched t
                JOIN specql_registry_lsp.tb_lease l ON l.table_code = upper(btrim(t.table_code))
                LEFT JOIN former f ON f.pk_entity_registration = t.pk_entity_registration
                WHERE l.expires_at > clock_timestamp() AND f.table_code IS DISTINCT FROM t.table_code
                LIMIT 1;
            END IF;
            IF FOUND THEN
                RAISE EXCEPTION 'The code % is leased to % until %.', leased.table_code, leased.holder,
                    to_char(leased.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
                    USING ERRCODE = 'SPL01', DETAIL = (
                        SELECT jsonb_agg(l.table_code)::text FROM specql_registry_lsp.tb_lease l
                        WHERE l.expires_at > clock_timestamp());
            END IF;
        END IF;
    END IF;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, entity_name, table_code, pk, after)
                SELECT
                    TG_TABLE_NAME, 'entity-registered', d.domain_number, s.subdomain_number, t.entity_name,
                    t.table_code, t.pk_entity_registration,
                    to_jsonb(t) || jsonb_build_object(
                        'domain_number', d.domain_number, 'subdomain_number', s.subdomain_number)
                FROM touched t
                LEFT JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = t.fk_subdomain
                LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
                ORDER BY t.pk_entity_registration
                RETURNING id, domain_number, subdomain_number, entity_name, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number,
                    'entity', entity_name, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'UPDATE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, entity_name, table_code, pk, before, after)
                SELECT
                    TG_TABLE_NAME,
                    CASE
                        WHEN f.pk_entity_registration IS NULL THEN 'entity-registered'
                        WHEN t.pk_entity_registration IS NULL THEN 'entity-removed'
                        WHEN f.fk_subdomain <> t.fk_subdomain THEN 'entity-moved'
                        WHEN f.entity_name <> t.entity_name THEN 'entity-renamed'
                        ELSE 'entity-changed'
                    END,
                    COALESCE(td.domain_number, fd.domain_number),
                    COALESCE(ts.subdomain_number, fs.subdomain_number),
                    COALESCE(t.entity_name, f.entity_name),
                    COALESCE(t.table_code, f.table_code),
                    COALESCE(t.pk_entity_registration, f.pk_entity_registration),
                    CASE WHEN f.pk_entity_registration IS NOT NULL
                        THEN to_jsonb(f) || jsonb_build_object(
                            'domain_number', fd.domain_number, 'subdomain_number', fs.subdomain_number) END,
                    CASE WHEN t.pk_entity_registration IS NOT NULL
                        THEN to_jsonb(t) || jsonb_build_object(
                            'domain_number', td.domain_number, 'subdomain_number', ts.subdomain_number) END
                FROM former f
                FULL JOIN touched t ON t.pk_entity_registration = f.pk_entity_registration
                LEFT JOIN specql_registry.tb_subdomain fs ON fs.pk_subdomain = f.fk_subdomain
                LEFT JOIN specql_registry.tb_domain fd ON fd.pk_domain = fs.fk_domain
                LEFT JOIN specql_registry.tb_subdomain ts ON ts.pk_subdomain = t.fk_subdomain
                LEFT JOIN specql_registry.tb_domain td ON td.pk_domain = ts.fk_domain
                WHERE to_jsonb(f) IS DISTINCT FROM to_jsonb(t)
                ORDER BY 7
                RETURNING id, domain_number, subdomain_number, entity_name, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number,
                    'entity', entity_name, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'DELETE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, entity_name, table_code, pk, before)
                SELECT
                    TG_TABLE_NAME, 'entity-removed', COALESCE(d.domain_number, gone.domain_number),
                    COALESCE(s.subdomain_number, gone.subdomain_number), t.entity_name, t.table_code,
                    t.pk_entity_registration,
                    to_jsonb(t) || jsonb_build_object(
                        'domain_number', COALESCE(d.domain_number, gone.domain_number),
                        'subdomain_number', COALESCE(s.subdomain_number, gone.subdomain_number))
                FROM touched t
                LEFT JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = t.fk_subdomain
                LEFT JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
                LEFT JOIN LATERAL (
                    -- What goes with its subdomain: that is gone, but its removal was recorded just before.
                    SELECT e.domain_number, e.subdomain_number
                    FROM specql_registry_lsp.tb_event e
                    WHERE e.transaction = pg_current_xact_id() AND e.pk = t.fk_subdomain
                        AND e.table_name = 'tb_subdomain' AND e.after IS NULL
                    ORDER BY e.id DESC LIMIT 1
                ) gone ON s.pk_subdomain IS NULL
                ORDER BY t.pk_entity_registration
                RETURNING id, domain_number, subdomain_number, entity_name, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object('domain', domain_number, 'subdomain', subdomain_number,
                    'entity', entity_name, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSE
            INSERT INTO specql_registry_lsp.tb_event (table_name, action)
            VALUES (TG_TABLE_NAME, 'entities-truncated') RETURNING id INTO last_event;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        last_event := NULL;
        changes := NULL;
        IF TG_OP <> 'TRUNCATE' THEN
            SELECT count(*) INTO changed FROM touched;
        END IF;
        IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
            PERFORM specql_registry.fn_count_unrecorded(TG_TABLE_NAME, TG_OP, SQLERRM);
        END IF;
    END;
    IF changed > 0 OR TG_OP = 'TRUNCATE' THEN
        payload := concat('{"table": "', TG_TABLE_NAME, '", "operation": "', lower(TG_OP), '", "rows": ', changed,
            ', "event": ' || last_event || ', "transaction": "' || pg_current_xact_id()::text || '"');
        IF changed <= most AND octet_length(payload) + octet_length(changes::text) <= longest THEN
            payload := payload || ', "changes": ' || changes::text;
        END IF;
        PERFORM pg_notify('specql_registry', payload || '}');
    END IF;
    RETURN NULL;
END
$record$;
REVOKE ALL ON FUNCTION specql_registry.fn_record_entity() FROM PUBLIC;

-- A trigger by one of these names that calls another function of this schema is of an earlier release: it is made
-- again. The names stay, because earlier releases look for them to find out whether the database notifies. A trigger
-- by that name that calls something else is not ours and stays, too.
DO $triggers$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT t.name AS table_name, t.recording, e.event, e.referencing,
            pg_catalog.format('tr_notify_%s', pg_catalog.lower(e.event)) AS trigger_name
        FROM (VALUES ('tb_domain', 'fn_record_domain'), ('tb_subdomain', 'fn_record_subdomain'),
                ('tb_entity_registration', 'fn_record_entity')) AS t (name, recording),
            (VALUES ('INSERT', 'REFERENCING NEW TABLE AS touched'),
                ('UPDATE', 'REFERENCING OLD TABLE AS former NEW TABLE AS touched'),
                ('DELETE', 'REFERENCING OLD TABLE AS touched'), ('TRUNCATE', '')) AS e (event, referencing)
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_trigger g
            JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
            WHERE g.tgrelid = pg_catalog.format('specql_registry.%I', t.name)::pg_catalog.regclass
                AND g.tgname = pg_catalog.format('tr_notify_%s', pg_catalog.lower(e.event))
                AND (p.proname = t.recording
                    OR p.pronamespace <> 'specql_registry'::pg_catalog.regnamespace)
        )
    LOOP
        EXECUTE pg_catalog.format(
            'CREATE OR REPLACE TRIGGER %I AFTER %s ON specql_registry.%I %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION specql_registry.%I()',
            wanted.trigger_name, wanted.event, wanted.table_name, wanted.referencing, wanted.recording);
    END LOOP;
END
$triggers$;

-- What earlier releases made: an index of version 1 that no question needs, and a function that notified and recorded
-- nothing. The function with which version 1 notified (fn_notify_recorded) stays: triggers that run now may call it.
DO $earlier$
BEGIN
    DROP INDEX IF EXISTS specql_registry_lsp.idx_event_table_code;
    DROP FUNCTION IF EXISTS specql_registry.fn_notify_change();
EXCEPTION WHEN dependent_objects_still_exist THEN
    NULL;  -- somebody has put it on a table of their own
END
$earlier$;

-- All of this has one owner, whichever role ran a later step: the functions write the tables with the rights of theirs.
DO $owner$
DECLARE
    other record;
BEGIN
    FOR other IN
        SELECT pg_catalog.format('TABLE %I.%I', n.nspname, c.relname) AS thing, n.nspowner AS owner
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'specql_registry_lsp' AND c.relkind = 'r' AND c.relowner <> n.nspowner
        UNION ALL
        SELECT pg_catalog.format('SEQUENCE %I.%I', n.nspname, c.relname), n.nspowner
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'specql_registry_lsp' AND c.relname = 'sq_unrecorded' AND c.relowner <> n.nspowner
        UNION ALL
        SELECT pg_catalog.format('FUNCTION %s', p.oid::pg_catalog.regprocedure), n.nspowner
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.nspname = 'specql_registry_lsp'
        WHERE p.proowner <> n.nspowner
            AND (p.pronamespace = pg_catalog.to_regnamespace('specql_registry')
                AND p.proname IN ('fn_record_domain', 'fn_record_subdomain', 'fn_record_entity', 'fn_count_unrecorded')
                OR p.pronamespace = n.oid AND p.proname = 'fn_record_lease')
    LOOP
        EXECUTE pg_catalog.format('ALTER %s OWNER TO %s', other.thing, other.owner::pg_catalog.regrole);
    END LOOP;
END
$owner$
