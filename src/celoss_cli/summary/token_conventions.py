"""The loss of the same sequences as other tools would report it: what each divides by, averages or leaves out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.request import InputForm
from celoss_cli.results.explanation import ConventionResult, Expected, Reproduction
from celoss_cli.state.sequences import UNITS, SequenceState
from celoss_cli.summary.conventions import read_expected, reproduces
from celoss_cli.summary.weighted_mean import Weighted


class TokenSums(NamedTuple):
    """What the conventions follow from."""

    state: SequenceState
    sums: Weighted
    columns: SequenceColumns

    @property
    def total(self) -> Fraction:
        """Σ w·D of the finite losses, in nats."""
        return self.state.means.fraction(3) if self.columns.macro else self.sums.loss

    def units(self, unit: str) -> Fraction:
        """Return how many there are of a unit, 0 where it is not known of all sequences."""
        if unit != "token" and self.state.counts.untold:
            return Fraction(0)
        return self.state.units.fraction(UNITS.index(unit))


class _Row(NamedTuple):
    name: str
    title: str
    mean: float
    unit: str
    cause: str


def explain_tokens(found: TokenSums, expected: str | None) -> tuple[tuple[ConventionResult, ...], Expected | None]:
    """Return a row for every convention, the exact one first, and what gives the ``expected`` number."""
    number = None if expected is None else read_expected(expected)
    rows = list(_rows(found))
    exact = rows[0].mean
    results = tuple(
        ConventionResult(
            name=row.name,
            title=row.title,
            mean=row.mean,
            unit=row.unit,
            difference=0.0 if row.mean == exact else row.mean - exact,
            cause=row.cause,
        )
        for row in rows
    )
    if expected is None or number is None:
        return results, None
    reproduced = _expected(rows, expected, number)
    direct = {match.name for match in reproduced.matches if not match.how}
    return tuple(replace(result, matches_expected=result.name in direct) for result in results), reproduced


def _rows(found: TokenSums) -> Iterator[_Row]:
    state, columns = found.state, found.columns
    counts, per = state.counts, columns.per
    endless = counts.infinite > 0
    total = found.total

    def over(units: Fraction | int, *, finite: bool = False) -> float:
        return math.inf if endless and not finite else float(total / units)

    weight, tokens = state.means.fraction(1), found.units("token")
    exact = math.inf if endless else float(found.sums.mean)
    yield _Row("exact", f"the mean per {per}", exact, "nats", "the total loss over all units")
    yield _Row("perplexity", f"perplexity per {per}", _exp(exact), "perplexity", "exp of the mean")
    if tokens and per != "token":
        yield _Row("per-token", "the mean per token", over(tokens), "nats", f"over {_count(tokens)} tokens")
    for unit in ("byte", "char", "word"):
        size = found.units(unit)
        if size and unit != per:
            yield _Row(f"per-{unit}", f"the mean per {unit}", over(size), "nats", f"over {_count(size)} {unit}s")
    pieces = found.units("piece")
    if pieces and pieces != found.units("word"):
        cause = f"over {_count(pieces)} words by re.split, which counts empty ones at the ends"
        yield _Row("lm-eval-word", "lm-eval, lighteval: per word", over(pieces), "nats", cause)
    yield _Row("total", "the sum", math.inf if endless else float(total), "nats", "not divided")
    if weight:
        yield from _over_sequences(found, weight, endless=endless)
    if columns.lists and tokens:
        yield from _other_tokens(found, tokens, endless=endless)
    if not endless:
        yield from _other_bases(exact, columns)


def _over_sequences(found: TokenSums, weight: Fraction, *, endless: bool) -> Iterator[_Row]:
    state = found.state
    own = math.inf if endless else float(state.means.fraction(0) / weight)
    mean = math.inf if endless else float(found.total / weight)
    title, cause = "the mean of the sequences' own means", "each sequence counts the same, whatever its length"
    yield _Row("per-seq", f"{title} (seq-mean-token-mean)", own, "nats", cause)
    yield _Row("inspect-per-seq", "Inspect: perplexity_per_seq", _exp(own), "perplexity", f"exp of {title}")
    powers = math.inf if endless else float(state.means.fraction(2) / weight)
    cause = "the arithmetic mean of the sequences' perplexities"
    yield _Row("hf-evaluate", "Hugging Face evaluate: mean_perplexity", powers, "perplexity", cause)
    yield _Row("per-sequence", "the mean per sequence", mean, "nats", f"over {_count(weight)} sequences")
    yield _Row("lm-eval", "lm-eval: perplexity", _exp(mean), "perplexity", "exp of the mean of the sequences' sums")


def _other_tokens(found: TokenSums, tokens: Fraction, *, endless: bool) -> Iterator[_Row]:
    counts, total = found.state.counts, found.total
    if counts.first and not endless:
        mean = float(total / (tokens + counts.first))
        yield _Row("helm", "HELM", mean, "nats", f"{counts.first:,} first tokens counted, at no cost")
    if tokens > counts.sequences and not endless:
        mean = float(total / (tokens - counts.sequences))
        cause = "the total, over the tokens without one end of sequence each"
        yield _Row("srilm-ppl1", "SRILM: ppl1", mean, "nats", cause)
    if counts.infinite:
        mean = float(total / (tokens - counts.infinite))
        cause = f"{counts.infinite:,} tokens of probability 0 left out"
        yield _Row("srilm", "SRILM, KenLM without OOV, fairseq", mean, "nats", cause)
    late, size = found.state.second_half.fraction(0), found.state.second_half.fraction(1)
    if size and size != tokens:
        cause = f"the second half of each list alone: {_count(size)} tokens"
        yield _Row("llama-perplexity", "llama-perplexity", float(late / size), "nats", cause)


def _other_bases(exact: float, columns: SequenceColumns) -> Iterator[_Row]:
    """Yield what the mean would be if the values had another base than they were read in."""
    if columns.form not in (InputForm.LOGPROBS, InputForm.LOG2PROBS, InputForm.LOG10PROBS):
        return
    for form in (InputForm.LOGPROBS, InputForm.LOG2PROBS, InputForm.LOG10PROBS):
        if form is not columns.form:
            mean = exact * form.nats / columns.form.nats
            yield _Row(f"as-{form.value}", f"--input {form.value}", mean, "nats", "the values in another base")


def _exp(mean: float) -> float:
    return math.exp(mean) if mean < 709.0 else math.inf


def _count(units: Fraction) -> str:
    return f"{int(units):,}" if units.denominator == 1 else f"{float(units):.6g}"


def _expected(rows: list[_Row], text: str, number: Decimal) -> Expected:
    matches = [Reproduction(row.name, "", row.mean) for row in rows if reproduces(row.mean, number)]
    if not matches:
        matches = [
            Reproduction(row.name, how, value)
            for row in rows
            for how, value in _variants(row)
            if reproduces(value, number)
        ]
    nearest = None
    finite = [row for row in rows if math.isfinite(row.mean)]
    if not matches and finite and number.is_finite():
        near = min(finite, key=lambda row: abs(row.mean - float(number)))
        nearest = Reproduction(near.name, "", near.mean)
    return Expected(text.strip(), float(number), tuple(matches), nearest)


def _variants(row: _Row) -> Iterator[tuple[str, float]]:
    """Yield what else a tool may report of a mean: a perplexity, another unit, the negative."""
    if row.unit != "nats":
        return
    yield "as a perplexity", _exp(row.mean)
    yield "in bits", row.mean / math.log(2.0)
    yield "in hartleys", row.mean / math.log(10.0)
    yield "the negative", -row.mean
    yield "in hartleys, the negative", -row.mean / math.log(10.0)
    yield "in bits, the negative", -row.mean / math.log(2.0)
