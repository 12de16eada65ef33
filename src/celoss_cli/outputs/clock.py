"""The time that outputs carry."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC: that of ``SOURCE_DATE_EPOCH`` where a build must come out the same again."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdecimal():
        with suppress(ValueError, OverflowError, OSError):  # a time beyond all calendars
            return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)
