"""The tests of specql-lsp; the folders mirror the package."""

import os
import sys

# Hundreds of processes of ours are started, and each run imports all modules in several processes: a machine that
# keeps no bytecode would compile everything again in each of them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
