-- What is deferred until the commit is done now, so that it is seen when the registry is read back. A trigger may have
-- changed the search path, in which a function or an operator of somebody else may be.
SET CONSTRAINTS ALL IMMEDIATE;
SET LOCAL search_path = pg_catalog, pg_temp
