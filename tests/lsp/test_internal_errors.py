"""Errors of the server's own are counted by the place where they were raised."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from specql_lsp.logs import log_unexpected
from specql_lsp.lsp.answers import guard_notification
from specql_lsp.lsp.internal_errors import MOST_PLACES, InternalErrors
from specql_lsp.syntax.text import Span

logger = logging.getLogger("specql_lsp.tests")


@pytest.fixture
def errors() -> Iterator[InternalErrors]:
    handler = InternalErrors()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def fail(_argument: object = None) -> None:
    raise ValueError("postgresql://somebody:secret@host/db")


def test_an_exception_counts_at_its_place(errors: InternalErrors) -> None:
    for _ in range(3):
        guard_notification("a/method", fail)(None)
    report = errors.report()
    assert report["count"] == 3
    (place,) = report["byPlace"]
    assert (place["error"], place["count"]) == ("ValueError", 3)
    assert place["place"].startswith("specql_lsp/lsp/answers.py:")
    assert "secret" not in str(report)


def test_the_innermost_line_of_ours_is_the_place(errors: InternalErrors) -> None:
    guard_notification("a/method", lambda: Span(0, 1).overlaps(None))()  # type: ignore[arg-type]
    assert errors.report()["byPlace"][0]["place"].startswith("specql_lsp/syntax/text.py:")


def test_an_exception_whose_text_is_not_logged_counts_too(errors: InternalErrors) -> None:
    try:
        fail()
    except ValueError as error:
        log_unexpected(logger, "reading", error)
    assert [place["place"].split(":")[0] for place in errors.report()["byPlace"]] == ["test_internal_errors.py"]


def test_what_is_expected_does_not_count(errors: InternalErrors) -> None:
    logger.error("The client is gone.")
    logger.warning("A warning", exc_info=ValueError("x"))
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        logger.exception("Ended")
    assert errors.report() == {"count": 0, "byPlace": []}


def test_the_list_is_bounded(errors: InternalErrors) -> None:
    for number in range(MOST_PLACES + 5):
        code = compile("\n" * number + "raise ValueError", "made.py", "exec")
        try:
            exec(code)  # noqa: S102 - an error in a line of its own
        except ValueError:
            logger.exception("It failed")
    report = errors.report()
    assert (report["count"], len(report["byPlace"])) == (MOST_PLACES + 5, MOST_PLACES)
