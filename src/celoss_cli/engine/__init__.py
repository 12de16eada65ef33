"""Folding partitions: alone, in threads or in forked processes, the results always in file order."""
