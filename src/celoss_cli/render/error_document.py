"""The document a report file holds when nothing could be scored (``celoss.error`` 1.0)."""

from __future__ import annotations

from celoss_cli.errors import CelossError
from celoss_cli.render.json import dump

SCHEMA = "celoss.error"
SCHEMA_VERSION = "1.0"


def render(error: CelossError, *, version: str) -> str:
    """Return the error as JSON; ``version`` is the version of celoss that met it."""
    return dump(
        {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "celoss_version": version,
            "error": {
                "code": error.code,
                "message": error.message,
                "where": None if error.where is None else error.where._asdict(),
                "hint": error.hint,
                "exit_code": int(error.exit_code),
            },
        }
    )
