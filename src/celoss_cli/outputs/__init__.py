"""Files that a run writes: whole, or not at all."""
