"""Table codes: six hexadecimal digits made of layer, domain, subdomain and sequence (``SSDSSE``).

One rule covers every registry: layer + domain number + subdomain number + the sequence in hexadecimal, padded
with zeros to six digits in all. So ``012A31`` is layer 01, domain 2, subdomain A3, sequence 1, and a
subdomain with one digit leaves two for the sequence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations, count
from typing import NamedTuple

CODE_LENGTH = 6
SHORT_CODE_LENGTH = 3
LAYER_LENGTH = 2
FUNCTION_LAYER = "03"
VIEW_LAYER = "02"
WRITE_LAYER = "01"
DEFAULT_LAYERS: tuple[tuple[str, str], ...] = (
    ("00", "common"),
    ("01", "write_side"),
    ("02", "read_side"),
    ("03", "functions"),
)
DEFAULT_RESERVED_CODES: tuple[str, ...] = ("000000", "999999")

_WELL_FORMED = re.compile(r"[0-9A-Fa-f]{6}\Z")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+\Z")


class TableCode(NamedTuple):
    """A table code in its parts, upper case. ``str()`` prints it back."""

    layer: str
    domain: str
    subdomain: str
    sequence: int

    @property
    def prefix(self) -> str:
        """What comes before the sequence."""
        return self.layer + self.domain + self.subdomain

    def __str__(self) -> str:
        return self.prefix + format(self.sequence, "X").zfill(CODE_LENGTH - len(self.prefix))


def normalize(text: str) -> str:
    """The code as it is compared and written: upper case, without white space around it."""
    return text.strip().upper()


def is_well_formed(text: str) -> bool:
    """Whether ``text`` is six hexadecimal digits in either case."""
    return _WELL_FORMED.match(text) is not None


def is_hexadecimal(text: str) -> bool:
    """Whether ``text`` is one or more hexadecimal digits, as domain and subdomain numbers are."""
    return _HEXADECIMAL.match(text) is not None


def split(text: str, *, domain_digits: int = 1, subdomain_digits: int = 2) -> TableCode:
    """The parts of the well-formed code ``text``, given how many digits its numbers have.

    Raises:
        ValueError: the text is not six hexadecimal digits, or the numbers leave no digit for the sequence.
    """
    code = normalize(text)
    if not is_well_formed(code):
        raise ValueError(f"{text!r} is not six hexadecimal digits.")
    domain_end = LAYER_LENGTH + domain_digits
    subdomain_end = domain_end + subdomain_digits
    if subdomain_end >= CODE_LENGTH:
        raise ValueError(f"{text!r} leaves no digit for the sequence.")
    return TableCode(
        code[:LAYER_LENGTH],
        code[LAYER_LENGTH:domain_end],
        code[domain_end:subdomain_end],
        int(code[subdomain_end:], 16),
    )


def capacity(domain_number: str, subdomain_number: str) -> int:
    """How many codes a subdomain has: 15 with two digits, 255 with one; sequence 0 is not given out."""
    left = CODE_LENGTH - LAYER_LENGTH - len(domain_number) - len(subdomain_number)
    return 16**left - 1 if left > 0 else 0


@cache
def sequence_digits(prefix_length: int) -> tuple[str, ...]:
    """The digits of every sequence that can be given out behind a prefix of that length, from 1 on.

    Kept, as a domain can have thousands of codes and its free ones are asked for at each keystroke.
    """
    width = CODE_LENGTH - prefix_length
    return tuple(f"{sequence:0{width}X}" for sequence in range(1, 16**width)) if width > 0 else ()


@lru_cache(maxsize=256)
def codes_behind(prefix: str) -> frozenset[str]:
    """Every code that can be given out behind a prefix in upper case: ``prefix`` and each of ``sequence_digits``."""
    return frozenset(prefix + digits for digits in sequence_digits(len(prefix)))


def sequence_in(code: str, digits: str) -> int | None:
    """The sequence that a code has in a domain and subdomain; None if it is not one of theirs.

    Args:
        code: the table code.
        digits: the numbers of the domain and the subdomain, one behind the other.
    """
    text = normalize(code)
    rest = text[LAYER_LENGTH + len(digits) :]
    belongs = text[LAYER_LENGTH:].startswith(digits.upper())
    # Seven digits at most, so that any remainder fits PostgreSQL's integer.
    return int(rest, 16) if belongs and len(rest) < 8 and is_hexadecimal(rest) else None


def with_layer(code: str, layer: str) -> str:
    """The same code in another layer: the function code has layer ``03``, the view code ``02``."""
    return layer + normalize(code)[LAYER_LENGTH:]


def short_code(entity_name: str) -> str:
    """The short code (``entity_code``) that SpecQL 0.9.2 derives from an entity's name, in capitals.

    Three of: the first character, then the consonants without Y, then the vowels with Y. Contact CNT, Manufacturer MNF,
    Task TSK, Tag TGA, Éclair ÉCL. Shorter only where the name has fewer letters.
    """
    name = entity_name.upper()
    rest = name[1:]
    consonants = [c for c in rest if c.isalpha() and c not in _VOWELS]
    vowels = [c for c in rest if c in _VOWELS]
    return "".join([*name[:1], *consonants, *vowels])[:SHORT_CODE_LENGTH].upper()


def short_codes(entity_name: str, first_number: int = 2) -> Iterator[str]:
    """The short codes that an entity can have, best first, some of them again; without end. SpecQL's own comes first.

    Then its first two characters with another letter of the name, its first character with two others, both in the
    order of the name, and at last the code with a number, from ``first_number`` on: CNT, CNA, CNC, CTA …, CNT2.
    """
    code = short_code(entity_name)
    yield code
    name = entity_name.upper()
    first, letters, begun = name[:1], "".join(c for c in name[1:] if c.isalpha()), code[:2]
    if len(begun) == 2:
        yield from (begun + letter for letter in letters)
    yield from (first + a + b for a, b in combinations(letters, 2))
    yield from (f"{code}{number}" for number in count(first_number))


_VOWELS = "AEIOUY"
