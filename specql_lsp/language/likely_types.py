"""Which types a field probably has, by its name: ``order_date`` is a date, ``is_active`` a boolean.

The rules are about words that names of database columns usually have, whatever the subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from specql_lsp.language.types import CONSTRUCTORS, TypeTier, types

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_FIRST_WORDS = (
    ("is has can should was allow allows requires use uses", "boolean"),
    ("n num number count", "integer"),
)
"""By the first of several words: the words, and the types, most probable first."""
_LAST_WORDS = (
    ("at timestamp datetime time since until", "datetime time date"),
    ("date on day birthday dob deadline expiry from start end due", "date datetime"),
    ("active enabled disabled deleted archived default flag required visible public verified approved", "boolean"),
    ("completed published locked paid confirmed primary available", "boolean"),
    ("count quantity qty level position rank order sequence score age year years month months days", "integer float"),
    ("hours minutes seconds size index stock points depth attempts retries limit capacity", "integer float"),
    ("min max weight number priority", "integer float"),
    ("price amount total subtotal cost fee balance salary budget revenue tax discount", "money MoneyAmount"),
    ("payment value charge wage credit debit", "money MoneyAmount"),
    ("percent percentage pct share probability", "percentage float"),
    ("rate ratio factor", "percentage float exchangeRate"),
    ("width height length distance temperature rating average", "float integer"),
    ("url uri link website homepage webpage site", "url"),
    ("email mail", "email EmailAddress"),
    ("phone mobile fax telephone tel cell", "phone phoneNumber PhoneNumber"),
    ("country nationality", "countryCode"),
    ("currency", "currencyCode"),
    ("language lang", "languageCode"),
    ("locale", "localeCode"),
    ("zip postcode zipcode", "postalCode"),
    ("lat", "latitude"),
    ("lon lng", "longitude"),
    ("gps geo geolocation point", "coordinates GeoLocation"),
    ("duration interval period", "duration integer"),
    ("ip", "ipAddress"),
    ("mac", "macAddress"),
    ("photo avatar logo picture thumbnail icon", "image url"),
    ("attachment document pdf", "file"),
    ("guid", "uuid"),
    ("host hostname domain", "domainName text"),
    ("address", "SimpleAddress text"),
    ("metadata meta settings config configuration data payload options extra preferences", "json"),
    ("attributes properties details info params parameters snapshot schema", "json"),
    ("status state type kind category role stage gender severity mode tier phase", "enum text"),
    ("source method frequency outcome visibility channel", "enum text"),
    ("body content readme", "markdown text html"),
    ("tags labels keywords names emails roles ids", "list json"),
    ("colour", "color"),
)
"""By the last word."""


@lru_cache(maxsize=512)
def likely_types(field: str) -> tuple[str, ...]:
    """The types that a field of that name probably has, most probable first; none where the name says nothing.

    A type's name alone, also of ``enum``, ``list`` and ``ref``, which have arguments.
    """
    return tuple(dict.fromkeys(_likely(words_of(field))))


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: ``billing_address``, ``BillingAddress``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _likely(words: tuple[str, ...]) -> Iterator[str]:
    if not words:
        return
    if len(words) > 1:
        yield from _by_word(_FIRST_WORDS).get(words[0], ())
    by_words = _types_by_words()
    for length in range(min(len(words), 3), 1, -1):  # ``postal_code`` says more than ``code``
        yield from by_words.get(words[-length:], ())
    yield from _by_word(_LAST_WORDS).get(words[-1], ())
    yield from by_words.get(words[-1:], ())


@cache
def _by_word(rows: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({word: tuple(found.split()) for words, found in rows for word in words.split()})


@cache
def _types_by_words() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Scalar types before composite ones, by the words of their names; PostgreSQL's own have no meaning."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, spec in types().items():
        if spec.tier is not TypeTier.BASIC:
            words = words_of(name)
            found[words] = (*found.get(words, ()), name)
    return MappingProxyType(found)


USUAL_TYPES = (
    "text",
    "ref",
    "integer",
    "boolean",
    "enum",
    "date",
    "datetime",
    "money",
    "json",
    "email",
    "url",
    "float",
    "list",
    "uuid",
    "bigint",
    "phone",
)
"""Types and constructors, those that most fields have first."""


@cache
def all_types() -> tuple[str, ...]:
    """Every type and constructor, the usual ones first, composite types last."""
    return tuple(dict.fromkeys((*USUAL_TYPES, *CONSTRUCTORS, *types())))
