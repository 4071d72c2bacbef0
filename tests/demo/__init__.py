"""``make demo``: the main job of specql-lsp on a copy of the fixtures, spoken by a real client to the real server."""
