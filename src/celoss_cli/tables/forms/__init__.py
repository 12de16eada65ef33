"""Forms of file that are not text: how each is known by its bytes, and what reads it."""
