"""A program that a test has as a text: ``python -m tests.support.script TEXT ARGUMENT…`` is as ``python -c``.

``tests/support/forks.py`` forks it: only a program that is about its start needs an interpreter of its own.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    exec(compile(sys.argv.pop(1), "<a test's program>", "exec", dont_inherit=True))  # noqa: S102
