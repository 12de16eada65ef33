"""The page that tells of an error in place of a result, for the step summary of a CI system."""

from __future__ import annotations

from celoss_cli.errors import CelossError
from celoss_cli.render import reading
from celoss_cli.render.outline import Items, Name, Outline, Section, Sentence, Strong
from celoss_cli.render.reading import Tone
from celoss_cli.render.report import Origin


def outline_of(error: CelossError, origin: Origin) -> Outline:
    """Return what went wrong, the hint, and which files were to be read."""
    told = [Sentence((Strong("error:"), f" {error}"), Tone.BAD)]
    if error.hint:
        told.append(Sentence((Strong("hint:"), f" {error.hint}")))
    sections = [Section((), tuple(told))]
    if origin.files:
        files = Items(tuple(Sentence((Name(reading.source(path)),)) for path in origin.files))
        sections.append(Section(("What was to be read",), (files,)))
    return Outline(f"celoss {origin.command}: ERROR", Tone.BAD, tuple(sections), f"celoss {origin.version}")
