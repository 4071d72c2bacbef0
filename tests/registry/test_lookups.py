"""What an allocation looks up in rows is what a search through all of them would find, however it was renewed."""

from __future__ import annotations

from random import Random

from specql_lsp.registry.model import Domain
from specql_lsp.registry.sources.postgresql.rows import Lookups, Row
from tests.support.effort import SEED, times

NUMBERS = ["", "1", "01", "0", "A", "a", "1A", "11", "A1"]
CODES = ["012031", " 012032", "012033\t", "01A1B2"]


def rows_of(random: Random) -> list[Row]:
    """A registry with few numbers, so that many of them begin alike; codes with and without white space."""
    rows: list[Row] = []
    for key in range(random.randrange(12)):
        names = [f"E{key}x{n}" for n in range(random.randrange(3))] or None
        codes = [random.choice(CODES) for _ in names] if names else None
        number = random.choice(NUMBERS)
        subdomain = (None,) * 5 if random.random() < 0.1 else (key, random.choice(NUMBERS), "s", None, 1)
        held = (None,) * 3 if subdomain[0] is None else (names, codes, [1] * len(names) if names else None)
        rows.append((ord(number[:1] or "0"), number, "d", None, False, [], *subdomain, *held))
    return rows


def edited(rows: list[Row], random: Random) -> list[Row]:
    """The same rows with other entities in one of them, or another registry."""
    if not rows or random.random() < 0.3:
        return rows_of(random)
    at = random.randrange(len(rows))
    row = rows[at]
    if row[6] is None:
        return [*rows]
    return [*rows[:at], (*row[:11], ["New"], [random.choice(CODES)], [7]), *rows[at + 1 :]]


def check(lookups: Lookups, rows: list[Row], random: Random) -> None:
    digits = (random.choice(NUMBERS) + random.choice(NUMBERS)).upper()
    known = [(row[6], (row[1] + row[7]).upper()) for row in rows if row[6] is not None]
    expected = [key for key, other in known if other.startswith(digits) or digits.startswith(other)]
    assert sorted(lookups.sharing(digits)) == sorted(expected)
    number, keys = random.choice(NUMBERS), {random.randrange(14) for _ in range(3)}
    found = list(lookups.of(Domain(number, "d"), keys))
    assert found == [row for row in rows if row[1] == number or row[6] in keys]
    assert lookups.padded == [
        (row[6], name, code, sequence)
        for row in rows
        if row[11] is not None
        for name, code, sequence in zip(row[11], row[12], row[13], strict=True)
        if code != code.strip()
    ]


def test_renewed_lookups_find_what_a_search_finds() -> None:
    random = Random(SEED)
    for _ in range(times(200)):
        lookups, rows = Lookups(), rows_of(random)
        for _ in range(4):
            lookups.renew(rows)
            check(lookups, rows, random)
            rows = edited(rows, random)
