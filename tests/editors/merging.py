"""A registry YAML with a merge conflict, as a merge of two branches leaves it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.workspaces import REGISTRY

CONFLICT = "Unresolved merge conflict between HEAD and topic"


def leave_conflict(workspace: Path) -> None:
    """Both sides add an entity to subdomain ``04`` of ``crm``: one with ``012042``, one with ``012043``."""
    path = workspace / REGISTRY
    text = path.read_text(encoding="utf-8")
    entry = re.search(r"^( *)Contact:\n *table_code: .*\n", text, re.MULTILINE)
    assert entry is not None
    indent = entry[1]
    ours, theirs = (
        f"{indent}{name}:\n{indent}  table_code: '{code}'\n"
        for name, code in (("Claim", "012042"), ("Visit", "012043"))
    )
    conflict = f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n"
    path.write_text(text.replace(entry[0], entry[0] + conflict), encoding="utf-8")
