"""The work that is measured and the bars it has to clear, as data: files, peers, time, memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.data import Dataset, Form

GROWTH_FACTOR = 4
GROWTH_BAR = 1.10
"""celoss's peak memory on four times the rows, over that on the rows."""

CURVE_ROWS = (10_000, 100_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000)


@dataclass(frozen=True)
class Work:
    """One row of the table."""

    name: str
    title: str
    dataset: Dataset
    quiet: bool = False  # celoss -q, the mean alone, in place of the report
    bars: Mapping[str, float] = field(default_factory=dict)  # peer -> the most that celoss's time over its may be
    peak_bar: float | None = None  # MB (10^6 bytes) of celoss's peak memory
    scales: bool = True
    does: str = "eval"  # the command of celoss

    def scaled(self, factor: float) -> Work:
        """The same work on ``factor`` times the rows."""
        return replace(self, dataset=self.dataset.times(factor)) if self.scales else self


LOGITS = Dataset(Form.PARQUET, 5_000_000, 10)
BINARY = Dataset(Form.PARQUET, 20_000_000, 2)
CSV_LOGITS = Dataset(Form.CSV, 1_000_000, 10)
CSV_BINARY = Dataset(Form.CSV, 5_000_000, 2)
LISTS = Dataset(Form.LIST, 50_000, 1000)
ARRAY = Dataset(Form.NPY, 50_000, 1000)
DIAGNOSED = Dataset(Form.PARQUET, 1_000_000, 10)
SMALL = Dataset(Form.CSV, 1_797, 10)


def bars(
    decode: float | None = None,
    polars: float | None = None,
    duckdb: float | None = None,
    torch: float | None = None,
    sklearn: float | None = None,
    calibration: float | None = None,
) -> dict[str, float]:
    """The bars of a row, those that there are."""
    every = {"decode": decode, "polars": polars, "duckdb": duckdb, "torch": torch, "sklearn": sklearn}
    every["calibration"] = calibration
    return {peer: bar for peer, bar in every.items() if bar is not None}


WORKS = (
    Work("q-logits", "-q, Parquet, logits", LOGITS, True, bars(1.7, 0.75, 0.35, 0.2, 0.14), 320),
    Work("q-binary", "-q, Parquet, binary", BINARY, True, bars(1.5, 0.85, 0.95, 0.2, 0.12), 300),
    Work("logits", "report, Parquet, logits", LOGITS, False, bars(2.2, 0.95, 0.45, 0.28, 0.2), 320),
    Work("binary", "report, Parquet, binary", BINARY, False, bars(2.4, 1.4, 1.6, 0.3, 0.2), 300),
    Work("csv-logits", "report, CSV, logits", CSV_LOGITS, False, bars(None, 1.1, 0.8, 0.35, 0.35), 300),
    Work("csv-binary", "report, CSV, binary", CSV_BINARY, False, bars(None, 1.25, 1.0, 0.35, 0.3), 300),
    Work("list", "report, Parquet list column", LISTS, False, bars(1.8, None, None, 0.4, 0.25), 400),
    Work("npy", "report, npy", ARRAY, False, bars(torch=0.4), 500),
    Work("small", "report, small CSV", SMALL, False, bars(sklearn=0.2), scales=False),
    Work("diagnose", "diagnose, Parquet, logits", DIAGNOSED, False, bars(calibration=0.1), 300, does="diagnose"),
)
