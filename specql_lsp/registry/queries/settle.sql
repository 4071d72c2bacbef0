-- What is deferred until the commit is done now, so that it is seen when the registry is read back.
SET CONSTRAINTS ALL IMMEDIATE
