"""celoss: the exact cross-entropy of a file of model outputs, and what the number means.

``evaluate`` is the whole of it: paths or objects in, a frozen ``Evaluation`` out; ``explain`` gives the same rows
under every library's convention, ``inspect`` what the files hold and how that was decided, ``compare`` holds two models
against each other row by row, ``write_report`` writes a result to a file. Names are imported when they are used, so
that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celoss_cli.api import compare, evaluate, explain, inspect, write_report
    from celoss_cli.comparison.result import Comparison
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
    from celoss_cli.evaluation import Evaluation
    from celoss_cli.explanation import Explanation
    from celoss_cli.inspection import Inspection

__version__ = "0.1.0"

__all__ = [
    "AmbiguousData",
    "CelossError",
    "Comparison",
    "DataError",
    "Evaluation",
    "Explanation",
    "Inspection",
    "InvalidLabels",
    "InvalidScores",
    "InvalidWeights",
    "MisalignedData",
    "OutputError",
    "UnreadableFile",
    "UsageError",
    "__version__",
    "compare",
    "evaluate",
    "explain",
    "inspect",
    "write_report",
]

_HOMES = {
    "compare": "celoss_cli.api",
    "Comparison": "celoss_cli.comparison.result",
    "evaluate": "celoss_cli.api",
    "explain": "celoss_cli.api",
    "inspect": "celoss_cli.api",
    "write_report": "celoss_cli.api",
    "Evaluation": "celoss_cli.evaluation",
    "Explanation": "celoss_cli.explanation",
    "Inspection": "celoss_cli.inspection",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES.get(name, "celoss_cli.errors")), name)
