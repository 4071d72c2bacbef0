"""What a registry holds commands neither an editor in a terminal nor the order in which a hover is read."""

from __future__ import annotations

import pytest

from specql_lsp.features.markdown import code, escape, to_plaintext


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\x9bb\x07", r"a\x9bb\x07"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("two\nlines\u2028three", "two lines three"),
    ],
)
def test_control_characters_are_shown(text: str, shown: str) -> None:
    assert to_plaintext(escape(text)) == shown
    assert to_plaintext(code(text)) == shown
