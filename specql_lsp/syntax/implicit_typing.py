"""What SpecQL gets of a scalar that was meant as a text: YAML 1.1 reads many plain ones as something else."""

from __future__ import annotations

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.nodes import Scalar, ScalarStyle
from specql_lsp.syntax.pyyaml.implicit_types import FIRST_CHARACTERS


def misreading(scalar: Scalar) -> str | None:
    """What SpecQL would get instead of the scalar's text: "the octal integer 5145"; None where it gets the text."""
    _, text, style, tag = scalar
    if style is not ScalarStyle.PLAIN or tag is not None or text[:1] not in FIRST_CHARACTERS:
        return None
    kind = yaml11.type_of(text)
    if kind is yaml11.ScalarType.STRING:
        return None
    if kind is yaml11.ScalarType.INTEGER:
        value = yaml11.integer(text)
        return "an integer" if value is None else f"the {_notation(text)}integer {value}"
    if kind is yaml11.ScalarType.BOOLEAN:
        return f"the boolean {'true' if yaml11.boolean(scalar) else 'false'}"
    return str(kind.value)


def is_changed(scalar: Scalar) -> bool:
    """Whether SpecQL gets another text than the one written; an integer that prints as it is written does no harm."""
    return misreading(scalar) is not None and str(yaml11.integer(scalar.value)) != scalar.value


def _notation(text: str) -> str:
    digits = text.lstrip("+-").replace("_", "")
    if ":" in digits:
        return "sexagesimal "
    if digits.startswith("0b"):
        return "binary "
    if digits.startswith("0x"):
        return "hexadecimal "
    return "octal " if digits.startswith("0") and len(digits) > 1 else ""
