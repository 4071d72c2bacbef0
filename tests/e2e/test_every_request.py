"""Every request that has a route: half-typed text, flow style, CRLF, emoji, several documents, encodings and folders.

The requests are those of the table of routes, with parameters made from their types: a new one is asked here without a
line of its own. What is expected of it: no error, answers that depend neither on the encoding nor on the line breaks
nor on the folder, and, for each shape of text, something in one of them at least.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specql_lsp.lsp.routes import LOOP, REQUESTS, TASK, WORKER
from tests.e2e.every_request import FOLDERS, KINDS, LONG_POLL, Asked, EveryRequest
from tests.support.effort import SEED

Answers = dict[Asked, Any]
SESSIONS = {"utf-32": "\n", "utf-16": "\r\n", "utf-8": "\n"}
METHODS = [route.method for route in REQUESTS if route.method != LONG_POLL]
IN_ALL_FILES = Asked(LONG_POLL, "", "", 0)
HALF_TYPED = {"half-typed", "half-typed flow"}
REFUSED, SERVER_CANCELLED, MODIFIED = -32803, -32802, -32801
"""RequestFailed, which is a refusal with a sentence, ServerCancelled and ContentModified."""
WITHOUT = {
    **dict.fromkeys(("textDocument/formatting", "textDocument/rangeFormatting"), HALF_TYPED),
    **dict.fromkeys(("textDocument/prepareRename", "textDocument/rename"), HALF_TYPED),
    "workspace/willRenameFiles": {*HALF_TYPED, "several documents"},
    "workspace/willDeleteFiles": set(KINDS),
    "textDocument/onTypeFormatting": {"flow", "emoji", "half-typed flow"},
}
"""Where there is nothing to answer: broken text is neither formatted nor renamed in, a file of several entities is
named after none, Enter is followed in block style alone, and of deleted files the user is asked, not the client."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answers]]:
    """What a session in each encoding answers."""
    found: dict[str, Answers] = {}
    for encoding, line_break in SESSIONS.items():
        with EveryRequest(tmp_path_factory.mktemp("every"), encoding, line_break, SEED) as client:
            found[encoding] = client.ask_all(FOLDERS if encoding == "utf-32" else FOLDERS[:1])
            found[encoding][IN_ALL_FILES] = client.in_all_files()
            assert client.leave() == 0
    yield found


def test_what_is_found_in_all_files(answers: dict[str, Answers]) -> None:
    expected, *others = (in_order(found[IN_ALL_FILES]) for found in answers.values())
    files = {each["uri"] for each in expected["items"] if each["items"]}
    assert {f"root:/{folder}/entities/crm/{name}.yaml" for folder in FOLDERS for name in ("plain", "emoji")} <= files
    assert others == [expected, expected]


def test_nothing_is_answered_about_an_old_version(tmp_path: Path) -> None:
    """What is not answered before the change comes is not answered from the text before it."""
    with EveryRequest(tmp_path, "utf-16", "\n", SEED) as client:
        answers = client.ask_about_an_old_version()
        assert client.leave() == 0
    for route in REQUESTS:
        if route.runs in {WORKER, TASK} and route.method in answers:
            assert answers[route.method]["error"]["code"] == MODIFIED, answers[route.method]
        elif route.runs == LOOP and route.method in answers:
            assert "result" in answers[route.method], answers[route.method]
    assert answers["textDocument/diagnostic"]["error"]["code"] == SERVER_CANCELLED


def of(answers: Answers, method: str, folder: str) -> dict[tuple[str, int], Any]:
    """The answers to a request about the texts of a folder."""
    return {(each.kind, each.number): answer for each, answer in answers.items() if each[:2] == (method, folder)}


def is_empty(answer: Any) -> bool:
    """Whether there is nothing in an answer."""
    if isinstance(answer, dict):
        return "error" in answer or all(is_empty(each) for each in answer.values() if isinstance(each, list | dict))
    return not answer


@pytest.mark.parametrize("method", METHODS)
def test_errors_are_refusals_with_a_sentence(answers: dict[str, Answers], method: str) -> None:
    for folder in FOLDERS:
        for asked, answer in of(answers["utf-32"], method, folder).items():
            if isinstance(answer, dict) and "error" in answer:
                assert answer["error"]["code"] == REFUSED, (asked, answer)
                assert "an error of its own" not in answer["error"]["message"], (asked, answer)


@pytest.mark.parametrize("method", METHODS)
def test_every_encoding_and_line_break_gives_the_same(answers: dict[str, Answers], method: str) -> None:
    expected = of(answers["utf-32"], method, "one")
    for encoding in ("utf-16", "utf-8"):
        found = of(answers[encoding], method, "one")
        assert found.keys() == expected.keys()
        for asked, answer in found.items():
            assert answer == expected[asked], (encoding, asked)


@pytest.mark.parametrize("method", METHODS)
def test_every_folder_gives_its_own(answers: dict[str, Answers], method: str) -> None:
    """The two hold the same, so that one's answers are the other's with its own name in them, if they are about it."""
    expected, found = (of(answers["utf-32"], method, folder) for folder in FOLDERS)
    assert found.keys() == expected.keys()
    for asked, answer in found.items():
        same = in_order(expected[asked])
        assert same in (in_order(swapped(answer)), in_order(answer)), (asked, answer)


@pytest.mark.parametrize("method", METHODS)
def test_each_shape_of_text_has_an_answer(answers: dict[str, Answers], method: str) -> None:
    found = of(answers["utf-16"], method, "one")
    for kind in KINDS:
        has_one = any(not is_empty(answer) for (of_kind, _), answer in found.items() if of_kind == kind)
        assert has_one == (kind not in WITHOUT.get(method, ())), kind


def swapped(answer: Any) -> Any:
    """The same, said in the other folder."""
    text = json.dumps(answer)
    one, two = (f"root:/{folder}/" for folder in FOLDERS)
    return json.loads(text.replace(one, "\0").replace(two, one).replace("\0", two))


def in_order(answer: Any) -> Any:
    """The same with lists in one order: what is about all folders may begin with the asker's own."""
    if isinstance(answer, dict):
        return {key: in_order(each) for key, each in answer.items()}
    if isinstance(answer, list):
        return sorted((in_order(each) for each in answer), key=json.dumps)
    return answer
