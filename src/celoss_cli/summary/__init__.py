"""From exact sums to numbers, each rounded once."""
