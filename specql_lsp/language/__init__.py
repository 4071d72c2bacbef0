"""SpecQL itself: table codes, names, YAML 1.1 scalars, entity files and registry files. Does no I/O."""
