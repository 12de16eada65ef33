"""The forms an evaluation can be shown in."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """What standard output holds: the values of ``--format``, and ``quiet`` for ``-q``."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    QUIET = "quiet"
