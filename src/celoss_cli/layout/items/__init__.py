"""Rows that are not samples: long form, several models in one file, items that repeat, votes, a last row of means."""
