"""The protocol's FormattingOptions as ours."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.syntax.editing.format import DEFAULT_INDENTATION, FormatOptions

_MOST_COLUMNS = 8


def format_options(options: types.FormattingOptions) -> FormatOptions:
    """What an editor asks for. Formatting does what an editor does not forbid; YAML has no tabs to indent with."""
    indentation = options.tab_size if options.insert_spaces and 0 < options.tab_size <= _MOST_COLUMNS else 0
    return FormatOptions(
        indentation=indentation or DEFAULT_INDENTATION,
        trims_lines=options.trim_trailing_whitespace is not False,
        adds_final_break=options.insert_final_newline is not False,
        trims_final_breaks=options.trim_final_newlines is not False,
    )
