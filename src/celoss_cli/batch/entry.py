"""What a batch is made of: tables to score, and the evaluations that each of them becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from celoss_cli.errors import Where
from celoss_cli.gate.limits import Limits
from celoss_cli.options.models import Columns
from celoss_cli.options.option import among, request_of
from celoss_cli.outputs.named import path_for
from celoss_cli.request import Request


class Entry(NamedTuple):
    """One evaluation to be made."""

    name: str
    request: Request
    limits: Limits
    baseline: str | None = None
    """The earlier report to hold it against."""

    chosen: bool = False
    """Whether nothing but the value of ``--by`` leaves rows out."""

    where: Where | None = None
    """The row of the manifest that has options of its own for it."""


class Source(NamedTuple):
    """A table to be scored, and what was said of it."""

    name: str
    predictions: Any
    labels: Any
    given: Mapping[str, Any]
    """The options, by name."""

    where: Where | None = None
    """The row of the manifest that has options of its own for it."""

    @property
    def request(self) -> Request:
        """What is asked for, without the gate."""
        told = {name: value for name, value in self.given.items() if name not in ("predictions", "labels")}
        return request_of(self.predictions, self.labels, told)

    @property
    def limits(self) -> Limits:
        """The limits that were given. Raises UsageError for those that make no sense, or not together."""
        limits = Limits(**among([field.name for field in fields(Limits)], self.given))
        columns: list[str] = []
        if self.request.slice:
            from celoss_cli.layout.slice_columns import read_slices

            columns = [by.column for by in read_slices(self.request.slice)]
        limits.check_asked(columns, baseline=self.given.get("baseline") is not None)
        return limits

    def entries(self, models: tuple[Columns, ...], groups: tuple[tuple[str, str], ...]) -> Iterator[Entry]:
        """Yield an evaluation for each model and each group, a column and its value.

        They are called after all that tells them apart, the file first, also where it is the only one: the night that
        others are missing, a name is what it was the night before.
        """
        request, limits = self.request, self.limits
        for model in models or (None,):
            for group in groups or (None,):
                asked = request if model is None else request._replace(pred=model.columns)
                if group is not None and group not in asked.where:
                    asked = asked._replace(where=(*asked.where, group))
                parts = [self.name, *([] if model is None else [model.name]), *([] if group is None else [group[1]])]
                name = ":".join(parts)
                chosen = group is not None and _takes_every_row(request)
                yield Entry(name, asked, limits, _baseline(self.given.get("baseline"), name), chosen, self.where)


def _takes_every_row(request: Request) -> bool:
    kept = (request.unknown_class, request.unmatched, request.invalid)
    return not request.where and request.ignore_index is None and not any(one == "drop" for one in kept)


def _baseline(path: str | None, name: str) -> str | None:
    """Return the earlier report of an evaluation: of a directory, the one that ``--save-baseline`` wrote for it."""
    return path_for(path, name, ".json") if path is not None and Path(path).is_dir() else path
