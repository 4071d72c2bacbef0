"""YAML as text: positions, the syntax tree, the cursor's context. Knows nothing of SpecQL and does no I/O."""
