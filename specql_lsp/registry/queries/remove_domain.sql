DELETE FROM specql_registry.tb_domain WHERE domain_number = %(domain)s
