-- The triggers on the table of leases: as recording.sql, for the table of this server's own. Run at each installation.
CREATE OR REPLACE FUNCTION specql_registry_lsp.fn_record_lease() RETURNS trigger
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
                    table_name, action, domain_number, subdomain_number, table_code, after)
                SELECT TG_TABLE_NAME, 'code-leased', t.domain_number, t.subdomain_number, t.table_code, to_jsonb(t)
                FROM touched t ORDER BY t.table_code
                RETURNING id, domain_number, subdomain_number, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object(
                    'domain', domain_number, 'subdomain', subdomain_number, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'UPDATE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, table_code, before, after)
                SELECT
                    TG_TABLE_NAME,
                    CASE
                        WHEN f.table_code IS NULL THEN 'code-leased'
                        WHEN t.table_code IS NULL THEN 'lease-ended'
                        WHEN f.token <> t.token THEN 'lease-changed'
                        WHEN t.expires_at > f.expires_at THEN 'lease-extended'
                        ELSE 'lease-changed'
                    END,
                    COALESCE(t.domain_number, f.domain_number), COALESCE(t.subdomain_number, f.subdomain_number),
                    COALESCE(t.table_code, f.table_code), to_jsonb(f), to_jsonb(t)
                FROM former f FULL JOIN touched t ON t.table_code = f.table_code
                WHERE to_jsonb(f) IS DISTINCT FROM to_jsonb(t)
                ORDER BY 5
                RETURNING id, domain_number, subdomain_number, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object(
                    'domain', domain_number, 'subdomain', subdomain_number, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSIF TG_OP = 'DELETE' THEN
            WITH recorded AS (
                INSERT INTO specql_registry_lsp.tb_event (
                    table_name, action, domain_number, subdomain_number, table_code, before)
                SELECT
                    TG_TABLE_NAME,
                    CASE WHEN t.expires_at > clock_timestamp() THEN 'lease-ended' ELSE 'lease-expired' END,
                    t.domain_number, t.subdomain_number, t.table_code, to_jsonb(t)
                FROM touched t ORDER BY t.table_code
                RETURNING id, domain_number, subdomain_number, table_code
            )
            SELECT
                count(*), max(id),
                jsonb_agg(jsonb_build_object(
                    'domain', domain_number, 'subdomain', subdomain_number, 'tableCode', table_code))
            INTO changed, last_event, changes FROM recorded;
        ELSE
            INSERT INTO specql_registry_lsp.tb_event (table_name, action)
            VALUES (TG_TABLE_NAME, 'leases-truncated') RETURNING id INTO last_event;
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
REVOKE ALL ON FUNCTION specql_registry_lsp.fn_record_lease() FROM PUBLIC;

-- A trigger by one of these names that calls something else is not ours and stays.
DO $triggers$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT e.event, e.referencing, pg_catalog.format('tr_notify_%s', pg_catalog.lower(e.event)) AS trigger_name
        FROM (VALUES ('INSERT', 'REFERENCING NEW TABLE AS touched'),
            ('UPDATE', 'REFERENCING OLD TABLE AS former NEW TABLE AS touched'),
            ('DELETE', 'REFERENCING OLD TABLE AS touched'), ('TRUNCATE', '')) AS e (event, referencing)
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_trigger g
            WHERE g.tgrelid = 'specql_registry_lsp.tb_lease'::pg_catalog.regclass
                AND g.tgname = pg_catalog.format('tr_notify_%s', pg_catalog.lower(e.event))
        )
    LOOP
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER %I AFTER %s ON specql_registry_lsp.tb_lease %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION specql_registry_lsp.fn_record_lease()',
            wanted.trigger_name, wanted.event, wanted.referencing);
    END LOOP;
END
$triggers$
