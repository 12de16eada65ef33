"""Results as what people and machines read. Every renderer is a pure function from a result to text.

Importing this package imports no renderer: each form is loaded when it is asked for, so that only the table and
the progress line ever load rich.
"""

from __future__ import annotations

from celoss_cli.render.show import Form, loading, render, show

__all__ = ["Form", "loading", "render", "show"]
