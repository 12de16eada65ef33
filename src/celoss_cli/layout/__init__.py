"""Which column is the label, the id, the weight, the scores: from the names, the types and the first rows."""

from celoss_cli.layout.roles import Layout, find_layout

__all__ = ["Layout", "find_layout"]
