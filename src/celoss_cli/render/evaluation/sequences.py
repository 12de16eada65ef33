"""What is said of the loss of sequences: its units, the tokens that were left out, the worst sequences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from celoss_cli.render import numbers
from celoss_cli.request import Base
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.results.sequences import WorstSequence

UNITS = ("token", "byte", "char", "word")

_SHOWN_TOKENS = 3

_LARGEST = 709.0  # above it, exp overflows


def title(evaluation: Evaluation) -> str:
    """Return what the framed number is called."""
    per = evaluation.loss.per
    return "mean cross-entropy" if per is None else f"mean cross-entropy {_per(per)}"


def _per(per: str) -> str:
    return f"per {per}" if per in (*UNITS, "sequence") else f"by {per}"


def error_by(evaluation: Evaluation) -> str:
    """Return what the standard error is by, where rows are sequences, and a word where they are few."""
    loss = evaluation.loss
    if loss.per is None:
        return ""
    clustered = evaluation.clusters is not None
    few = "" if clustered or loss.sequences is None or loss.sequences >= 30 else f" (only {loss.sequences})"
    return f" by {'cluster' if clustered else 'sequence'}{few}"


def over(evaluation: Evaluation) -> str:
    """Return what the sum is over: so many units of so many sequences."""
    loss, counts = evaluation.loss, evaluation.counts
    units, sequences = loss.units or 0.0, loss.sequences or 0
    amount = numbers.count(int(units)) if float(units).is_integer() else numbers.significant(units)
    if loss.per == "sequence":
        return f"{numbers.count(counts.scored)} sequences" if units == sequences else f"a total weight of {amount}"
    per = loss.per or ""
    words = f"{amount} {per}s" if per in UNITS else f"{amount} ({per})"
    return f"{words} of {numbers.count(sequences)} sequence{'' if sequences == 1 else 's'}"


def in_other_units(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the loss in bits per each unit that the file counts, and what would give the others."""
    bits = evaluation.loss.bits_per
    if bits is None:
        return ()
    known = [(unit, value) for unit in UNITS if (value := getattr(bits, unit)) is not None]
    said = [f"{numbers.significant(value, 4)} bits/{unit}" for unit, value in known]
    if bits.word is not None and math.isfinite(bits.word):
        said.append(f"perplexity per word {_power(bits.word)}")
    if bits.byte is None and evaluation.spec.columns.text is None:
        said.append("bits/byte: --text")
    return tuple(said)


def _power(bits: float) -> str:
    return numbers.significant(2.0**bits, 4) if bits < 1000 else "inf"


def perplexity(evaluation: Evaluation) -> str:
    """Return the perplexity with the ends of its interval: exp of the ends, for it is not symmetric."""
    loss = evaluation.loss
    text = f"perplexity {numbers.significant(loss.perplexity)}"
    if loss.ci95 is None:
        return text
    nats = next(base.nats for base in Base if base.unit == loss.unit)
    low, high = (math.exp(end * nats) if end * nats < _LARGEST else math.inf for end in loss.ci95)
    return f"{text} ({numbers.significant(low, 4)} to {numbers.significant(high, 4)})"


def fates_of_tokens(evaluation: Evaluation) -> str | None:
    """Return what became of the tokens, ``None`` where rows are no lists."""
    counts = evaluation.counts
    if counts.tokens is None or counts.masked is None:
        return None
    parts = [
        (counts.masked, "masked"),
        (counts.skipped, "skipped"),
        (counts.first_without_probability, "first without a probability"),
        (counts.without_probability, "dropped without a value"),
        (counts.infinite, "infinite"),
        (counts.clipped, "clipped"),
    ]
    said = [f"{numbers.count(count)} {word}" for count, word in parts if count]
    return ", ".join(said) or "all of them"


def one_by_one(evaluation: Evaluation) -> str | None:
    """Return what the sequences are by themselves."""
    found, loss = evaluation.sequences, evaluation.loss
    if found is None or loss.per in (None, "sequence"):
        return None
    parts = []
    if found.mean is not None:
        parts.append(f"mean of the sequences' own means {numbers.significant(found.mean)}")
    if found.median is not None:
        parts.append(f"median {numbers.significant(found.median)}")
    if found.tokens_per_byte is not None:
        parts.append(f"{numbers.significant(found.tokens_per_byte, 3)} tokens per byte")
    return ", ".join(parts) or None


def worst(evaluation: Evaluation, most: int) -> tuple[WorstSequence, ...]:
    """Return the sequences to show: those that cost something, the worst first."""
    found = () if evaluation.sequences is None else evaluation.sequences.worst
    return tuple(row for row in found if row.loss > 0.0)[:most]


def worst_tokens(row: WorstSequence) -> Iterator[tuple[str, str]]:
    """Yield the worst tokens of a sequence: what each is called, and its loss."""
    for token in row.tokens[:_SHOWN_TOKENS]:
        yield (f"#{token.position}" if token.token is None else token.token), numbers.significant(token.loss, 3)
