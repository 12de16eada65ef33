"""Rows with one true class, scored under every library's rule in the same pass."""

from __future__ import annotations

import numpy as np

from celoss_cli.conventions.libraries import rules_of
from celoss_cli.kernels.outcome import Floats
from celoss_cli.kernels.rules import Rule
from celoss_cli.request import InputKind
from celoss_cli.scoring.chunk import Chunk
from celoss_cli.scoring.kernel_choice import losses, losses_under, probabilities
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.by_convention import ByConvention, RuleAccumulator
from celoss_cli.state.loss import LossAccumulator, LossState


class ConventionRows:
    """Adds up chunks of rows: exactly, and under each of ``rules``. Class weights are applied when all is known."""

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._classes = classes
        self._exact = LossAccumulator(classes, by_class=True, moments=False, moments_by_class=False)
        self._rules = [(rule, RuleAccumulator(classes)) for rule in applied_rules(plan.input, single=plan.single)]

    def add(self, chunk: Chunk, logsum: Floats | None) -> None:
        """Score a chunk; ``logsum`` (n,) is log Σp where rows do not sum to 1: what the exact loss leaves as it is."""
        plan = self._plan
        codes = np.maximum(chunk.codes, 0)
        p = probabilities(plan.input, chunk.scores, chunk.axis)
        for rule, accumulator in self._rules:
            kind = plan.convention.file_type
            if rule.float32_sigmoid:
                ruled = losses_under(rule, plan.input, chunk.scores, chunk.axis, codes, kind)
            else:
                ruled = rule.row_losses(p, codes, kind)
            accumulator.add(ruled, codes, chunk.weights)
        if logsum is not None:
            self._exact.add_normalizer(logsum, codes, chunk.weights)
        loss = losses(plan.input, chunk.scores, chunk.axis, codes)
        counts = np.bincount(codes, minlength=self._classes)
        self._exact.add(loss, codes, counts, chunk.weights, 0, float(loss.max()))

    def loss(self) -> LossState:
        """Return the exact loss of all rows added."""
        return self._exact.finish()

    def calibration(self) -> None:
        """Return nothing: conventions differ in the loss alone."""

    def conventions(self) -> ByConvention:
        """Return the loss of all rows added under each of the rules."""
        return ByConvention(tuple(accumulator.finish() for _, accumulator in self._rules))


def applied_rules(kind: InputKind, *, single: bool) -> tuple[Rule, ...]:
    """Return the rules that scores of this kind are put through, each once: the order of ``ByConvention.rules``."""
    rules = rules_of(single=single)
    return tuple(rule for rule in rules if not (kind is InputKind.LOGITS and rule.exact_on_logits))
