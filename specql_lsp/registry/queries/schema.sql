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
$schema$
