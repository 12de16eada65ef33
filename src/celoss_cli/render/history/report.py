"""A history in the parts that every form is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from celoss_cli.render.report import Report
from celoss_cli.results.history import History, Run

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings, Measure
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface

_LEFT_OUT = ("classes", "convention", "tags", "ci95", "failed", "schema", "schema_version")


class HistoryReport(Report):
    """The parts of a history's report."""

    def __init__(self, history: History) -> None:
        self.result: History = history

    def text(self, surface: Surface) -> str:
        """Return the runs and trends for a person."""
        from celoss_cli.render.history import table

        return table.render(self.result, **surface._asdict())

    def findings(self) -> Findings:
        """Return the checks, and the numbers of the last run of each name."""
        from celoss_cli.render.forms.findings import Findings, Origin, finding_of, shown_safely
        from celoss_cli.render.history import reading

        history = self.result
        checks = () if history.verdict is None else history.verdict.checks
        return Findings(
            origin=Origin("history", history.celoss_version, (history.path,)),
            passed=None if history.verdict is None else history.verdict.passed,
            checks=tuple(
                finding_of(check, check.asked, remark.text)
                for check, remark in zip(checks, reading.verdict(history), strict=True)
            ),
            measures=tuple(self._measures()),
            facts=tuple((series.name, text) for series in history.series for text in reading.beside(series)),
            warnings=shown_safely(history.warnings),
        )

    def _measures(self) -> Iterator[Measure]:
        from celoss_cli.render.forms.findings import Measure

        for series in self.result.series:
            of = (("series", series.name),)
            yield Measure(
                "last_loss", series.runs[-1].mean, "Mean cross-entropy of the last run", series.runs[-1].unit, of
            )
            yield Measure("level_changes", len(series.changes), "How often the level of the loss changed", labels=of)

    def numbers(self) -> dict[str, float]:
        """Return the numbers of the last run of each name, after its key and a slash, and the gate's verdict."""
        from celoss_cli.render.forms.metrics import flat_numbers, keys_of

        keys = keys_of(series.name for series in self.result.series)
        measures = (
            measure._replace(name=f"{keys[series]}/{measure.name}", labels=())
            for measure in self._measures()
            for _, series in measure.labels
        )
        return flat_numbers(self.findings()._replace(measures=tuple(measures)))

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the history."""
        from celoss_cli.render.history import page

        return page.outline_of(self.result, comment=comment)

    def pictures(self) -> Iterable[Picture]:
        """Yield the trend of each name."""
        from celoss_cli.render.pictures.trend import trend_of

        for place, series in enumerate(self.result.series):
            for picture in trend_of(series):
                yield picture if not place else picture._replace(name=f"{picture.name}-{place + 1}")

    def table(self) -> str:
        """Return one line a run as CSV."""
        from celoss_cli.render.evaluation.csv import written

        names = [name for name in Run._fields if name not in _LEFT_OUT]
        header = (*names, "lower", "upper", "tags")
        rows = [
            (*(_plain(getattr(run, name)) for name in names), *(run.ci95 or (None, None)), _tags(run))
            for series in self.result.series
            for run in series.runs
        ]
        return written([header, *rows])

    def means(self) -> list[float]:
        """Return the mean of the last run of each name."""
        return [series.runs[-1].mean for series in self.result.series]


def _plain(value: object) -> str | int | float | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | float | str) else None


def _tags(run: Run) -> str:
    return " ".join(f"{key}={value}" for key, value in run.tags.items())
