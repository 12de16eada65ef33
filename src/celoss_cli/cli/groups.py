"""The options of the commands in groups: a command takes whole groups, the command line has each option by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, get_type_hints

from celoss_cli.cli import options as opt
from celoss_cli.cli.room import claim_room
from celoss_cli.spec import Average, InvalidRows, ReadOptions, Request

Command = TypeVar("Command", bound=Callable[..., None])


class DataOptions(NamedTuple):
    """What the data are."""

    label: opt.Label = None
    pred: opt.Pred = None
    id: opt.Id = None
    task: opt.TaskOption = opt.TaskChoice.AUTO
    input: opt.InputOption = opt.InputChoice.AUTO
    classes: opt.Classes = None
    positive: opt.Positive = None
    where: opt.Where = None
    invalid: opt.Invalid = InvalidRows.ERROR
    strict: opt.Strict = False


class WeightOptions(NamedTuple):
    """Which rows count, and how much."""

    sample_weight: opt.SampleWeight = None
    class_weight: opt.ClassWeight = None
    ignore_index: opt.IgnoreIndex = None


class LossOptions(NamedTuple):
    """How the loss is computed."""

    pos_weight: opt.PosWeight = None
    label_smoothing: opt.LabelSmoothing = 0.0
    average: opt.AverageOption = Average.MICRO
    denominator: opt.DenominatorOption = None
    clip: opt.Clip = None
    renormalize: opt.Renormalize = False
    base: opt.BaseOption = None
    compat: opt.Compat = None


class GateOptions(NamedTuple):
    """The limits that the result must meet."""

    max_loss: opt.MaxLoss = None


class TextOptions(NamedTuple):
    """How text files are read."""

    delimiter: opt.Delimiter = None
    decimal: opt.Decimal = None
    encoding: opt.Encoding = None
    header: opt.Header = None
    file_format: opt.FileFormat = None


class RunOptions(NamedTuple):
    """How the work is done, whatever it is. ``debug`` is read by the boundary, from the command line itself."""

    threads: opt.Threads = None
    debug: opt.Debug = False


def request_of(
    predictions: str,
    labels: str | None,
    data: DataOptions,
    weights: WeightOptions,
    text: TextOptions,
    run: RunOptions,
    loss: LossOptions = LossOptions(),  # noqa: B008  immutable
) -> Request:
    """Return what the options say, as every command but its own ones."""
    return Request(
        predictions=predictions,
        labels=labels,
        label=opt.names_in(data.label, "--label"),
        pred=opt.names_in(data.pred, "--pred"),
        id=data.id,
        task=opt.chosen_task(data.task),
        input=opt.chosen_input(data.input),
        classes=opt.names_in(data.classes, "--classes"),
        positive=data.positive,
        where=opt.conditions_in(data.where),
        invalid=data.invalid,
        strict=data.strict,
        sample_weight=weights.sample_weight,
        class_weight=weights.class_weight,
        ignore_index=weights.ignore_index,
        pos_weight=loss.pos_weight,
        label_smoothing=loss.label_smoothing,
        average=loss.average,
        denominator=loss.denominator,
        clip=loss.clip,
        renormalize=loss.renormalize,
        base=loss.base,
        compat=loss.compat,
        reading=ReadOptions(*text),
        threads=run.threads,
    )


def with_groups(command: Command) -> Callable[..., None]:
    """Return ``command`` as Typer can read it: each parameter that is a group is replaced by the group's options."""
    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for parameter in inspect.signature(command).parameters.values():
        hint = hints[parameter.name]
        if not hasattr(hint, "_field_defaults"):
            parameters.append(parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        groups[parameter.name] = hint
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=hint._field_defaults[name], annotation=kind)
            for name, kind in get_type_hints(hint, include_extras=True).items()
        ]

    def run(**given: Any) -> None:
        claim_room()
        for name, group in groups.items():
            given[name] = group(**{field: given.pop(field) for field in group._fields})
        command(**given)

    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
