"""The options of the commands in groups: a command takes whole groups, the command line has each option by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_type_hints

from celoss_cli.cli import options as opt
from celoss_cli.cli.memory import claim_room
from celoss_cli.request import Average, InvalidRows, ReadOptions, Request, UnknownClass, Unmatched

if TYPE_CHECKING:
    from celoss_cli.gate.limits import Limits

Command = TypeVar("Command", bound=Callable[..., None])


class DataOptions(NamedTuple):
    """What the data are."""

    label: opt.Label = None
    pred: opt.Pred = None
    id: opt.Id = None
    unmatched: opt.UnmatchedOption = Unmatched.ERROR
    unknown_class: opt.UnknownClassOption = UnknownClass.ERROR
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
    max_class_loss: opt.MaxClassLoss = None
    max_slice_loss: opt.MaxSliceLoss = None
    slice_min_rows: opt.SliceMinRows = None
    min_skill: opt.MinSkill = None
    min_accuracy: opt.MinAccuracy = None
    max_brier: opt.MaxBrier = None
    max_ece: opt.MaxEce = None
    max_upper_bound: opt.MaxUpperBound = None
    max_infinite: opt.MaxInfinite = None
    min_rows: opt.MinRows = None
    baseline: opt.Baseline = None
    max_regression: opt.MaxRegression = None
    save_baseline: opt.SaveBaseline = None


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


class ConfigOptions(NamedTuple):
    """Where options come from; every command has these, and ``ConfiguredCommand`` reads them."""

    config: opt.Config = None
    no_config: opt.NoConfig = False
    profile: opt.Profile = None
    show_config: opt.ShowConfig = False


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
        id=opt.names_in(data.id, "--id"),
        unmatched=data.unmatched,
        unknown_class=data.unknown_class,
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


def limits_of(gate: GateOptions) -> Limits:
    """Return the limits that the options ask for. Raises UsageError for those that make no sense."""
    from celoss_cli.gate.limits import Limits, read_limits, read_margin

    return Limits(
        max_loss=gate.max_loss,
        max_class_loss=read_limits("--max-class-loss", gate.max_class_loss),
        max_slice_loss=read_limits("--max-slice-loss", gate.max_slice_loss),
        slice_min_rows=gate.slice_min_rows or 0,
        min_skill=gate.min_skill,
        min_accuracy=gate.min_accuracy,
        max_brier=gate.max_brier,
        max_ece=gate.max_ece,
        max_upper_bound=gate.max_upper_bound,
        max_infinite=gate.max_infinite,
        min_rows=gate.min_rows,
        max_regression=read_margin(gate.max_regression),
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
        parameters += _parameters(hint)
    parameters += _parameters(ConfigOptions)

    def run(**given: Any) -> None:
        claim_room()
        for name, group in groups.items():
            given[name] = group(**{field: given.pop(field) for field in group._fields})
        for name in ConfigOptions._fields:
            del given[name]
        command(**given)

    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _parameters(group: Any) -> list[inspect.Parameter]:
    """Return the options of a group as parameters of a function."""
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=group._field_defaults[name], annotation=kind)
        for name, kind in get_type_hints(group, include_extras=True).items()
    ]
