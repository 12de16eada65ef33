"""Who is who: which column is the label, the id, the weight, and which are the scores."""

from __future__ import annotations

from celoss_cli.layout.roles import Layout, find_layout

__all__ = ["Layout", "find_layout"]
