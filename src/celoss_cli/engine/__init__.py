"""Folding partitions: alone or in threads, the results always in file order."""
