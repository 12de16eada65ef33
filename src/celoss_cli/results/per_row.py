"""What each row came to, as arrays in memory."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Array = Any
"""A NumPy array: whoever only reads a result loads no NumPy."""


@dataclass(frozen=True, slots=True, eq=False)
class PerRow:
    """What each of the n rows of the predictions came to, in their order; in the unit of the loss.

    Rows that are left out (``where``, ``ignore_index``, ``invalid``) have NaN, and no label or prediction.
    """

    loss: Array
    """The unweighted loss, (n,)."""
    p_true: Array
    """The probability of the truth, (n,)."""
    label: Array
    """The name of the true class, (n,), empty where there is none; of several labels whether each holds, (n, L)."""
    predicted: Array
    """The name of the predicted class, (n,), likewise."""
    weight: Array = None
    """What each row counts, (n,), where there are weights."""
    weighted_loss: Array = None
    """Weight times loss, (n,), likewise."""
    gradients: Array = None
    """The gradient of the loss, in its unit, by each logit, (n, C), where ``gradients`` asks for it."""
    el2n: Array = None
    """The EL2N score, (n,), likewise."""

    def frame(self) -> pd.DataFrame:
        """Return the arrays of shape (n,) as a pandas DataFrame, one row a row."""
        import pandas as pd

        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return pd.DataFrame({name: array for name, array in arrays.items() if array is not None and array.ndim == 1})
