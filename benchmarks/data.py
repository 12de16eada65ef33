"""The files that every tool reads: what they are called, where they lie, and having them made once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

# Part of every cached file's path: raise it when generate.py writes something else for the same dataset.
GENERATION = 1

FEWEST_ROWS = 200
"""What scaling down stops at: enough rows for every tool to see more than one class."""


class Form(StrEnum):
    """How rows lie in the file."""

    PARQUET = "parquet"
    CSV = "csv"
    GZIP = "gzip"  # the same, compressed
    LIST = "list"  # Parquet, with one list column of all scores
    TOKENS = "tokens"  # Parquet, with a list of the truth's log-probabilities a row: as many as it has tokens
    NPY = "npy"  # an array of scores, with the labels in a second file


@dataclass(frozen=True)
class Dataset:
    """One set of rows in one form. Two classes mean one column of probabilities, more of them logits.

    Of tokens ``classes`` is how many a row has on average.
    """

    form: Form
    rows: int
    classes: int

    def __str__(self) -> str:
        return f"{self.form} {self.rows:,} × {self.columns}"

    @property
    def columns(self) -> int:
        """How many scores a row has."""
        return 1 if self.classes == 2 else self.classes

    @property
    def kind(self) -> str:
        """How the rows are told to a peer: binary, logits, list or tokens."""
        if self.form is Form.TOKENS:
            return "tokens"
        if self.classes == 2:
            return "binary"
        return "list" if self.form in (Form.LIST, Form.NPY) else "logits"

    @property
    def printed(self) -> bool:
        """Whether the scores are printed numbers, and not binary ones."""
        return self.form in (Form.CSV, Form.GZIP)

    @property
    def name(self) -> str:
        """The stem of its files."""
        return f"{self.form}-{self.rows}x{self.columns}"

    def times(self, factor: float) -> Dataset:
        """The same with ``factor`` times the rows, and no fewer than any tool can work with."""
        return replace(self, rows=max(FEWEST_ROWS, round(self.rows * factor)))

    def files(self, directory: Path) -> tuple[Path, ...]:
        """The predictions, and for an array the labels after them."""
        if self.form is Form.NPY:
            return directory / f"{self.name}.npy", directory / f"{self.name}-labels.npy"
        ending = {Form.CSV: "csv", Form.GZIP: "csv.gz"}.get(self.form, "parquet")
        return (directory / f"{self.name}.{ending}",)

    def facts(self, directory: Path) -> Path:
        """The file with the true mean, written last: where it is, the others are whole."""
        return directory / f"{self.name}.json"

    def mean(self, directory: Path) -> float:
        """The mean cross-entropy in nats, computed in float64 when the rows were made."""
        return float(json.loads(self.facts(directory).read_text(encoding="utf-8"))["mean"])


def home(data: Path) -> Path:
    """The directory of this generation's files."""
    return data.resolve() / f"v{GENERATION}"


def ensure(datasets: Iterable[Dataset], directory: Path) -> None:
    """Have the files made that are not there yet, by one process that is not this one."""
    missing = [dataset for dataset in dict.fromkeys(datasets) if not dataset.facts(directory).exists()]
    if missing:
        directory.mkdir(parents=True, exist_ok=True)
        wanted = json.dumps([asdict(dataset) for dataset in missing])
        root = Path(__file__).resolve().parent.parent
        subprocess.run([sys.executable, "-m", "benchmarks.generate", wanted, str(directory)], cwd=root, check=True)
