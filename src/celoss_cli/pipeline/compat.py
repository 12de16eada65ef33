"""The convention that is followed: that of the library named with ``--compat``, and what was said beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.conventions.convention import Convention
from celoss_cli.errors import UsageError
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import Denominator, Detail, InputForm, InputKind, Request, TargetKind
from celoss_cli.results.convention import ConventionUsed
from celoss_cli.results.document import Notice
from celoss_cli.scoring.kernel_choice import file_type
from celoss_cli.spec import Decision, How

if TYPE_CHECKING:
    from celoss_cli.conventions.libraries import Library
    from celoss_cli.kernels.rules import Rule
    from celoss_cli.pipeline.settled import Settled


def convention_of(job: Job, assumed: Assumed) -> Convention:
    """Return what is meant by the loss. What was asked for explicitly wins over the library's ways.

    Raises UsageError where the library's rule, or the comparison of all of them, is not defined for such labels.
    """
    request = job.request
    if request.detail is Detail.CONVENTIONS and assumed.targets is not TargetKind.TRUTH:
        _check_defined(job, assumed, "celoss explain")
    kind = file_type(job.layout) if assumed.reading.input is InputKind.PROBS else "float64"
    if request.compat is None:
        how = Convention(request.clip, request.renormalize, file_type=kind)
    else:
        how = _followed(job, assumed, _library(request.compat), kind)
    return how._replace(denominator=request.denominator or how.denominator, base=request.base or how.base)


def convention_used(settled: Settled) -> ConventionUsed:
    """Return what another loss must agree in to be compared with this one."""
    request, class_weight, how = settled.request, settled.class_weight, settled.plan.convention
    names = settled.plan.classes.names
    columns = settled.layout.sequences
    by_name = {name: float(weight) for name, weight in zip(names, settled.weights, strict=True)}
    return ConventionUsed(
        base=how.base.value,
        clip=how.clip,
        renormalize=how.renormalize,
        denominator=how.denominator.value,
        average=request.average.value,
        class_weight=class_weight if class_weight is None or isinstance(class_weight, str) else by_name,
        sample_weight=request.sample_weight is not None,
        pos_weight=settled.plan.pos_weight,
        label_smoothing=request.label_smoothing,
        ignore_index=request.ignore_index,
        where=tuple(sorted(f"{column}={value}" for column, value in request.where)),
        compat=None if how.name == "exact" else how.name,
        per=None if columns is None else columns.per,
        input_base=None if columns is None else _BASES.get(columns.form),
        skip=request.skip,
    )


_BASES = {InputForm.LOGPROBS: "e", InputForm.NLL: "e", InputForm.LOG2PROBS: "2", InputForm.LOG10PROBS: "10"}


def compat_decisions(request: Request, how: Convention) -> list[Decision]:
    """Return the decision that names the convention in use, where one was asked for."""
    if request.compat is None:
        return []
    row = _library(request.compat)
    below = "the rows" if how.denominator is Denominator.COUNT else "the sum of weights"
    return [Decision("compat", row.name, How.GIVEN, f"{row.title}: {row.words}; here over {below}, in {how.base.unit}")]


def compat_notices(settled: Settled) -> list[Notice]:
    """Return what was asked for explicitly and is not what the library named does."""
    request, plan = settled.request, settled.plan
    if request.compat is None:
        return []
    row = _library(request.compat)
    theirs = row.convention(single=plan.single)
    below = row.denominator(single=plan.single, index=plan.targets is TargetKind.INDEX)
    said = []
    if request.clip is not None:
        said.append(f"--clip {request.clip:g}")
    if request.renormalize and not theirs.renormalizes and not plan.single:
        said.append("--renormalize")
    if request.denominator not in (None, below):
        said.append(f"--denominator {request.denominator}")
    if request.base not in (None, row.base):
        said.append(f"--base {request.base}")
    if not said:
        return []
    verb = "was" if len(said) == 1 else "were"
    text = (
        f"{' and '.join(said)} {verb} given beside --compat {row.name} and won: this is not the number of {row.title}"
    )
    return [Notice("compat_overridden", text)]


def _library(name: str) -> Library:
    """Return a library's row of the table; the table is imported only where it is asked for."""
    from celoss_cli.conventions.libraries import preset

    return preset(name)


def _followed(job: Job, assumed: Assumed, row: Library, kind: str) -> Convention:
    from celoss_cli.kernels.rules import Renormalize

    request, logits = job.request, assumed.reading.input is InputKind.LOGITS
    how = row.convention(single=job.single, file_type=kind)
    rule = how.rule
    if rule is not None and rule.exact_on_logits and logits:
        rule = None
    if rule is not None and request.clip is not None:
        rule = _clipped(rule, request.clip)
    if rule is not None and not job.single and request.renormalize and rule.renormalize is Renormalize.NO:
        rule = rule._replace(renormalize=Renormalize.BEFORE_LIMITS)
    if rule is not None and not rule.limits_losses:
        _check_defined(job, assumed, f"--compat {row.name}")
    return how._replace(
        clip=request.clip,
        renormalize=request.renormalize,
        denominator=row.denominator(single=job.single, index=assumed.targets is TargetKind.INDEX),
        rule=rule,
    )


def _clipped(rule: Rule, eps: float) -> Rule:
    """Return the rule with its own limits replaced by [eps, 1 − eps]."""
    from celoss_cli.kernels.rules import Complement

    complement = Complement.FIRST if rule.complement is Complement.NEVER else rule.complement
    return rule._replace(low=eps, high=1.0 - eps, type_eps=False, most=None, zero=None, complement=complement)


def _check_defined(job: Job, assumed: Assumed, who: str) -> None:
    request = job.request
    if assumed.targets is TargetKind.INDEX and not (request.label_smoothing or job.pos_weight or request.gradients):
        return
    what = {
        TargetKind.INDEX: "smoothing, --pos-weight or --gradients",
        TargetKind.SOFT: "soft labels",
        TargetKind.MULTILABEL: "several labels a row",
        TargetKind.TRUTH: "the truth's own score",
    }[assumed.targets]
    raise UsageError(
        f"{who}: the conventions of libraries are defined for one true class a row, not for {what}",
        code="compat_targets",
        hint="--clip, --renormalize, --denominator and --base say one by one what a library does",
    )
