"""What the reader should know about the loss of sequences: the warnings that go with it, in words."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import InputForm, InvalidRows, Per
from celoss_cli.results.document import Notice
from celoss_cli.spelling import in_order
from celoss_cli.state.id_sample import IdSample
from celoss_cli.state.sequences import SequenceState

_PADDED = 0.1  # of the lists that end in a run of one value: by chance hardly any do

_FEW_DECIMALS = 5


def sequence_notices(settled: Settled) -> tuple[Notice, ...]:
    """Return all warnings that apply, the gravest last. Raises AmbiguousData for sentinels under ``--strict``."""
    state, columns = settled.totals.sequences, settled.layout.sequences
    if state is None or columns is None:
        return ()
    makers = (
        *(_left_out, _single, _empty, _rounded, _noise, _uncounted, _left_in_text, _untold, _alone, _of_one),
        *(_first_zero, _padding, _repeated, _sentinels, _infinite),
    )
    return tuple(notice for make in makers for notice in make(settled, state, columns))


def _left_out(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    request, ignored = settled.request, settled.totals.ignored
    if ignored:
        reasons = [f"{column}={value}" for column, value in request.where]
        reasons += ["--invalid drop"] if request.invalid is InvalidRows.DROP else []
        text = f"{_many(ignored, 'row')} of {settled.totals.rows:,} left out ({', '.join(reasons)})"
        yield Notice("rows_ignored", text)
    if state.counts.dropped:
        tokens = _many(state.counts.dropped, "token")
        yield Notice("tokens_dropped", f"{tokens} without a value left out (--invalid drop), besides first ones")


def _single(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    if settled.totals.loss.units < 2:
        text = "one sequence was scored: tokens of one text are not independent, so there is no standard error"
        yield Notice("single_row", text)


def _empty(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    if state.counts.empty:
        yield Notice("empty_sequences", f"{_many(state.counts.empty, 'sequence')} without anything to count")


def _rounded(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    if columns.decimals is None or columns.decimals > _FEW_DECIMALS:
        return
    if columns.decimals < 0:
        text = "the values are float16 numbers: each is known to one part in 2,048"
    else:
        text = f"the values have {_many(columns.decimals, 'decimal')}: {_known(settled, columns, columns.decimals)}"
    yield Notice("rounded_scores", text)


def _known(settled: Settled, columns: SequenceColumns, decimals: int) -> str:
    """Return how exactly the mean is known from values with so many decimals."""
    half = 0.5 * 10.0**-decimals
    if columns.form is InputForm.PROBS:
        return f"a value of 0 stands for a probability below {half:g}, and small ones are known to a few digits"
    nats = half * abs(columns.form.nats)
    mean = nats / settled.plan.convention.base.nats
    return (
        f"the mean of them is known to ±{mean:.0e}, and a value of 0 stands for a probability from {1.0 - nats:.6g} up"
    )


def _noise(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    noise = state.evidence.noise
    if noise:
        tokens = f"{_many(noise, 'token')} {'has' if noise == 1 else 'have'}"
        yield Notice("rounded_probabilities", f"{tokens} a probability above 1, by rounding: taken as it stands")


def _uncounted(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    count = state.counts.uncounted
    if count:
        of_mean = columns.unit in ("byte", "char", "word")
        size = columns.unit if of_mean else "byte"
        what = "the mean" if of_mean else "what is said per byte, character or word"
        text = (
            f"{_many(count, 'first token')} cost nothing, and the {size}s of all the text are counted: {what} is a "
            "lower bound; a list of the tokens' texts beside the scores (--label) says how long they are"
        )
        yield Notice("lower_bound", text)


def _left_in_text(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    left = state.counts.masked + state.counts.skipped
    if left and columns.text is not None and columns.sizes is None and not columns.spells:
        text = (
            f"{_many(left, 'token')} left out, and bytes, characters and words are those of all of {columns.text!r}: "
            "what is said per byte, character or word is too low, unless that text leaves them out, too; --per COLUMN "
            "takes a count of what is scored, --label a list of the tokens' texts that make up the text"
        )
        yield Notice("lower_bound", text)


def _untold(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    count = state.counts.untold
    if count:
        have = "has" if count == 1 else "have"
        text = f"{_many(count, 'sequence')} {have} no text: nothing is said per byte, character or word"
        yield Notice("text_missing", text)


def _of_one(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    seen = state.evidence
    mine = columns.lists and columns.per == Per.TOKEN and settled.layout.tool is None
    if mine and seen.lists > 1 and seen.longest == 1:
        text = (
            "every list has one number, which counts as one token: if it is the sum of a sequence, --per sequence, or "
            "--per byte with the text"
        )
        yield Notice("lists_of_one", text)


def _alone(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:  # noqa: ARG001
    if columns.per == Per.TOKEN and not columns.lists and settled.request.cluster is None:
        text = (
            "each row is a token of its own, and the standard error takes them for independent, which tokens of one "
            "text are not: --cluster COLUMN names the text"
        )
        yield Notice("tokens_apart", text)


def _first_zero(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    seen = state.evidence
    skips = columns.skip or columns.skip_column is not None
    if columns.lists and seen.lists > 1 and seen.zero_first == seen.lists and seen.longest > 1 and not skips:
        change = _without_first(settled, state)
        text = (
            "every list begins with exactly 0: HELM and others write so for a first token that nothing predicts, and "
            f"count it{change}: --skip 1 leaves it out"
        )
        yield Notice("first_token_zero", text)


def _without_first(settled: Settled, state: SequenceState) -> str:
    rest = state.counts.tokens - state.evidence.lists
    if settled.sums.infinite or rest <= 0 or settled.layout.weight is not None:
        return ""
    mean = float(settled.sums.loss / rest) / settled.plan.convention.base.nats
    return f"; without it the mean per token is {mean:.6g}"


def _padding(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    seen = state.evidence
    if not columns.lists or settled.request.ignore_index is not None or seen.lists < 2:
        return
    if seen.shortest != seen.longest or not seen.runs:
        return
    value, count = max(seen.runs.items(), key=lambda pair: pair[1])
    if count > _PADDED * seen.lists:
        text = (
            f"all lists are {seen.longest} long, and {count:,} of {seen.lists:,} end in two or more values of exactly "
            f"{value:g}: padding, which counts as tokens here; leave it out by the mask: --label MASK --ignore-index 0"
        )
        yield Notice("padding", text)


def _repeated(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    ids, request = state.ids, settled.request
    count = ids.repeated
    if not count:
        return
    names = in_order(settled.layout.ids)
    looked = f"{ids.size:,} ids" if ids.whole else f"{ids.size:,} ids looked at"
    stand = "stands" if count == 1 else "stand"
    text = f"{count:,} of {looked} ({names}) {stand} in several rows, whose tokens count each time: {_examples(ids)}"
    cures = "windows that overlap: leave out all but one of these rows (--where)"
    if columns.lists:
        cures += ", or the tokens that a window before has scored (--skip COLUMN)"
    if request.strict and "repeated_ids" not in request.allow:
        raise AmbiguousData(
            f"--strict: {text}",
            code="repeated_ids",
            where=Where(settled.predictions.path),
            hint=f"{cures}; --allow repeated_ids if all are meant",
        )
    yield Notice("repeated_ids", f"{text}; {cures}")


def _examples(ids: IdSample) -> str:
    """Return the first ids that stand in several rows, with two of the rows of each."""
    return ", ".join(
        f"{' '.join(map(repr, one.values))} in rows {one.rows[0]:,} and {one.rows[1]:,}" for one in ids.examples(2)
    )


def _sentinels(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    found = state.evidence.sentinels
    if not found:
        return
    listed = ", ".join(f"{value:g} ({count:,})" for value, count in sorted(found.items()))
    text = (
        f'{_many(sum(found.values()), "token")} with a value that stands for "none" in some tools, and is read as it '
        f"stands: {listed}"
    )
    request = settled.request
    if request.strict and "sentinel" not in request.allow:
        raise AmbiguousData(
            f"--strict: {text}",
            code="sentinel",
            where=Where(settled.predictions.path, column=columns.truth),
            hint="write null for what has no probability, or -inf for probability 0; --allow sentinel if it is meant",
        )
    yield Notice("sentinel", text)


def _infinite(settled: Settled, state: SequenceState, columns: SequenceColumns) -> Iterator[Notice]:
    sums, nats = settled.sums, settled.plan.convention.base.nats
    count = state.counts.infinite
    if not count:
        return
    verb = "has" if count == 1 else "have"
    text = f"{_many(count, 'token')} {verb} probability 0: the loss is infinite, and so is the mean"
    rest = state.counts.tokens - count
    if columns.unit == "token" and rest and settled.layout.weight is None and columns.weight is None:
        text += f"; the mean of the {rest:,} others is {float(sums.loss / rest) / nats:.10g}"
    yield Notice("infinite_loss", text)


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
