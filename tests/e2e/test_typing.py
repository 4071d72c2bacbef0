"""Nothing is red at the word that is being typed: what is found there is published when the document is quiet."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.editor import Editor
from tests.support.patient import QUIET_VARIABLE

PATH = "entities/crm/voucher.yaml"
TEXT = "entity: Voucher\nschema: crn\n"


def published(editor: Editor, version: int) -> list[list[str]]:
    """The codes of each publication of a version of the document, in their order."""
    uri = editor.uri(PATH)
    return [
        [str(d.code) for d in each.diagnostics]
        for each in editor.published
        if (each.uri, each.version) == (uri, version)
    ]


async def test_a_name_that_is_typed_is_red_when_the_typing_pauses(workspace: Path) -> None:
    async with Editor(workspace, environment={QUIET_VARIABLE: "2000"}) as editor:
        await editor.source("yaml")
        editor.open(PATH, TEXT)
        await editor.codes(PATH, "unknown-domain")
        assert published(editor, 1)[0] == ["unknown-domain"]  # nothing was typed: it was opened like that
        editor.edit(PATH, (1, 11), (1, 11), "k")
        await editor.until(lambda: len(published(editor, 2)) == 2, "two publications of the second version")
        assert published(editor, 2) == [[], ["unknown-domain"]]


async def test_an_edit_elsewhere_waits_for_nothing(editor_yaml: Editor) -> None:
    editor_yaml.open(PATH, TEXT)
    await editor_yaml.codes(PATH, "unknown-domain")
    editor_yaml.edit(PATH, (0, 15), (0, 15), "s")
    await editor_yaml.until(lambda: published(editor_yaml, 2), "the second version is published")
    assert published(editor_yaml, 2)[0] == ["unknown-domain"]


async def test_a_document_that_is_closed_while_typing_is_published_as_it_is_on_the_disk(
    editor_yaml: Editor,
) -> None:
    editor_yaml.write(PATH, TEXT)
    editor_yaml.open(PATH)
    await editor_yaml.codes(PATH, "unknown-domain")
    editor_yaml.edit(PATH, (1, 11), (1, 11), "k")
    editor_yaml.close(PATH)
    await editor_yaml.codes(PATH, "unknown-domain")
