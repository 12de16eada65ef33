"""What is meant by the loss of a result, as another one has to mean it to be compared."""

from __future__ import annotations

from celoss_cli.tuples import NamedTuple


class ConventionUsed(NamedTuple):
    """What is meant by the loss: what must be the same where two losses are compared.

    Null and empty stand for what was not asked for.
    """

    base: str
    clip: float | None
    renormalize: bool
    denominator: str
    average: str

    class_weight: str | dict[str, float] | None
    """``balanced``, or the weight of each class by name."""

    sample_weight: bool
    """Whether rows were weighed."""

    pos_weight: tuple[float, ...]
    label_smoothing: float
    ignore_index: str | None

    where: tuple[str, ...]
    """Which rows were chosen."""

    compat: str | None

    per: str | None = None
    """The unit of sequences."""

    input_base: str | None = None
    """What the logarithms of sequences are: e, 2 or 10; null for probabilities, and where rows are no sequences."""

    skip: str | None = None
    """How many tokens are left out at the start of each list, or the column that says it."""
