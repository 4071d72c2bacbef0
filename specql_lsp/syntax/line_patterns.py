"""Regular expressions, as texts, for what the lines of most entity files and registries are made of.

On such lines YAML 1.1 and 1.2 agree, and so do tree-sitter and PyYAML. Nothing is compiled here: a text that has all
characters takes milliseconds to compile, and most files are ASCII.
"""

from __future__ import annotations

ODD = "[^\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""A tab, a control, a break of YAML 1.1, a byte order mark or a surrogate."""
ODD_ASCII = "[^\n\r\x20-\x7e]"
"""The same for a text that is ASCII."""

QUOTED = r"'[^'\r\n]{0,500}+'(?!')|\"[^\"\\\r\n]{0,500}+\""
"""A text in quotes without an escape."""
WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,500}+"
KEY = rf"(?:{WORD}|{QUOTED})"
PLAIN = r"[A-Za-z0-9(](?:[^:#\t\r\n ]|:(?=[^\s])| (?!#))*+"
"""A plain scalar that ends with its line or before a comment."""
LIST = rf"\[(?: *+{KEY}(?:, *+{KEY})*+,?)? *+\]"
PAIRS = rf"\{{(?: *+{KEY}: {KEY}(?:, *+{KEY}: {KEY})*+,?)? *+\}}"
VALUE = rf"{LIST}|{PAIRS}|{QUOTED}|{PLAIN}"
