"""Who takes part: celoss and its peers, the command of each, and what a peer has no form for."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from benchmarks.data import Dataset, Form


class Tool(Protocol):
    """Something that is run as a whole process on a dataset's files."""

    @property
    def name(self) -> str:
        """What it is called in tables, options and JSON."""

    def command(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:
        """The process that is timed."""

    def checking(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:
        """The process whose output shows the mean in full."""

    def mean(self, stdout: str) -> float | None:
        """The mean in the output of ``checking``; None for a tool that computes none."""

    def unable(self, dataset: Dataset) -> str | None:
        """Why it cannot take part, or None."""


class How(Enum):
    """What celoss is asked for; the value is what its name ends with in tables."""

    MEAN = " -q"
    REPORT = ""
    DIAGNOSE = " diagnose"


@dataclass(frozen=True)
class Celoss:
    """A console script of celoss, as a user types it: the installed one, or ``program``, that of another celoss.

    ``kernels`` are asked for by the environment: ``numpy`` for those without the compiled core.
    """

    how: How
    kernels: str = ""
    program: str = ""

    @property
    def name(self) -> str:
        """``celoss -q``, ``celoss``, ``celoss diagnose``; those of another one are called ``earlier``."""
        who = "earlier" if self.program else f"celoss by {self.kernels}" if self.kernels else "celoss"
        return f"{who}{self.how.value}"

    def command(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:  # noqa: ARG002
        """``celoss eval FILES``, with ``-q`` for the mean alone, or ``celoss diagnose FILES``.

        Nothing is told about the columns.
        """
        script = Path(self.program) if self.program else Path(sys.executable).with_name("celoss")
        program = [str(script)] if self.program or script.exists() else [sys.executable, "-m", "celoss_cli"]
        asked = ["diagnose" if self.how is How.DIAGNOSE else "eval", *map(str, files)]
        quiet = ["-q"] if self.how is How.MEAN else []
        return [*(["env", f"CELOSS_KERNELS={self.kernels}"] if self.kernels else []), *program, *asked, *quiet]

    def checking(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:
        """The report for people rounds its mean, so that of the JSON report is checked."""
        return [*self.command(dataset, files), *([] if self.how is How.MEAN else ["--format", "json"])]

    def mean(self, stdout: str) -> float | None:
        """The number that ``-q`` prints, or ``loss.mean`` of the JSON."""
        return float(stdout if self.how is How.MEAN else json.loads(stdout)["loss"]["mean"])

    def unable(self, dataset: Dataset) -> str | None:  # noqa: ARG002
        """Whether it reads a file is for celoss to say, by its exit code."""
        return None if self.program or find_spec("celoss_cli") else "celoss is not installed here"


@dataclass(frozen=True)
class Peer:
    """A script of ``peers/``, given the kind of rows and the files; it prints the mean."""

    name: str
    title: str
    script: str
    needs: tuple[str, ...]  # modules
    packages: tuple[str, ...]  # distributions, for their versions
    lacks: Mapping[Form, str] = field(default_factory=dict)
    prints_mean: bool = True
    diagnoses: bool = False  # whether its job is that of celoss diagnose, and not that of celoss eval

    def command(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:
        """Run by path, not as a module: nothing of this package is imported."""
        return [sys.executable, str(Path(__file__).parent / "peers" / self.script), dataset.kind, *map(str, files)]

    def checking(self, dataset: Dataset, files: tuple[Path, ...]) -> list[str]:
        """The same: it prints all digits."""
        return self.command(dataset, files)

    def mean(self, stdout: str) -> float | None:
        """The number it prints."""
        return float(stdout) if self.prints_mean else None

    def unable(self, dataset: Dataset) -> str | None:
        """What is not installed, or why this form is not for it."""
        absent = [module for module in self.needs if find_spec(module) is None]
        return f"not installed: {', '.join(absent)}" if absent else self.lacks.get(dataset.form)


CELOSS = (Celoss(How.MEAN), Celoss(How.REPORT))

_NO_DECODE = "the bare decode is Parquet's"

PEERS = (
    Peer(
        "decode",
        "bare decode",
        "bare_decode.py",
        ("pyarrow",),
        ("pyarrow",),
        {Form.CSV: _NO_DECODE, Form.GZIP: _NO_DECODE, Form.NPY: "an array needs no decoding"},
        prints_mean=False,
    ),
    Peer("polars", "Polars", "polars_streaming.py", ("polars",), ("polars",), {Form.NPY: "scans no npy"}),
    Peer("duckdb", "DuckDB", "duckdb_sql.py", ("duckdb",), ("duckdb",), {Form.NPY: "reads no npy"}),
    Peer("torch", "pandas+torch", "pandas_torch.py", ("pandas", "pyarrow", "torch"), ("pandas", "torch")),
    Peer(
        "sklearn",
        "pandas+scikit-learn",
        "pandas_sklearn.py",
        ("pandas", "pyarrow", "sklearn"),
        ("pandas", "scikit-learn"),
    ),
    Peer(
        "calibration",
        "calibration libraries",
        "calibration_libraries.py",
        ("pandas", "pyarrow", "sklearn", "netcal", "model_diagnostics", "cleanlab"),
        ("scikit-learn", "netcal", "model-diagnostics", "cleanlab"),
        diagnoses=True,
    ),
)
