"""The alarms of a look: cheap questions first, so that an ordinary file costs next to nothing."""

from __future__ import annotations

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import entropy
from celoss_cli.request import InputKind

_FEWEST_ROWS = 5


def alarms_of(look: Look) -> tuple[Alarm, ...]:
    """Return the alarms that go off, the gravest last. Of several readings that explain the same rows, the best one."""
    if look.size < _FEWEST_ROWS:
        return ()
    found: list[Alarm] = []
    losses = look.losses
    predicted = look.surprisals.argmin(axis=0)
    if not look.chosen.label and bool((predicted == look.codes).all()):
        from celoss_cli.alarms.predicted import label_is_predicted

        found += label_is_predicted(look)
    if not look.chosen.input and _other_units_possible(look):
        from celoss_cli.alarms.units import other_units

        found += other_units(look)
    if not look.chosen.scores and look.single and look.input is InputKind.PROBS and bool((look.scores >= 0.5).all()):
        from celoss_cli.alarms.confidence import maybe_confidence

        found += maybe_confidence(look)
    if look.chosen.perhaps_of_truth and look.single and look.input is InputKind.PROBS:
        from celoss_cli.alarms.truth import maybe_of_truth

        found += maybe_of_truth(look)
    if found and found[-1].code in _EXPLAIN_ALL:
        return tuple(found)
    if look.beaten and float(losses.mean()) > entropy(look.codes):
        found += (others := _whole_readings(look))
        if others:
            return tuple(found)
        if not look.chosen.vouched and look.input is InputKind.LOGITS:
            from celoss_cli.alarms.doubt import maybe_no_scores

            found += maybe_no_scores(look)
        if not look.chosen.vouched and look.single and look.input is InputKind.PROBS:
            from celoss_cli.alarms.narrow import maybe_logits

            found += maybe_logits(look)
    if not look.chosen.input and look.single and look.input is InputKind.LOGITS and _from_minus_one_to_one(look):
        from celoss_cli.alarms.narrow import maybe_bounded

        found += maybe_bounded(look)
    if look.named and not look.single:
        from celoss_cli.alarms.classes import some_classes_permuted

        found += some_classes_permuted(look)
    return tuple(found)


_EXPLAIN_ALL = frozenset({"logits_are_probabilities", "logits_are_shares", "log_base"})


def _other_units_possible(look: Look) -> bool:
    """Whether scores read as logits could be something else, by their range alone: only logits are taken unchecked."""
    if look.input is not InputKind.LOGITS:
        return False
    low, high = float(look.scores.min()), float(look.scores.max())
    return low >= 0.0 or (not look.single and high <= 0.0)


def _from_minus_one_to_one(look: Look) -> bool:
    low, high = look.span
    return low >= -1.0 and high <= 1.0


def _whole_readings(look: Look) -> list[Alarm]:
    """Return the best of the readings that change every row, where the present one is worse than knowing nothing.

    If that one is against what the user has chosen, the best of the others as well.
    """
    from celoss_cli.alarms.classes import classes_in_text_order, classes_permuted, labels_off_by_one
    from celoss_cli.alarms.label import other_label
    from celoss_cli.alarms.shift import labels_shifted
    from celoss_cli.alarms.units import probabilities_are_logits, scores_negated

    chosen, rivals = look.chosen, []
    if look.named:
        rivals += [labels_off_by_one(look), classes_in_text_order(look), classes_permuted(look)]
    if not chosen.pairing:
        rivals += [labels_shifted(look)]
    if not chosen.label:
        rivals += [other_label(look)]
    if not chosen.input:
        rivals += [probabilities_are_logits(look), scores_negated(look)]
    alarms = sorted((alarm for alarm in rivals if alarm is not None), key=lambda alarm: alarm.other)
    if not alarms or not alarms[0].against_choice:
        return alarms[:1]
    return [alarms[0], *[alarm for alarm in alarms if not alarm.against_choice][:1]]
