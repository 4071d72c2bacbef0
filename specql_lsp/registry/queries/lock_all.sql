-- For the rare changes that need the whole registry unchanged: writers wait, readers do not.
-- The order is that in which an allocation takes its locks, so that the two never wait for each other.
LOCK TABLE specql_registry.tb_domain, specql_registry.tb_subdomain, specql_registry.tb_entity_registration
IN EXCLUSIVE MODE
