"""Mergeable statistics: what one pass over some rows leaves behind, small and independent of how it was cut up."""
