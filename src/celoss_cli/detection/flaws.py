"""Rows that no reading could score: the error of the first of them."""

from __future__ import annotations

import numpy as np

from celoss_cli.errors import DataError, InvalidLabels, InvalidScores, InvalidWeights
from celoss_cli.layout.location import Locator
from celoss_cli.spelling import rows_in_words
from celoss_cli.state.evidence import Evidence, Flaw


def raise_first_flaw(seen: Evidence, at: Locator) -> None:
    """Raise for the first row, in file order, that no reading could score."""
    fatal = [(sighting.row, flaw) for flaw, sighting in seen.flaws.items() if flaw in _ERRORS]
    if not fatal:
        return
    _, flaw = min(fatal, key=lambda item: (item[0], item[1].value))
    sighting = seen.flaws[flaw]
    error, message, code, hint = _ERRORS[flaw]
    if flaw is Flaw.INFINITE and sighting.value == -np.inf:
        hint = "correct the row; --input logits if these are logits"
    also = f" ({rows_in_words(sighting.count)} so)" if sighting.count > 1 else ""
    side = at.labels if flaw is Flaw.MISSING_LABEL else at.weights if flaw is Flaw.BAD_WEIGHT else at
    raise error(
        message.format(value=sighting.value) + also,
        code=code,
        where=side.where(sighting.row, sighting.column),
        hint=hint,
    )


_ERRORS: dict[Flaw, tuple[type[DataError], str, str, str]] = {
    Flaw.NAN: (InvalidScores, "the score is NaN or empty", "nan_score", "--invalid drop leaves such rows out, counted"),
    Flaw.INFINITE: (
        InvalidScores,
        "the score is {value:g}; only logits and log-probabilities may be -inf, and none may be inf",
        "infinite_score",
        "inf is what an overflow leaves, as of float16 or of exp: write what it was before, as float32 or float64",
    ),
    Flaw.ZERO_ROW: (
        InvalidScores,
        "the probabilities of the row are all 0",
        "zero_row",
        "no class can have been predicted: check how the file was written",
    ),
    Flaw.RULED_OUT: (
        InvalidScores,
        "every class has the score -inf",
        "ruled_out_row",
        "no class can have been predicted: check how the file was written",
    ),
    Flaw.MISSING_LABEL: (
        InvalidLabels,
        "the label is missing",
        "missing_label",
        "--invalid drop leaves such rows out, counted",
    ),
    Flaw.BAD_WEIGHT: (
        InvalidWeights,
        "the sample weight is {value:g}; weights must be between 0 and 1e150",
        "bad_weight",
        "correct it, or name another column with --sample-weight",
    ),
}
