"""One file for each command of ``workspace/executeCommand``.

A command takes one JSON object and answers with JSON. ``folder`` (or ``uri``) in it names the workspace folder;
without them it is the first.
"""
