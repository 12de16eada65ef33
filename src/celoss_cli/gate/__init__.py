"""May a result pass? Limits, baseline and the regression that is allowed, and the verdict on unrounded values."""
