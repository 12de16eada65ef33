"""The temperature of a diagnosis: the best one, its interval, and the loss from a quarter to four."""

from __future__ import annotations

from celoss_cli.diagnosis.fixes import Fixes
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.looking import Looked
from celoss_cli.diagnosis.temperature import SHOWN, curve_of
from celoss_cli.kernels.functions import softplus
from celoss_cli.results.miscalibration import Temperature, TemperaturePoint


def temperature_of(fixes: Fixes, looked: Looked) -> Temperature | None:
    """Return the temperature, ``None`` where none is best. After a floor, it is that of the floored probabilities."""
    fix = next((one for one in fixes.fixes if one.name == "temperature" and one.parameters), None)
    if fix is None:
        return None
    curve = curve_of(looked.knots) if fixes.groups is None else _exact_curve(fixes.groups)
    return Temperature(fix.parameters["t"], fixes.t_ci95, tuple(TemperaturePoint(t, loss) for t, loss in curve))


def _exact_curve(groups: Groups) -> list[tuple[float, float]]:
    return [(t, groups.mean(softplus(-groups.signs * groups.z / t))) for t in SHOWN]
