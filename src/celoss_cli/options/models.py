"""Several models in one file: ``--model NAME=COLUMNS`` says which columns are whose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from celoss_cli.errors import UsageError


class Columns(NamedTuple):
    """The columns of a model's scores, and what it is called."""

    name: str
    columns: tuple[str, ...]


def read_models(given: Iterable[tuple[str, str | Iterable[str]]], pred: tuple[str, ...]) -> tuple[Columns, ...]:
    """Return the models; a glob among their columns stands for all that it matches.

    One text of columns splits on commas, a list is taken as it is. Raises UsageError for a name that comes twice, for
    one without columns, and beside ``--pred``.
    """
    models = [Columns(name, _split(columns)) for name, columns in given]
    if models and pred:
        raise UsageError(
            "--pred and --model both say which columns hold the scores", code="pred_and_model", hint="leave one out"
        )
    names = [model.name for model in models]
    for model in models:
        if names.count(model.name) > 1:
            raise UsageError(f"--model {model.name!r} is given twice", code="name_twice", hint="give each a name")
        if not all(model.columns):
            raise UsageError(
                f"--model {model.name!r} has an empty column name",
                code="empty_name",
                hint="such as lr=p_lr or rf='rf_*'",
            )
    return tuple(models)


def check_several(models: tuple[Columns, ...]) -> tuple[Columns, ...]:
    """Return the models. Raises UsageError where there is nothing to compare: fewer than two."""
    if len(models) < 2:
        raise UsageError(
            f"--model {models[0].name!r} is the only one",
            code="no_candidate",
            hint="name two or more: the first is the baseline",
        )
    return models


def _split(columns: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for part in columns.split(",")) if isinstance(columns, str) else tuple(columns)
