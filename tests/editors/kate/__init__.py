"""Kate's LSP client plugin with our settings, in a real Kate."""
