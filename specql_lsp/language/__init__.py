"""SpecQL itself: keys, types, steps, names, table codes, and the parsers of types and expressions.

Reads no file but the data files of the package, and those when they are first used.
"""
