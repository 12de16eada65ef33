"""What each row came to, as arrays in memory."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PerRow:
    """What each of the n rows of the predictions came to, in their order; in the unit of the loss.

    Rows that are left out (``where``, ``ignore_index``, ``invalid``) have NaN, and no label or prediction.
    """

    loss: Floats
    """The unweighted loss, (n,)."""
    p_true: Floats
    """The probability of the truth, (n,)."""
    label: npt.NDArray[Any]
    """The name of the true class, (n,), empty where there is none; of several labels whether each holds, (n, L)."""
    predicted: npt.NDArray[Any]
    """The name of the predicted class, (n,), likewise."""
    weight: Floats | None = None
    """What each row counts, (n,), where there are weights."""
    weighted_loss: Floats | None = None
    """Weight times loss, (n,), likewise."""
    gradients: Floats | None = None
    """The gradient of the loss by each logit, (n, C), where ``gradients`` asks for it."""
    el2n: Floats | None = None
    """The EL2N score, (n,), likewise."""

    def frame(self) -> pd.DataFrame:
        """Return the arrays of shape (n,) as a pandas DataFrame, one row a row."""
        import pandas as pd

        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return pd.DataFrame({name: array for name, array in arrays.items() if array is not None and array.ndim == 1})
