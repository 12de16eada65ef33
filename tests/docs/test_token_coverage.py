"""The coverage that docs/how-to/perplexity.md tells of, drawn anew: tokens taken as independent miss far too often."""

from __future__ import annotations

import simulate_tokens as simulation


def test_intervals_by_sequence_hold_the_mean_and_those_by_token_do_not() -> None:
    found = simulation.coverage(60, 0.1, runs=300, seed=5)
    assert found.by_token < 0.6
    assert 0.9 < found.by_sequence < 0.98
