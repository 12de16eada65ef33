"""What the tokens of all sequences say of how they were read: agreed, or the error of the first that does not fit."""

from __future__ import annotations

from celoss_cli.errors import AmbiguousData, InvalidScores
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.request import InputForm, Request
from celoss_cli.state.partial import Partial


def judge_tokens(partial: Partial, layout: Layout, request: Request, at: Locator) -> None:
    """Raise InvalidScores or AmbiguousData where the values of the tokens contradict how they were read."""
    state, columns = partial.totals.sequences, layout.sequences
    if state is None or columns is None or not state.counts.tokens:
        return
    seen, form, given = state.evidence, columns.form, request.input is not None
    above = seen.above
    if above is None:
        if form is InputForm.LOGPROBS and not given and seen.low >= 0.0 and seen.high > 0.0:
            raise _open(seen.low, seen.high, at)
        return
    where = at.where(above.row, None)
    if form is InputForm.PROBS:
        hint = "--input logprobs, or nll, if these are no probabilities"
        what = f"{_token(above.column, columns.lists)}is {above.value:g}, which no probability is"
        raise InvalidScores(f"{what}{_more(above.count)}", code="truth_above_one", where=where, hint=hint)
    if form is not InputForm.NLL and not given and seen.low >= 0.0:
        if seen.high <= 1.0:
            raise _open(seen.low, seen.high, at)
        raise AmbiguousData(
            f"no value is negative, and they go up to {seen.high:g}: no log-probabilities, but −ln p maybe",
            code="truth_positive",
            where=at.where(None, None),
            hint="--input nll if it is −ln p; --input probs for probabilities",
        )
    sign = "below" if form is InputForm.NLL else "above"
    raise InvalidScores(
        f"{_token(above.column, columns.lists)}is {above.value:g}, {sign} 0: a probability above 1{_more(above.count)}",
        code="truth_above_one",
        where=where,
        hint="if it is −log p already: --input nll" if form is not InputForm.NLL else "--input logprobs if it is log p",
    )


def _open(low: float, high: float, at: Locator) -> AmbiguousData:
    return AmbiguousData(
        f"all values lie between {low:g} and {high:g}: probabilities, or −ln p",
        code="input_ambiguous",
        where=at.where(None, None),
        hint="say which: --input probs or --input nll",
    )


def _token(position: int | None, lists: bool) -> str:
    return f"token {position} " if lists and position is not None else "the value "


def _more(count: int) -> str:
    return f" ({count:,} tokens are)" if count > 1 else ""
