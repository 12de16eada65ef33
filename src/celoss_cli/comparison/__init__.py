"""celoss compare: two models or more on the same rows."""
