-- What lets a reader follow the events instead of reading the whole registry again. Run at each installation.
--
-- What has changed since a position, as JSON: {"position", "unrecorded", "whole": true} where it cannot be said, else
-- {"position", "unrecorded", "subdomains": [key], "domains": [key], "held": [key], "rows": [[column]]}; the last four are
-- left out where nothing has changed. The rows are those of load.sql for the subdomains, and for all subdomains of the
-- domains, that are named, with [name, table code, sequence] for each entity: what is named and has no row is gone.
-- "held" are the keys of the subdomains that a change has made or filled: without a row, one has no domain, or does not
-- exist.
--
-- A position is what pg_current_snapshot() gave before everything was read. "unrecorded" is the counter of changes that
-- were made and could not be recorded: a reader for whom it differs has to read everything.
-- STABLE, so that all is read in the snapshot of the calling statement. A function, because a session keeps its plans:
-- planned with each call it would cost three times as much, and a pooler lets no client prepare statements.
CREATE OR REPLACE FUNCTION specql_registry_lsp.fn_changes_since(since pg_catalog.text) RETURNS pg_catalog.jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $changes$
DECLARE
    here CONSTANT pg_snapshot := pg_current_snapshot();
    there CONSTANT pg_snapshot := since::pg_snapshot;
    unrecorded bigint;
    horizon xid8;
    subdomains bigint[] := '{}';
    domains bigint[] := '{}';
    held bigint[] := '{}';
    event record;
    found jsonb;
BEGIN
    SELECT u.last_value + u.is_called::integer, h.transaction INTO unrecorded, horizon
    FROM specql_registry_lsp.sq_unrecorded u, specql_registry_lsp.tb_horizon h;
    -- A database that was restored, or a standby that took over, may know less than the position.
    IF horizon IS NULL OR pg_snapshot_xmin(there) <= horizon OR pg_snapshot_xmax(here) < pg_snapshot_xmax(there) THEN
        RETURN jsonb_build_object('position', here::text, 'unrecorded', unrecorded, 'whole', true);
    END IF;
    FOR event IN
        SELECT e.table_name, e.pk, e.before, e.after
        FROM specql_registry_lsp.tb_event e
        WHERE e.transaction >= pg_snapshot_xmin(there) AND NOT pg_visible_in_snapshot(e.transaction, there)
    LOOP
        IF event.table_name = 'tb_event' THEN  -- older events were deleted, which the horizon is about
            CONTINUE;
        ELSIF event.pk IS NULL THEN  -- of a TRUNCATE
            RETURN jsonb_build_object('position', here::text, 'unrecorded', unrecorded, 'whole', true);
        ELSIF event.table_name = 'tb_entity_registration' THEN
            subdomains := subdomains
                || ARRAY[(event.before ->> 'fk_subdomain')::bigint, (event.after ->> 'fk_subdomain')::bigint];
            held := held || (event.after ->> 'fk_subdomain')::bigint;
        ELSIF event.table_name = 'tb_domain' THEN
            domains := domains || event.pk;
        ELSE
            subdomains := subdomains || event.pk;
            IF event.after IS NOT NULL THEN
                held := held || event.pk;
            END IF;
            -- Where a subdomain changes nothing but itself, its domain stays as it is.
            IF event.before -> 'fk_domain' IS DISTINCT FROM event.after -> 'fk_domain' THEN
                domains := domains
                    || ARRAY[(event.before ->> 'fk_domain')::bigint, (event.after ->> 'fk_domain')::bigint];
            END IF;
        END IF;
    END LOOP;
    IF subdomains = '{}' AND domains = '{}' THEN
        RETURN jsonb_build_object('position', here::text, 'unrecorded', unrecorded);
    END IF;
    IF domains = '{}' THEN
        SELECT jsonb_agg(jsonb_build_array(
            d.pk_domain, d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases,
            s.pk_subdomain, s.subdomain_number, s.subdomain_name, s.description, s.next_entity_sequence,
            (SELECT jsonb_agg(jsonb_build_array(r.entity_name, r.table_code, r.entity_sequence))
                FROM specql_registry.tb_entity_registration r WHERE r.fk_subdomain = s.pk_subdomain)))
        INTO found
        FROM specql_registry.tb_subdomain s
        JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
        WHERE s.pk_subdomain = ANY (subdomains);
    ELSE
        SELECT jsonb_agg(jsonb_build_array(
            d.pk_domain, d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases,
            s.pk_subdomain, s.subdomain_number, s.subdomain_name, s.description, s.next_entity_sequence,
            (SELECT jsonb_agg(jsonb_build_array(r.entity_name, r.table_code, r.entity_sequence))
                FROM specql_registry.tb_entity_registration r WHERE r.fk_subdomain = s.pk_subdomain)))
        INTO found
        FROM specql_registry.tb_domain d
        LEFT JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain
        WHERE d.pk_domain = ANY (domains) OR s.pk_subdomain = ANY (subdomains);
    END IF;
    RETURN jsonb_build_object('position', here::text, 'unrecorded', unrecorded, 'subdomains', subdomains,
        'domains', domains, 'held', held, 'rows', COALESCE(found, '[]'));
END
$changes$
