"""The numbers of the performance report: of operations (``recorder``) and of SQL statements."""
