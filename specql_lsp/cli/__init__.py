"""The command line: arguments in, a result or a message out. No logic of its own."""
