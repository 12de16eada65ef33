"""Folding partitions: alone, in threads or on a cluster, the results always in file order."""
