"""The protocol: the only package, with ``server.py``, that imports pygls or lsprotocol."""
