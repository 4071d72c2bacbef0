"""What emacsclient says to an Emacs, without a process for each word (server.el: "To illustrate the protocol")."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from tests.support.patience import PATIENCE

_QUOTED = re.compile(r"[&\n -]")
_CODES = {"&": "&&", "\n": "&n", " ": "&_", "-": "&-"}
_CHARACTERS = {code: character for character, code in _CODES.items()}


def evaluate(server: Path, form: str) -> str:
    """What a Lisp form gives, as Emacs prints it.

    Args:
        server: the socket of Emacs's server.
        form: the form.

    Raises:
        OSError: nothing listens there, or Emacs does not answer.
        AssertionError: the form signalled an error, or Emacs has ended before it answered.
    """
    request = f"-current-frame -eval {_quoted(form)} \n"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(server))
        client.sendall(request.encode())
        reply = bytearray()
        while data := client.recv(1 << 16):
            reply += data
    printed = None
    for line in reply.decode(errors="replace").split("\n"):
        word, _, argument = line.partition(" ")
        if word == "-error":
            raise AssertionError(f"Emacs did not evaluate {form}: {_unquoted(argument)}")
        if word in {"-print", "-print-nonl"}:
            printed = (printed or "") + _unquoted(argument)
    assert printed is not None, f"Emacs ended before it had evaluated {form}"
    return printed


def _quoted(text: str) -> str:
    return _QUOTED.sub(lambda found: _CODES[found[0]], text)


def _unquoted(text: str) -> str:
    return re.sub("&.", lambda found: _CHARACTERS[found[0]], text)
