"""The JSON document of the contract: always valid, full double precision, keys in one order."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from celoss_cli.evaluation import Evaluation

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(evaluation: Evaluation, *, encoding: str = "utf-8") -> str:
    """Return the ``celoss.evaluation`` document. What ``encoding`` lacks is written as a JSON escape."""
    return dump(evaluation.to_dict(), encoding=encoding)


def dump(document: dict[str, Any], *, encoding: str = "utf-8") -> str:
    """Return ``document`` as JSON text, with non-finite numbers as the strings "inf", "-inf" and "nan"."""
    text = json.dumps(_spelled(document), ensure_ascii=False, indent=2, allow_nan=False)
    # Half a surrogate pair (a file name that is not UTF-8) cannot be written out; its escape can.
    text = _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(_spelled(document), ensure_ascii=True, indent=2, allow_nan=False)
    return text + "\n"


def _spelled(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        return value
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return value
