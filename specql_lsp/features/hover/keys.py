"""Hover of the language's own words: keys, and the values that SpecQL names."""

from __future__ import annotations

from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code
from specql_lsp.language.keys import KeySpec, Meaning
from specql_lsp.language.release import REFERENCE, Release


def key(request: HoverRequest) -> Text | None:
    """A key: what it does, its values, which release reads it."""
    spec = request.symbol.place.key
    return Text(key_text(spec)) if spec is not None and spec.meaning is Meaning.KEY and spec.name != "*" else None


def key_text(spec: KeySpec) -> str:
    """What a key is."""
    return paragraphs(f"**{spec.name}**", spec.markdown, _values(spec), _release(spec))


def _values(spec: KeySpec) -> str:
    value = spec.value if spec.value.items is None else spec.value.items
    if value.meaning is Meaning.CHOICE:
        return "Values: " + ", ".join(code(choice) for choice in value.choices)
    return "Values: `true`, `false`" if value.meaning is Meaning.BOOLEAN else ""


def _release(spec: KeySpec) -> str:
    """What the documentation does not say itself; that of a key which 0.9.2 does not read says so."""
    if spec.release is Release.BETA and spec.required:
        return "It refuses the mapping without it."
    if spec.release is not Release.REFERENCE:
        return ""
    older = f" Older files call it {' or '.join(map(code, spec.older))}." if spec.older else ""
    if spec.required:
        return f"{REFERENCE} reads it and refuses the mapping without it.{older}"
    # Much of the documentation says already what that release does with the key.
    return older.strip() if REFERENCE in spec.documentation else f"{REFERENCE} reads it.{older}"


def choice(request: HoverRequest) -> Text | None:
    """One of the values that a key can have."""
    spec = request.symbol.place.key
    if spec is None:
        return None
    head = f"**{code(request.symbol.name)}** · value of {code(spec.name)}"
    return Text(paragraphs(head, spec.documentation, _values(spec)))
