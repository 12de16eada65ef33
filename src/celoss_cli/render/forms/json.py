"""The JSON document of the contract: always valid, full double precision, keys in one order."""

from __future__ import annotations

import json
import math
from typing import Any

from celoss_cli.render.text import is_unsafe
from celoss_cli.results.evaluation import Evaluation


def render(evaluation: Evaluation, *, encoding: str = "utf-8") -> str:
    """Return the ``celoss.evaluation`` document. What ``encoding`` lacks is written as a JSON escape."""
    return dump(evaluation.to_dict(), encoding=encoding)


def dump(document: dict[str, Any], *, encoding: str = "utf-8") -> str:
    """Return ``document`` as JSON text, with non-finite numbers as the strings "inf", "-inf" and "nan"."""
    spelled = _spelled(document)
    text = json.dumps(spelled, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        _escaped(text).encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(spelled, ensure_ascii=True, indent=2, allow_nan=False)
    return f"{_escaped(text)}\n"


def line(document: dict[str, Any]) -> str:
    """Return ``document`` as JSON text on one line, in ASCII."""
    return f"{_escaped(json.dumps(_spelled(document), allow_nan=False))}\n"


def _escaped(text: str) -> str:
    """Return the same document without characters that act on a terminal or cannot be written, or commands to a CI."""
    for character in set(text):
        if character != "\n" and is_unsafe(character):
            text = text.replace(character, json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f")
    return text.replace("##[", "\\u0023#[")  # a runner of GitHub Actions obeys it wherever it stands


def _spelled(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(float(value))  # inf, -inf or nan
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return value
