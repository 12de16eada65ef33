"""Slices by date: of dates, times and texts, in the order of time."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import run

DAYS = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 3, 31), date(2024, 4, 1), date(2024, 12, 30), date(2024, 3, 4)]
NAMES = {
    "day": ["2023-12-31", "2024-01-01", "2024-03-04", "2024-03-31", "2024-04-01", "2024-12-30"],
    "week": ["2023-W52", "2024-W01", "2024-W10", "2024-W13", "2024-W14", "2025-W01"],
    "month": ["2023-12", "2024-01", "2024-03", "2024-04", "2024-12"],
    "quarter": ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q4"],
    "year": ["2023", "2024"],
}
TRUTH = [1, 0, 1, 0, 1, 0]
SCORES = [0.9, 0.2, 0.7, 0.4, 0.6, 0.3]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def slices(name: str, period: str, *options: str) -> list[str | None]:
    done = run("eval", name, "--label", "y", "--pred", "p", "--slice", f"when={period}", "--format", "json", *options)
    assert done.code == 0, done.err
    return [one["value"] for one in json.loads(done.out)["slices"]]


@pytest.mark.parametrize("period", NAMES)
@pytest.mark.parametrize("kind", ["date", "time", "zoned", "text", "csv"])
def test_every_kind_of_date(period: str, kind: str) -> None:
    times = [datetime(day.year, day.month, day.day, 23, 59, 30, 123456) for day in DAYS]
    when = {
        "date": pa.array(DAYS),
        "time": pa.array(times, pa.timestamp("ns")),
        "zoned": pa.array([time.replace(tzinfo=UTC) for time in times], pa.timestamp("us", "UTC")),
        "text": pa.array([time.isoformat() for time in times]),
    }
    if kind == "csv":
        lines = (f"{y},{p},{day}\n" for y, p, day in zip(TRUTH, SCORES, DAYS, strict=True))
        Path("f.csv").write_text("y,p,when\n" + "".join(lines))
        assert slices("f.csv", period) == NAMES[period]
        return
    pq.write_table(pa.table({"y": TRUTH, "p": SCORES, "when": when[kind]}), "f.parquet")
    assert slices("f.parquet", period) == NAMES[period]


def test_they_stand_in_the_order_of_time_in_the_report() -> None:
    Path("f.csv").write_text("y,p,when\n" + "1,0.1,2024-03-01\n0,0.2,2024-01-05\n1,0.9,2024-02-01\n" * 4)
    shown = run("eval", "f.csv", "--slice", "when=month").out
    assert shown.index("2024-01") < shown.index("2024-02") < shown.index("2024-03")


def test_months_and_years_alone_are_dates_of_their_kind() -> None:
    Path("f.csv").write_text("y,p,when\n1,0.8,2024-03\n0,0.2,2023-11\n,0.5,2024-05\n".replace(",0.5", "1,0.5"))
    assert slices("f.csv", "quarter") == ["2023-Q4", "2024-Q1", "2024-Q2"]
    assert run("eval", "f.csv", "--slice", "when=week").code == 3


def test_missing_dates_are_a_slice_of_their_own() -> None:
    Path("f.csv").write_text("y,p,when\n1,0.8,2024-03-01\n0,0.2,\n")
    assert slices("f.csv", "month") == ["2024-03", None]


def test_what_is_no_date() -> None:
    Path("f.csv").write_text("y,p,when\n1,0.8,2024-03-01\n0,0.2,soon\n")
    done = run("eval", "f.csv", "--slice", "when=month")
    assert done.code == 3
    assert "column 'when' holds 'soon', which is no date" in done.err
    assert run("eval", "f.csv", "--slice", "when=fortnight").code == 2


def test_a_limit_is_for_a_month() -> None:
    Path("f.csv").write_text("y,p,when\n" + "1,0.8,2024-03-01\n0,0.4,2024-04-01\n" * 3)
    given = ("eval", "f.csv", "--slice", "when=month", "-q", "--max-slice-loss")
    assert run(*given, "when=2024-03=0.3").code == 0
    assert run(*given, "when=2024-04=0.3").code == 1
