"""Rows of two tables with the same id, in pure NumPy: exact, and in bounded time and memory."""
