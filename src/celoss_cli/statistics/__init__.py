"""Inference: from sums to intervals, p-values and numbers of rows. Pure functions of numbers."""
