"""The numbers as one flat JSON object, as DVC and experiment trackers read metrics.

DVC takes numbers and strings. A number that is not finite is a string, "inf", "-inf" or "nan", as in the JSON document:
left out it would look as if it had never been measured, and as ``Infinity`` it would be no JSON.
"""

from __future__ import annotations

from typing import Any

from celoss_cli.render.findings import Findings
from celoss_cli.render.json import dump


def render(findings: Findings) -> str:
    """Return the numbers that are of the whole file, and the gate's verdict as 1 or 0."""
    values: dict[str, Any] = {measure.name: measure.value for measure in findings.measures if not measure.labels}
    if findings.passed is not None:
        values["gate_passed"] = int(findings.passed)
    return dump(values)


def render_error() -> str:
    """Return what says that nothing was scored, and so that no limit was met."""
    return dump({"scored": 0, "gate_passed": 0})
