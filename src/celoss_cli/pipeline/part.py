"""A part of the rows scored for itself: what is left behind, and the reading it was gathered under."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np

from celoss_cli.detection.flaws import raise_first_flaw
from celoss_cli.errors import DataError, UsageError
from celoss_cli.kernels.outcome import Codes
from celoss_cli.labels.by_id import LabelsMet
from celoss_cli.labels.weights import Given, read_class_weights, read_pos_weight
from celoss_cli.layout.items.same_files import FEWEST_DIFFERENT
from celoss_cli.pipeline.expected import expecting
from celoss_cli.pipeline.following import following, told_by, with_plan
from celoss_cli.pipeline.job import Assumed, Job, Opener, Progress
from celoss_cli.pipeline.judgement import needs_weights, refuse_unknown, supported_by, unsettled
from celoss_cli.pipeline.matching import given_weights
from celoss_cli.pipeline.options import check_options
from celoss_cli.pipeline.other_labels import other_labels
from celoss_cli.pipeline.part_reading import PartReading, PinnedReading, reading_of, shards_of
from celoss_cli.pipeline.passes import PASSES, Hooks, scored_rows, watched, with_repeats
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.prepare import prepare
from celoss_cli.pipeline.sequences import assumed_of
from celoss_cli.request import Detail, Request, UnknownClass
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.loss import LossState
from celoss_cli.state.partial import Partial
from celoss_cli.state.sample import RUN, Sample
from celoss_cli.tables.unchanged import Watch


class Part(NamedTuple):
    """The place of some rows among all: parts ``first`` to ``last`` of ``of``, counted from 1."""

    first: int
    last: int
    of: int

    def __str__(self) -> str:
        return f"{self.first}/{self.of}" if self.first == self.last else f"{self.first}-{self.last}/{self.of}"


def part_of(text: str | None) -> Part | None:
    """Return the place that ``K/N`` names. Raises UsageError."""
    if text is None:
        return None
    number, slash, of = text.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and len(text) < 20 and 1 <= int(number) <= int(of):
        return Part(int(number), int(number), int(of))
    raise UsageError(
        f"--part {text!r} is no place among the parts", code="part_form", hint="from 1/N to N/N: --part 3/8"
    )


class State(NamedTuple):
    """What a part leaves behind. A value; see ``merged`` in ``states``."""

    request: Request
    """What the user said. The inputs are their paths, the weights are read."""
    reading: PartReading
    """What the rows were taken for."""
    part: Part | None
    """Which part it is, where that was said."""
    partial: Partial
    """What the rows left behind."""
    expected: LossState | None
    """Where no error was seen: the loss that a calibrated model would expect."""
    others: Mapping[str, Codes]
    """The codes of other columns that name classes, in the first rows; alarms look at them."""
    met: tuple[LabelsMet, ...]
    """The rows of label files that paired by id."""
    prints: tuple[str, ...]
    """A fingerprint of each part."""
    digests: tuple[str, ...]
    """What names the rows of each part and their scores, in whatever file; "" where several parts may be so alike."""


def score_part(
    request: Request, open_input: Opener, progress: Progress, pinned: PinnedReading | None, part: Part | None
) -> State:
    """Score some of the rows and return what they leave behind.

    With a plan, ``pinned``, they are read as it says; without one as ``evaluate`` would read them alone.

    Raises
    ------
    CelossError
        As ``evaluate``; AmbiguousData where the rows do not follow the plan.
    """
    request = request._replace(detail=Detail.FULL, digest=True)
    plan = None if pinned is None else pinned.reading
    if pinned is not None:
        request = with_plan(request, pinned)
    check_options(request)
    _check_splittable(request)
    class_weight, watch = read_class_weights(request.class_weight), Watch()
    opener = watched(open_input, watch)
    try:
        if plan is None:
            job, assumed = prepare(request, opener, class_weight, of_part=True)
        else:
            job = following(plan, request, opener, class_weight)
            assumed = _assumed(job, plan)
        job, assumed, partial = _settled(job, assumed, progress, plan)
        expected = None
        if (expects := expecting(job, assumed, partial)) is not None:
            with ExitStack() as stack:
                expected = scored_rows(job, assumed, expects, stack, Hooks(progress)).totals.loss
        watch.check()
    except DataError:
        watch.check()
        raise
    return _state(job, assumed, partial, expected, plan, part)


def _assumed(job: Job, plan: PartReading) -> Assumed:
    """Return what a pass over a part takes for granted."""
    if job.layout.sequences is not None:
        return assumed_of(job, job.layout.sequences)
    return Assumed(plan.reading, plan.targets, plan.match, given_weights(job, plan.match))


def _check_splittable(request: Request) -> None:
    """Refuse what a part cannot leave behind."""
    refused = {
        "--per-sample": request.per_sample is not None,
        "--calibration": request.calibration is not None,
        "standard input": "-" in [path for path in (request.predictions, request.labels) if isinstance(path, str)],
    }
    for what, given in refused.items():
        if given:
            raise UsageError(
                f"{what} does not go with a state", code="state_option", hint="celoss eval has it, for all rows at once"
            )


def _settled(job: Job, assumed: Assumed, progress: Progress, plan: PartReading | None) -> tuple[Job, Assumed, Partial]:
    """Score the rows in as many passes as it takes; under a plan in one."""
    for _ in range(PASSES):
        check_weights(job, assumed)
        with ExitStack() as stack:
            scored = _numbered(plan_of(job, assumed), job, plan)
            partial = scored_rows(job, assumed, scored, stack, Hooks(progress))
        if plan is not None:
            _refuse_bad_rows(job, assumed, partial)
            return job, assumed, partial
        supported = supported_by(job, assumed, partial)
        if supported == assumed:
            return with_repeats(job, scored, partial) if scored.layout.watched else job, supported, partial
        assumed = supported
    raise unsettled(job)


def check_weights(job: Job, assumed: Assumed) -> None:
    """Refuse class weights that the rows need and that one part does not tell. Raises UsageError."""
    if assumed.class_weights is None and needs_weights(job, assumed):
        raise UsageError(
            "these rows need class weights that only all parts together tell",
            code="state_weights",
            hint="give them as numbers: --class-weight A=1,B=2; balanced and --average macro go with one true class a "
            "row, without --slice",
        )


def _numbered(scored: Plan, job: Job, plan: PartReading | None) -> Plan:
    """Return the plan with how many rows come before these, where the plan of all parts tells."""
    files = () if plan is None else plan.predictions.files
    mine = [shard.path for shard in shards_of(job.predictions)]
    paths = [file.path for file in files]
    if len(mine) > len(paths) or mine[0] not in paths or paths.count(mine[0]) > 1:
        return scored
    at = paths.index(mine[0])
    if paths[at : at + len(mine)] != mine or any(file.rows < 0 for file in files[:at]):
        return scored
    return scored._replace(before=sum(file.rows for file in files[:at]))


def _refuse_bad_rows(job: Job, assumed: Assumed, partial: Partial) -> None:
    """Raise for the first row that no reading could score, or whose label names no class of the plan."""
    raise_first_flaw(partial.evidence, job.at)
    if partial.evidence.labels and job.request.unknown_class is not UnknownClass.DROP:
        refuse_unknown(job, assumed.match, partial.evidence, job.first_labels)


def _state(
    job: Job,
    assumed: Assumed,
    partial: Partial,
    expected: LossState | None,
    plan: PartReading | None,
    part: Part | None,
) -> State:
    request, reading = job.request, reading_of(job, assumed, partial)
    if plan is not None:
        reading = told_by(plan, reading)
    request = kept_request(request, reading, job.class_weight)
    scored = plan_of(job._replace(layout=job.layout._replace(watched=())), assumed)
    before = _numbered(scored, job, plan).before
    digest = _print_of(partial, reading)
    known = plan is not None and (before > 0 or reading.predictions.files[0].path == plan.predictions.files[0].path)
    partial = _without_places(partial, None if known else digest)
    pairs = None if job.side is None else job.side.pairs
    met = () if pairs is None or pairs.met is None else (pairs.met,)
    return State(
        request=request,
        reading=reading,
        part=part,
        partial=partial,
        expected=expected,
        others=other_labels(job, scored, fewest=1),
        met=met,
        prints=(f"{digest:016x}",),
        digests=(_digest_of(partial),),
    )


def kept_request(request: Request, reading: PartReading, class_weight: Given | str | None) -> Request:
    """Return what a state keeps of a request."""
    return request._replace(
        predictions=reading.predictions.path,
        labels=None if reading.labels is None else reading.labels.path,
        threads=None,
        digest=False,
        tag=(),
        class_weight=class_weight,
        pos_weight=read_pos_weight(request.pos_weight) or None,
    )


def _print_of(partial: Partial, reading: PartReading) -> int:
    """Return a number that no other rows under another name have."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(repr([file.path for file in reading.predictions.files]).encode())
    digest.update(repr(partial.totals.loss).encode())
    for sample in (partial.evidence.sample, partial.evidence.first):
        digest.update(np.ascontiguousarray(sample.scores).tobytes())
        digest.update(sample.codes.astype("<i8").tobytes())
    return int.from_bytes(digest.digest(), "little")


def _digest_of(partial: Partial) -> str:
    """Return what only the same rows with the same scores have, wherever they stand; "" of few different scores."""
    sequences = partial.totals.sequences
    some = partial.evidence.sample.scores if sequences is None else sequences.losses
    few = some is not None and np.unique(some, axis=-1).shape[-1] < FEWEST_DIFFERENT
    if partial.digest is None or few:
        return ""
    text = f"{partial.digest.text} {partial.totals.loss!r}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _without_places(partial: Partial, salt: int | None) -> Partial:
    """Return the partial with its sample chosen so that those of many parts can be put together, in any order.

    Rows are chosen by a hash of their number. Where the number in the whole is not known, parts would all have chosen
    the same numbers; ``salt`` makes their hashes differ.
    """
    evidence = partial.evidence
    sample = evidence.sample
    if salt is not None and sample.size:
        runs = (sample.keys & np.uint64(2**64 - RUN)) ^ np.uint64(salt & (2**64 - RUN))
        runs *= np.uint64(0x9E3779B97F4A7C15)
        runs ^= runs >> np.uint64(29)
        keys = (runs & np.uint64(2**64 - RUN)) | (sample.keys & np.uint64(RUN - 1))
        order = np.argsort(keys, kind="stable")
        sample = Sample(sample.scores[:, order], sample.codes[order], sample.rows[order], keys[order], sample.most)
    return partial._replace(evidence=evidence._replace(sample=sample, first=_by_row(evidence.first)), repeats=())


def _by_row(first: Sample) -> Sample:
    """Return the first rows with the number of each as its key."""
    if not first.size:
        return first
    return Sample(first.scores, first.codes, first.rows, first.rows.astype(np.uint64), first.most)
