"""The page that tells of an error in place of a result, for the step summary of a CI system."""

from __future__ import annotations

from celoss_cli.errors import CelossError
from celoss_cli.render.forms.findings import Origin
from celoss_cli.render.forms.json import dump
from celoss_cli.render.forms.outline import Items, Name, Outline, Section, Sentence, Strong
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.text import called


def outline_of(error: CelossError, origin: Origin) -> Outline:
    """Return what went wrong, the hint, and which files were to be read."""
    told = [Sentence((Strong("error:"), f" {error}"), Tone.BAD)]
    if error.hint:
        told.append(Sentence((Strong("hint:"), f" {error.hint}")))
    sections = [Section((), tuple(told))]
    if origin.files:
        files = Items(tuple(Sentence((Name(called(path)),)) for path in origin.files))
        sections.append(Section(("What was to be read",), (files,)))
    return Outline(f"celoss {origin.command}: ERROR", Tone.BAD, tuple(sections), f"celoss {origin.version}")


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
