"""The command line as its users run it: a process, its streams, its exit status."""
