"""A comparison in words, figures and tables."""
