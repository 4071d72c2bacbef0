"""What features answer → the protocol's types; one file for each kind of answer."""
