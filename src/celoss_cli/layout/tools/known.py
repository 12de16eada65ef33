"""The label and the predictions where a known tool puts them, unless the user said; else by the general rules."""

from __future__ import annotations

from celoss_cli.layout.cells import shown
from celoss_cli.layout.label import find_label
from celoss_cli.layout.scores import find_scores
from celoss_cli.layout.tools.recognise import Recognised
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import Column, Table


def known_label(
    predictions: Table,
    labels: Table | None,
    request: Request,
    taken: set[str],
    decisions: list[Decision],
    known: Recognised | None,
) -> str:
    """Return the label column: where a known tool puts it, unless the user said or a second file has it."""
    if known is None or labels is not None or request.label or known.truth is None:
        own = set() if known is None or labels is not None else known.score_names
        classes = known.classes if known is not None and labels is None else ()
        return find_label(predictions, labels, request, taken | own, decisions, classes)
    evidence = f"where {known.tool.name} writes the truth"
    decisions.append(Decision("label", known.truth, How.DETECTED, evidence, "--label"))
    return known.truth


def known_scores(
    predictions: Table,
    request: Request,
    taken: set[str],
    decisions: list[Decision],
    labels: set[str],
    known: Recognised | None,
    *,
    beside: bool,
) -> tuple[Column, ...]:
    """Return the prediction columns: where a known tool puts them, unless the user said."""
    if known is None or request.pred or not known.families:
        return find_scores(predictions, request, taken, decisions, labels, beside=beside)
    best, *others = known.families
    evidence = f"where {known.tool.name} writes {'them' if best.of.kind is None else best.of.kind.noun}"
    if others:
        evidence += f"; preferred to {', '.join(family.said for family in others)}"
    same_kind = any(family.of.kind is best.of.kind for family in others)
    decisions.append(Decision("predictions", shown(best.columns), How.DETECTED, evidence, "--pred", same_kind))
    return best.columns
