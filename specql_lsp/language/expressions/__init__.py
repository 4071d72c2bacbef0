"""SpecQL's SQL expressions and the heads of steps: tokens, a tolerant parser, and the nodes that it returns."""
