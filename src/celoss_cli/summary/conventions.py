"""Why two tools disagree: one row a convention from sums over the same rows, and which of them give a number."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

from celoss_cli.conventions.libraries import CONVENTIONS, Library
from celoss_cli.errors import UsageError
from celoss_cli.kernels.rules import FLOAT_TYPES, Renormalize, Rule
from celoss_cli.request import Average, Base, Denominator
from celoss_cli.results.explanation import ConventionResult, Expected, Reproduction
from celoss_cli.spelling import rows_in_words
from celoss_cli.state.by_convention import ByConvention, RuleState
from celoss_cli.state.loss import LossState

_DIGITS = {"float16": 3, "float32": 6, "float64": 15}
"""How many significant digits of a mean a library has that computes in the type."""

_ROUNDING = 1e-12  # relative: two means that differ by less are the same but for rounding


class ByRule(NamedTuple):
    """The rows under all conventions: the exact losses, and a state for each of ``rules`` in their order.

    ``class_weights`` (C,) weigh the classes; ``single`` if one column speaks of the positive class; ``file_type`` is
    the type of the array that a library would be given.
    """

    exact: LossState
    rules: tuple[Rule, ...]
    states: ByConvention
    class_weights: tuple[Fraction, ...]
    single: bool
    file_type: str

    def state(self, library: Library) -> RuleState | None:
        """Return what the library's rule made of the rows; ``None`` if it leaves them exact."""
        rule = library.rule(single=self.single)
        return self.states.rules[self.rules.index(rule)] if rule in self.rules else None

    def count(self, by_class: tuple[int, ...]) -> int:
        """Return how many rows there are in the classes that have a weight."""
        return sum(n for n, weight in zip(by_class, self.class_weights, strict=True) if weight)


class _Mean(NamedTuple):
    """The mean of one library in its unit and with its sign, and what else its sum could have been divided by."""

    value: float
    total: float
    by_weights: float
    by_count: float


def explain_conventions(
    by_rule: ByRule, expected: str | None = None
) -> tuple[tuple[ConventionResult, ...], Expected | None]:
    """Return a row for every convention defined for such data, and what gives the ``expected`` number, if one is asked.

    Raises UsageError where ``expected`` is no number.
    """
    number = None if expected is None else read_expected(expected)
    rows = [row for row in CONVENTIONS if row.rule(single=by_rule.single) is not None]
    means = [_mean(by_rule, row) for row in rows]
    exact = means[0].value
    results = tuple(
        ConventionResult(
            name=row.name,
            title=row.title,
            mean=mean.value,
            unit=row.base.unit,
            difference=_difference(mean.value, exact),
            cause=_cause(by_rule, row, mean, exact),
        )
        for row, mean in zip(rows, means, strict=True)
    )
    if expected is None or number is None:
        return results, None
    found = _expected(by_rule, rows, means, expected, number)
    direct = {match.name for match in found.matches if not match.how}
    return tuple(replace(result, matches_expected=result.name in direct) for result in results), found


def read_expected(text: str) -> Decimal:
    """Return the number that ``--expect`` gives. Raises UsageError for anything else."""
    try:
        number = Decimal(text.strip().replace("−", "-"))
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        raise UsageError(
            f"--expect {text!r} is not a number",
            code="expect_unreadable",
            hint="give it as the other tool prints it, such as 0.7889",
        )
    return number


def reproduces(value: float, number: Decimal, digits: int = 15) -> bool:
    """Return whether ``value`` is ``number`` to its last digit, or to ``digits`` significant ones if it has more.

    The number is another's mean rounded, so the two may be half a unit of that digit apart.
    """
    if not (math.isfinite(value) and number.is_finite()):
        return Decimal(value) == number
    written = number.as_tuple().exponent
    exponent = written if isinstance(written, int) else 0  # letters stand for inf and nan, dealt with above
    if number:
        exponent = max(exponent, number.adjusted() - digits + 1)
    return abs(Fraction(value) - Fraction(number)) <= Fraction(10) ** exponent / 2


def _mean(by_rule: ByRule, row: Library) -> _Mean:
    state = by_rule.state(row)
    exact = by_rule.exact
    loss = exact.loss if state is None else state.loss
    infinite = exact.infinite if state is None else state.infinite
    weights = by_rule.class_weights
    if by_rule.count(infinite):
        endless = row.sign * math.inf
        return _Mean(endless, endless, endless, endless)
    by_class = [exact.weight.fraction(c) for c in range(len(weights))]
    losses = [loss.fraction(c) for c in range(len(weights))]
    unit = row.sign / Fraction(row.base.nats)
    total = sum((w * part for w, part in zip(weights, losses, strict=True)), Fraction(0)) * unit
    weight = sum((w * s for w, s in zip(weights, by_class, strict=True)), Fraction(0))
    by_weights, by_count = _rounded(total / weight), _rounded(total / exact.scored)
    if row.average is Average.MACRO:
        of_classes = [part / s for part, s in zip(losses, by_class, strict=True) if s]
        value = _rounded(sum(of_classes, Fraction(0)) * unit / len(of_classes))
    else:
        value = by_weights if row.denominator(single=by_rule.single) is Denominator.WEIGHTS else by_count
    return _Mean(value, _rounded(total), by_weights, by_count)


def _rounded(value: Fraction) -> float:
    """Return a number rounded once: infinite where it is beyond all doubles."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _difference(mean: float, exact: float) -> float:
    return 0.0 if mean == exact else mean - exact


def _cause(by_rule: ByRule, row: Library, mean: _Mean, exact: float) -> str:
    """Return in words, with counts, what takes the library's number away from the exact one."""
    if row is CONVENTIONS[0]:
        zeros = by_rule.count(by_rule.exact.infinite)
        cost = f"; {rows_in_words(zeros)} at probability 0 {_verb(zeros, 'cost')} inf" if zeros else ""
        return f"nothing clipped, nothing renormalised{cost}"
    parts = [*_limits(by_rule, row), *_denominator(by_rule, row)]
    if row.average is Average.MACRO:
        classes = sum(1 for c in range(len(by_rule.class_weights)) if by_rule.exact.weight.fraction(c))
        parts.append(f"the mean of {classes} class means" if classes > 1 else "one class")
    if row.base is not Base.E:
        parts.append(f"log{row.base.value}")
    if row.sign < 0:
        parts.append("the negative")
    if parts:
        return "; ".join(parts)
    if mean.value == exact:
        return "the same"
    kind = _computed_in(by_rule, row)
    if abs(mean.value - exact) <= _ROUNDING * abs(exact) or kind == "float64":
        return "the same but for rounding"
    return f"the same but for rounding to {kind}"


def _limits(by_rule: ByRule, row: Library) -> list[str]:
    """Return what the rule changed, a part for each kind of change."""
    state, rule = by_rule.state(row), row.rule(single=by_rule.single)
    if state is None or rule is None:
        return []
    parts = []
    floor = _floor(rule, by_rule.file_type)
    zero, raised, lowered = (by_rule.count(count) for count in (state.zero, state.raised, state.lowered))
    if zero:
        costs = sorted({_cost(cost, row) for cost in (state.cheapest_zero, state.dearest_zero)}, key=float)
        parts.append(f"{rows_in_words(zero)} at probability 0 {_verb(zero, 'count')} as {' to '.join(costs)}: {floor}")
    if raised:
        low, _ = rule.limits(by_rule.file_type)
        most = rule.most if low is None else -math.log(low)
        near = f"{rows_in_words(raised)} near probability 0"
        limited = f"{near} {_verb(raised, 'count')} as {_cost(most or math.inf, row)}: {floor}"
        parts.append(f"{near} likewise" if zero else limited)
    _, high = rule.limits(by_rule.file_type)
    if high is not None and lowered and (1.0 - high > 1e-9):
        parts.append(f"{rows_in_words(lowered)} above 1 − {1.0 - high:.2g} {_verb(lowered, 'count')} as that")
    renormalised = by_rule.count(state.renormalised)
    if renormalised:
        parts.append(f"{rows_in_words(renormalised)} renormalised")
    endless = by_rule.count(state.infinite)
    if endless:
        divided = rule.renormalize is Renormalize.BEFORE_LIMITS
        why = "divided by a sum that is 0" if divided else "1 − p is 0"
        parts.append(f"{rows_in_words(endless)} {_verb(endless, 'cost')} inf: {why} in {_computed_in(by_rule, row)}")
    return parts


def _floor(rule: Rule, file_type: str) -> str:
    """Return what keeps the cost of a zero finite."""
    kind = rule.computed_in(file_type).name
    low, _ = rule.limits(file_type)
    if rule.zero is not None:
        return "a constant"
    if rule.most is not None:
        whole = rule.most.is_integer()  # said of logs, and not of probabilities
        return f"no log term below −{rule.most:g}" if whole else f"clipped to {math.exp(-rule.most):.2g} (float32)"
    if low is None:
        return f"rounded to {kind}"
    return f"clipped to {low:.2g} ({kind}{' eps' if rule.type_eps else ''})"


def _denominator(by_rule: ByRule, row: Library) -> list[str]:
    """Return the denominator in words, where it is the rows and they do not weigh 1 on the whole."""
    if row.denominator(single=by_rule.single) is Denominator.WEIGHTS:
        return []
    weight = sum((w * by_rule.exact.weight.fraction(c) for c, w in enumerate(by_rule.class_weights)), Fraction(0))
    if weight == by_rule.exact.scored:
        return []
    return [f"divided by the {rows_in_words(by_rule.exact.scored)} instead of the sum of weights {float(weight):.6g}"]


def _computed_in(by_rule: ByRule, row: Library) -> str:
    rule = row.rule(single=by_rule.single)
    return "float64" if rule is None else rule.computed_in(by_rule.file_type).name


def _expected(by_rule: ByRule, rows: list[Library], means: list[_Mean], text: str, number: Decimal) -> Expected:
    """Return what gives the number: the means as they are, else what can be made of them."""
    types = [min(_computed_in(by_rule, row), by_rule.file_type, row.usual_type, key=FLOAT_TYPES.index) for row in rows]
    digits = [_DIGITS["float64"], *(_DIGITS[kind] for kind in types[1:])]
    pairs = list(zip(rows, means, digits, strict=True))
    matches = [Reproduction(row.name, "", mean.value) for row, mean, n in pairs if reproduces(mean.value, number, n)]
    if not matches:
        matches = [
            Reproduction(row.name, how, value)
            for row, mean, n in pairs
            if row.sign > 0  # the others are the negative of one of these
            for how, value in _variants(row, mean)
            if reproduces(value, number, n)
        ]
    nearest = None
    if not matches:
        value = float(number)
        finite = [(abs(mean.value - value), place) for place, mean in enumerate(means) if math.isfinite(mean.value)]
        if finite and math.isfinite(value):
            place = min(finite)[1]
            nearest = Reproduction(rows[place].name, "", means[place].value)
    return Expected(text.strip(), float(number), tuple(matches), nearest)


def _variants(row: Library, mean: _Mean) -> list[tuple[str, float]]:
    """Return what else a tool may report of the same losses: other denominators, the sum, units, the negative."""
    if not math.isfinite(mean.value):
        return [("the negative", -mean.value)]
    forms = [("", mean.value)]
    forms += [
        (how, value)
        for how, value in (
            ("divided by the sum of weights", mean.by_weights),
            ("divided by the rows", mean.by_count),
            ("the sum", mean.total),
        )
        if row.average is Average.MICRO and value != mean.value
    ]
    units = [base for base in Base if base is not row.base]
    forms += [(f"in {base.unit}", mean.value * row.base.nats / base.nats) for base in units]
    return forms[1:] + [(f"{how}, the negative" if how else "the negative", -value) for how, value in forms]


def _cost(nats: float, row: Library) -> str:
    return f"{nats / row.base.nats:.4g}".replace("e+", "e")


def _verb(count: int, plural: str) -> str:
    return f"{plural}s" if count == 1 else plural
