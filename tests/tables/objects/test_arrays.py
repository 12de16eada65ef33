"""Arrays of other libraries are what NumPy makes of the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

from celoss_cli import UsageError, evaluate

Z = np.array([[2.0, -1.0, 0.5], [0.5, 1.5, -0.25], [-1.0, 0.25, 4.0]])  # exact in bfloat16, and in float8 (e5m2)
Y = np.array([0, 1, 1])
MEAN = float(np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(3), Y]))


class OnDevice:
    """What lies on a device, as CuPy has it: NumPy may not look at it."""

    device = "cuda:0"

    def __init__(self, values: Any) -> None:
        self._values = values

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def get(self) -> Any:
        return self._values


class Exchanged:
    """An array that has nothing but DLPack."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __dlpack__(self, **keywords: Any) -> Any:
        return self._values.__dlpack__(**keywords)

    def __dlpack_device__(self) -> Any:
        return self._values.__dlpack_device__()


class Refusing:
    """An array of a library that raises what it likes."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("not in\nthis graph")


@pytest.mark.parametrize("made", [OnDevice, Exchanged, scipy.sparse.csr_matrix, scipy.sparse.coo_array])
def test_arrays_by_what_they_can_do(made: Any) -> None:
    assert evaluate(made(Z), Y, input="logits").loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_a_copy_from_a_device_is_said() -> None:
    decisions = {one.what: one for one in evaluate(OnDevice(Z), Y).spec.decisions}
    assert decisions["device"].evidence == "copied to memory from cuda:0"


def test_what_a_library_raises_is_an_error_of_ours() -> None:
    with pytest.raises(UsageError, match="Refusing is not something celoss reads: not in this graph"):
        evaluate(Refusing(), Y)


@pytest.mark.parametrize("name", ["bfloat16", "float8_e5m2", "float8_e4m3fn"])
def test_types_that_numpy_has_not(name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert evaluate(Z.astype(getattr(ml_dtypes, name)), Y).loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_a_list_of_batches_is_asked_about() -> None:
    with pytest.raises(UsageError, match="a list of 2 arrays of 2 axes") as found:
        evaluate([Z, Z], [Y, Y])
    assert "numpy.concatenate" in str(found.value.hint)
    assert evaluate(list(Z), list(Y)).loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_labels_of_a_string_type() -> None:
    names = np.array(["a", "b", "b"], dtype=np.dtypes.StringDType())
    assert evaluate(Z, names, classes="a,b,c").loss.mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16", "float8_e5m2"])
def test_tensors_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    tensor, labels = torch.tensor(Z).to(getattr(torch, name)), torch.tensor(Y)
    assert evaluate(tensor, labels).loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_tensors_of_torch_that_numpy_refuses() -> None:
    torch = pytest.importorskip("torch")
    tensor, labels = torch.tensor(Z), torch.tensor(Y)
    graded = tensor.clone().requires_grad_()
    for one in (graded, graded * 1.0, torch.nn.Parameter(tensor), tensor.to_sparse(), list(graded), list(graded * 1.0)):
        assert evaluate(one, labels).loss.mean == pytest.approx(MEAN, rel=1e-14)
    with pytest.raises(UsageError, match="meta"):
        evaluate(torch.empty(3, 3, device="meta"), labels)


def test_tensors_of_many_axes() -> None:
    torch = pytest.importorskip("torch")
    scores = torch.randn(4, 3, 5, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    labels = torch.arange(40).reshape(4, 5, 2) % 3
    expected = torch.nn.functional.cross_entropy(scores.double(), labels).item()
    assert evaluate(scores, labels).loss.mean == pytest.approx(expected, rel=1e-12)
