"""Measurements beside a reference of the same run: ``make bench``, or ``python -m tests.benchmarks --help``."""
