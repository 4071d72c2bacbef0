"""Edits of YAML text, whatever the text is about: the smallest ones, which keep everything that they do not change.

No I/O, no protocol, no workspace: trees and values in, edits out.
"""
