"""Arrays of any library as NumPy arrays: torch, JAX, TensorFlow, CuPy, whatever has ``__array__`` or ``__dlpack__``."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import UsageError
from celoss_cli.kernels.bfloat16 import BFLOAT16, as_stored, widened
from celoss_cli.spec import Decision, How
from celoss_cli.tables.objects.foreign import converting

_CPU = 1  # the device type of DLPack

_TO_THE_HOST = ("cpu", "get", "copy_to_host")  # what torch, CuPy and numba call it


class HostArray(NamedTuple):
    """An array in this process's memory, and what had to be done for that."""

    values: npt.NDArray[Any]
    decisions: tuple[Decision, ...] = ()


def is_array(value: Any) -> bool:
    """Whether a value is an array of some library; scalars of NumPy and text are none."""
    kind = type(value)
    if isinstance(value, np.generic | str | bytes):
        return False
    return any(hasattr(kind, name) for name in ("__array__", "__dlpack__", "toarray"))


def as_numpy(value: Any, role: str, *, bfloat16: bool = False) -> HostArray:
    """Return an array of any library as NumPy would have it, in its own precision.

    Types that NumPy has not (bfloat16, float8) become float32, which holds them all; ``bfloat16`` stays as it is
    stored, ``kernels.bfloat16.BFLOAT16``, for who asks for that. Gradients are left behind, what lies on a device is
    copied from it, sparse arrays are filled. Raises UsageError where the library refuses.
    """
    with converting(value, role):
        found = _on_the_host(value)
        kept = as_stored(found.values) if bfloat16 else None
        return found._replace(values=_known_type(found.values) if kept is None else kept)


def _on_the_host(value: Any) -> HostArray:
    """Return an array in this process's memory, of any type."""
    if isinstance(value, np.ndarray):
        return HostArray(np.asarray(value))  # a numpy.matrix would stay one
    if _is_of(value, "torch"):
        return _of_torch(value)
    if callable(getattr(type(value), "toarray", None)):  # scipy.sparse
        value = value.toarray()
    return _of_protocols(value)


def as_one(values: list[Any] | tuple[Any, ...], role: str) -> npt.NDArray[Any]:
    """Return a list of arrays, one for each sample, as one array.

    Raises UsageError for arrays of two axes and more: they may be batches to be joined, or samples to be stacked.
    """
    arrays = [as_numpy(value, role).values for value in values]
    axes = max(array.ndim for array in arrays)
    if axes > 1:
        raise UsageError(
            f"{role} is a list of {len(arrays)} arrays of {axes} axes: batches, or samples of several places each",
            code="arrays_ambiguous",
            hint="numpy.concatenate(…) joins batches along the samples, numpy.stack(…) makes each array a sample",
        )
    with converting(values, role):
        return np.stack(arrays)


def _of_torch(tensor: Any) -> HostArray:
    """Return a tensor. Nothing of torch is imported: whoever has a tensor has torch."""
    made: tuple[Decision, ...] = ()
    tensor = tensor.detach()
    if tensor.device.type != "cpu":
        made = (_copied(tensor.device),)
        tensor = tensor.cpu()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    tensor = tensor.resolve_conj().resolve_neg()
    if str(tensor.dtype) == "torch.bfloat16" and sys.byteorder == "little":
        return HostArray(tensor.contiguous().view(sys.modules["torch"].int16).numpy().view(BFLOAT16), made)
    if tensor.dtype.is_floating_point and str(tensor.dtype) not in ("torch.float16", "torch.float32", "torch.float64"):
        tensor = tensor.float()
    return HostArray(tensor.numpy(), made)


def _of_protocols(value: Any) -> HostArray:
    place = getattr(value, "__dlpack_device__", None)
    device = _CPU if place is None else int(place()[0])
    if device != _CPU:
        copy = next((getattr(value, name) for name in _TO_THE_HOST if callable(getattr(value, name, None))), None)
        host = np.asarray(value if copy is None else copy())
        return HostArray(host, (_copied(getattr(value, "device", device)),))
    if not hasattr(type(value), "__array__") and hasattr(type(value), "__dlpack__"):
        return HostArray(np.from_dlpack(value))
    return HostArray(np.asarray(value))


def _copied(device: Any) -> Decision:
    return Decision("device", "cpu", How.DETECTED, f"copied to memory from {device}")


def _is_of(value: Any, library: str) -> bool:
    kinds = type(value).__mro__
    return any(kind.__name__ == "Tensor" and kind.__module__.partition(".")[0] == library for kind in kinds)


def _known_type(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array of a type that both NumPy and Arrow calculate with."""
    kind = array.dtype.kind
    if array.dtype == BFLOAT16:
        return widened(array)
    if array.dtype.type.__module__ == "ml_dtypes":
        return array.astype(np.float32)  # bfloat16 of another byte order, float8, int4
    if kind == "T":  # StringDType
        texts = [text if isinstance(text, str) else None for text in array.ravel()]
        return np.array(texts, dtype=object).reshape(array.shape)
    if array.dtype == np.longdouble:
        return array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
