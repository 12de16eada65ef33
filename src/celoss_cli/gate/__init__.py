"""The gate: may this result pass? Limits, margin and baseline as they are asked for, and the verdict by them."""
