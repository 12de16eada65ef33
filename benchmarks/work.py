"""The work that is measured and the bars it has to clear, as data: files, peers, time, memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.data import Dataset, Form
from benchmarks.tools import Celoss, How

GROWTH_FACTOR = 4
GROWTH_BAR = 1.10
"""celoss's peak memory on four times the rows, over that on the rows."""

EARLIER = "earlier"
"""What the peer is called that is another celoss."""

CURVE_ROWS = (10_000, 100_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000)


@dataclass(frozen=True)
class Work:
    """One row of the table."""

    name: str
    title: str
    dataset: Dataset
    how: How = How.REPORT
    bars: Mapping[str, float] = field(default_factory=dict)  # peer -> the most that celoss's time over its may be
    peak_bar: float | None = None  # MB (10^6 bytes) of celoss's peak memory
    scales: bool = True
    twin: bool = False  # by the kernels in NumPy, as where there is no compiler

    @property
    def tool(self) -> Celoss:
        """What is measured."""
        return Celoss(self.how, kernels="numpy" if self.twin else "")

    def earlier(self, program: str) -> Celoss:
        """The same work of another celoss. A diagnosis is held against its report: it may have none."""
        return Celoss(How.REPORT if self.how is How.DIAGNOSE else self.how, program=program)

    def scaled(self, factor: float) -> Work:
        """The same work on ``factor`` times the rows."""
        return replace(self, dataset=self.dataset.times(factor)) if self.scales else self


LOGITS = Dataset(Form.PARQUET, 5_000_000, 10)
BINARY = Dataset(Form.PARQUET, 20_000_000, 2)
LARGE = Dataset(Form.PARQUET, 100_000_000, 2)
CSV_LOGITS = Dataset(Form.CSV, 1_000_000, 10)
CSV_BINARY = Dataset(Form.CSV, 5_000_000, 2)
GZIP_BINARY = Dataset(Form.GZIP, 5_000_000, 2)
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
    earlier: float | None = None,
    calibration: float | None = None,
) -> dict[str, float]:
    """The bars of a row, those that there are."""
    every = {"decode": decode, "polars": polars, "duckdb": duckdb, "torch": torch, "sklearn": sklearn}
    every |= {EARLIER: earlier, "calibration": calibration}
    return {peer: bar for peer, bar in every.items() if bar is not None}


WORKS = (
    Work("q-logits", "-q, Parquet, logits", LOGITS, How.MEAN, bars(1.45, 0.70, 0.35, 0.2, 0.14, 0.80), 320),
    Work("q-binary", "-q, Parquet, binary", BINARY, How.MEAN, bars(1.35, 0.80, 0.95, 0.2, 0.12, 0.75), 300),
    Work("q-large", "-q, Parquet, binary", LARGE, How.MEAN, bars(1.3, 0.65, earlier=0.5), 300),
    Work("logits", "report, Parquet, logits", LOGITS, How.REPORT, bars(1.55, 0.80, 0.45, 0.28, 0.2, 0.55), 320),
    Work("binary", "report, Parquet, binary", BINARY, How.REPORT, bars(1.7, 0.95, 1.6, 0.3, 0.2, 0.45), 300),
    Work("large", "report, Parquet, binary", LARGE, How.REPORT, bars(2.2, 0.95, earlier=0.35), 300),
    Work("csv-logits", "report, CSV, logits", CSV_LOGITS, How.REPORT, bars(None, 0.6, 0.8, 0.35, 0.35, 0.45), 300),
    Work("csv-binary", "report, CSV, binary", CSV_BINARY, How.REPORT, bars(None, 0.6, 1.0, 0.35, 0.3, 0.45), 300),
    Work("gzip-binary", "report, CSV in gzip, binary", GZIP_BINARY, How.REPORT, bars(), 300),
    Work("list", "report, Parquet list column", LISTS, How.REPORT, bars(0.95, 0.3, None, 0.4, 0.25, 0.85), 400),
    Work("npy", "report, npy", ARRAY, How.REPORT, bars(torch=0.15, earlier=0.75), 500),
    Work("small", "report, small CSV", SMALL, How.REPORT, bars(polars=1.1, sklearn=0.2, earlier=0.9), scales=False),
    Work("diagnose-logits", "diagnose, Parquet, logits", LOGITS, How.DIAGNOSE, bars(earlier=3.0), 300),
    Work("diagnose-binary", "diagnose, Parquet, binary", BINARY, How.DIAGNOSE, bars(earlier=2.5), 300),
    Work("diagnose", "diagnose, Parquet, logits", DIAGNOSED, How.DIAGNOSE, bars(calibration=0.1), 300),
    Work("twin-q-logits", "-q by NumPy, Parquet, logits", LOGITS, How.MEAN, bars(earlier=3.0), twin=True),
    Work("twin-q-binary", "-q by NumPy, Parquet, binary", BINARY, How.MEAN, bars(earlier=3.0), twin=True),
    Work("twin-logits", "report by NumPy, Parquet, logits", LOGITS, How.REPORT, bars(earlier=3.0), twin=True),
    Work("twin-binary", "report by NumPy, Parquet, binary", BINARY, How.REPORT, bars(earlier=3.0), twin=True),
)
