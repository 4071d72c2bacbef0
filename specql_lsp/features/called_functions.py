"""The functions that the ``call`` steps of a file name, with the arguments that they are given."""

from __future__ import annotations

from specql_lsp.language.expressions.heads import calls_in


def called_functions(text: str) -> dict[str, tuple[str, ...]]:
    """The names of a text's functions, each with the names of its arguments, in the order of the text.

    Only calls that are written on one line with their parenthesis are read.
    """
    found: dict[str, dict[str, None]] = {}
    for head in calls_in(text):
        if head.function is None:
            continue
        arguments = found.setdefault(head.function.text, {})
        arguments.update((each.target.text, None) for each in head.arguments if each.target is not None and each.equals)
    return {name: tuple(arguments) for name, arguments in found.items()}
