"""That another registry answers than the settings want, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specql_lsp.registry.state import Provenance


def answers_instead(provenance: Provenance) -> str:
    """The sentence, with a space before it, that says which read-only source answers; empty where none does."""
    if provenance.source.value == "yaml":
        return " The registry's YAML answers instead."
    if provenance.file is not None and provenance.reason:
        return f" The snapshot {provenance.file.in_words} answers instead."
    return ""
