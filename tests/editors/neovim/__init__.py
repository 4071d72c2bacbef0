"""The Neovim client, in a real Neovim with the real server."""
