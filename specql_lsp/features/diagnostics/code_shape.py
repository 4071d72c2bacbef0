"""What is wrong with a table code by itself, whosever it is: its digits, its quotes, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding
from specql_lsp.language import table_code as codes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span


def check_writing(scalar: Scalar) -> Iterator[Finding]:
    """``invalid-table-code`` and ``unquoted-table-code``: needs no registry."""
    if not codes.is_well_formed(scalar.value):
        yield invalid_code(scalar.span, scalar.value)
    misread = misreading(scalar)
    if misread is not None:
        yield finding(scalar.span, "unquoted-table-code", f"YAML 1.1 reads {scalar.value} as {misread}; quote it.")


def invalid_code(span: Span, written: str) -> Finding:
    """The finding for what is no table code at all."""
    shown = written if len(written) <= 40 else written[:39] + "…"
    return finding(
        span, "invalid-table-code", f"{shown} is not a table code: write six hexadecimal digits, for example '012031'."
    )


def reserved_code(snapshot: Snapshot, scalar: Scalar) -> Finding | None:
    """``reserved-table-code``, where the registry never gives the code out."""
    if not snapshot.is_reserved(scalar.value):
        return None
    code = codes.normalize(scalar.value)
    return finding(
        scalar.span, "reserved-table-code", f"The code {code} is reserved in the registry and never given out."
    )


def unknown_layer(snapshot: Snapshot, scalar: Scalar) -> Finding | None:
    """``unknown-schema-layer``, where the registry has no layer with the first two digits."""
    code = codes.normalize(scalar.value)
    layer = code[: codes.LAYER_LENGTH]
    if layer in snapshot.rules.schema_layers:
        return None
    layers = {number.upper(): name for number, name in snapshot.rules.schema_layers.items()}
    if layer in layers:
        return None
    known = ", ".join(f"{number} ({name})" for number, name in sorted(layers.items()))
    return finding(
        scalar.span, "unknown-schema-layer", f"The code {code} begins with layer {layer}; the registry knows {known}."
    )


def unknown_domain_number(snapshot: Snapshot, scalar: Scalar, digit: str) -> Finding:
    """``unknown-domain-number`` for the domain digit of a code."""
    known = ", ".join(f"{domain.number} ({domain.name})" for domain in snapshot.domains) or "none"
    return finding(
        scalar.span,
        "unknown-domain-number",
        f"No domain has the number {digit} of the code {codes.normalize(scalar.value)}; the registry knows {known}.",
    )
