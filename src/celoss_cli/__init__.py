"""celoss: the exact cross-entropy of a file of model outputs, and what the number means.

``evaluate`` is the whole of it: paths or objects in, a frozen ``Evaluation`` out, and ``evaluate_many`` many of them;
``explain`` gives the same rows under every library's convention, ``inspect`` what the files hold and how that was
decided, ``compare`` holds two models against each other row by row, ``diagnose`` says why the loss is what it is and
what would fix it, ``fit_calibration`` and ``apply_calibration`` fix it, ``score_part`` and ``merge`` do ``evaluate``
part by part, ``write_report`` writes a result to a file; ``append_history`` and ``read_history`` keep runs and say
where their level changed. Names are imported when they are used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli._version import __version__

if TYPE_CHECKING:
    from celoss_cli.api.calibration import apply_calibration, fit_calibration
    from celoss_cli.api.functions import compare, diagnose, evaluate, explain, inspect, write_report
    from celoss_cli.api.many import evaluate_many
    from celoss_cli.api.runs import append_history, read_history
    from celoss_cli.api.shown import Comparison, Evaluation
    from celoss_cli.api.shown_batch import Batch
    from celoss_cli.api.shown_diagnosis import Diagnosis
    from celoss_cli.api.shown_history import History
    from celoss_cli.api.states import PartState, merge, score_part
    from celoss_cli.errors import (
        AmbiguousData,
        CelossError,
        DataError,
        InvalidLabels,
        InvalidScores,
        InvalidWeights,
        MisalignedData,
        OutputError,
        UnreadableFile,
        UsageError,
    )
    from celoss_cli.results.calibration import Calibration
    from celoss_cli.results.explanation import Explanation
    from celoss_cli.results.inspection import Inspection

__all__ = [
    "AmbiguousData",
    "Batch",
    "Calibration",
    "CelossError",
    "Comparison",
    "DataError",
    "Diagnosis",
    "Evaluation",
    "Explanation",
    "History",
    "Inspection",
    "InvalidLabels",
    "InvalidScores",
    "InvalidWeights",
    "MisalignedData",
    "OutputError",
    "PartState",
    "UnreadableFile",
    "UsageError",
    "__version__",
    "append_history",
    "apply_calibration",
    "compare",
    "diagnose",
    "evaluate",
    "evaluate_many",
    "explain",
    "fit_calibration",
    "inspect",
    "merge",
    "read_history",
    "score_part",
    "write_report",
]

_HOMES = {
    "apply_calibration": "celoss_cli.api.calibration",
    "Calibration": "celoss_cli.results.calibration",
    "fit_calibration": "celoss_cli.api.calibration",
    "compare": "celoss_cli.api.functions",
    "Comparison": "celoss_cli.api.shown",
    "diagnose": "celoss_cli.api.functions",
    "Diagnosis": "celoss_cli.api.shown_diagnosis",
    "evaluate": "celoss_cli.api.functions",
    "evaluate_many": "celoss_cli.api.many",
    "append_history": "celoss_cli.api.runs",
    "read_history": "celoss_cli.api.runs",
    "History": "celoss_cli.api.shown_history",
    "Batch": "celoss_cli.api.shown_batch",
    "explain": "celoss_cli.api.functions",
    "inspect": "celoss_cli.api.functions",
    "merge": "celoss_cli.api.states",
    "PartState": "celoss_cli.api.states",
    "score_part": "celoss_cli.api.states",
    "write_report": "celoss_cli.api.functions",
    "Evaluation": "celoss_cli.api.shown",
    "Explanation": "celoss_cli.results.explanation",
    "Inspection": "celoss_cli.results.inspection",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES.get(name, "celoss_cli.errors")), name)


def __dir__() -> list[str]:
    return __all__
