"""How long statements take, and how many fail."""
