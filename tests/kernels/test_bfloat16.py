"""bfloat16: what each of its values is, and that the core and NumPy make the same of all of them."""

from __future__ import annotations

import itertools
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.errors import CelossError
from celoss_cli.kernels.bfloat16 import BFLOAT16, widened
from celoss_cli.kernels.compiled import CORE, KERNELS
from celoss_cli.scoring import fused, tally

EVERY = np.arange(1 << 16, dtype=np.uint16).astype("<u2").view(BFLOAT16)

LEVELS = () if CORE is None else tuple(CORE.levels())


def value_of(bits: int) -> float:
    """Return what 1 + 8 + 7 bits say."""
    sign, exponent, fraction = -1.0 if bits >> 15 else 1.0, bits >> 7 & 0xFF, bits & 0x7F
    if exponent == 0xFF:
        return sign * math.inf if fraction == 0 else math.nan
    if exponent == 0:
        return sign * math.ldexp(fraction, -133)
    return sign * math.ldexp(128 + fraction, exponent - 134)


def test_each_value() -> None:
    found = widened(EVERY)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [value_of(bits) for bits in range(1 << 16)])
    assert np.signbit(found[1 << 15 :]).all()


def test_values_in_any_order_and_shape() -> None:
    values = EVERY[:600].reshape(20, 30)
    np.testing.assert_array_equal(widened(values[::2, ::-1]), widened(values)[::2, ::-1])


def finite(shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Return bfloat16 between two bounds: each of them, in no order, and some again."""
    values = widened(EVERY)
    with np.errstate(invalid="ignore"):
        those = EVERY[(values >= low) & (values <= high)]
    return np.random.default_rng(3).permutation(np.resize(those, math.prod(shape))).reshape(shape)


def document(scores: Any, labels: np.ndarray, **options: Any) -> dict[str, Any]:
    return {k: v for k, v in evaluate(scores, labels, **options).to_dict().items() if k != "inputs"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("kind", "shape", "low", "high"),
    [
        ("logits", (66_000,), -3.4e38, 3.4e38),
        ("probs", (33_000,), 1e-30, 1.0 - 2.0**-8),
        ("logprobs", (33_000,), -80.0, -1e-30),
        ("logits", (22_000, 3), -3.4e38, 3.4e38),
        ("logits", (8_000, 64), -30.0, 30.0),
        ("logits", (1_100, 65), -3.4e38, 3.4e38),
    ],
)
def test_the_core_reads_each_value(
    monkeypatch: pytest.MonkeyPatch, level: str, kind: str, shape: tuple[int, ...], low: float, high: float
) -> None:
    """As it is stored, at every level: to the bit what it makes of float32, and NumPy without it."""
    scores = finite(shape, low, high)
    labels = np.random.default_rng(4).integers(0, max(2, *shape[1:], 2), shape[0])
    options = {"input": kind}
    read: list[tuple[Any, int]] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(CORE, name)

        def add_rows(self, *given: Any) -> Any:
            done = CORE.add_rows(*given)
            read.append((given[8], done[0]))
            return done

    CORE.use(level)
    try:
        monkeypatch.setattr(fused, "CORE", Watched())
        found = document(scores, labels, **options)
        assert {letter for letter, _ in read} == {"E"}
        assert max(end for _, end in read) > 1000
        assert found == document(widened(scores), labels, **options)
        monkeypatch.setattr(tally, "fits", lambda _: False)
        assert found == document(scores, labels, **options)
    finally:
        CORE.use(KERNELS.level)


@pytest.mark.parametrize("odd", [0x7F80, 0x7FC0, 0xFF81])
def test_a_value_that_is_no_number_is_named(odd: int) -> None:
    scores = finite((9_000, 3), -9.0, 9.0)
    scores[7_777, 1] = np.array([odd], dtype="<u2").view(BFLOAT16)[0]
    with pytest.raises(CelossError, match=r"7,?777"):
        evaluate(scores, np.arange(9_000) % 3, input="logits")


def safetensors(path: Path, **tensors: np.ndarray) -> str:
    """Write a file of safetensors: each tensor behind the other, and what they are in front."""
    kinds = {"|V2": "BF16", "<f4": "F32", "<i8": "I64"}
    ends = list(itertools.accumulate((one.nbytes for one in tensors.values()), initial=0))
    header = {
        name: {"dtype": kinds[one.dtype.str], "shape": list(one.shape), "data_offsets": ends[place : place + 2]}
        for place, (name, one) in enumerate(tensors.items())
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(one.tobytes() for one in tensors.values()))
    return str(path)


def test_wherever_it_comes_from(tmp_path: Path) -> None:
    """Files and objects of bfloat16 give what the same numbers in float32 do, by one column of them and by many."""
    for scores, kind in ((finite((9_000, 5), -9.0, 9.0), "logits"), (finite((9_000,), 1e-3, 0.99), "probs")):
        labels = np.random.default_rng(5).integers(0, 5 if scores.ndim > 1 else 2, 9_000)
        wanted = document(widened(scores), labels, input=kind)
        np.save(tmp_path / "p.npy", scores)
        np.save(tmp_path / "y.npy", labels)
        assert document(str(tmp_path / "p.npy"), str(tmp_path / "y.npy"), input=kind)["loss"] == wanted["loss"]
        mapping = {"scores": scores, "labels": labels}
        assert evaluate(mapping, input=kind).to_dict()["loss"] == wanted["loss"]
        file = safetensors(tmp_path / "one.safetensors", **mapping)
        assert evaluate(file, input=kind).to_dict()["loss"] == wanted["loss"]
        weights = np.random.default_rng(6).exponential(size=9_000)
        weighted = [document(one, labels, input=kind, sample_weight=weights) for one in (scores, widened(scores))]
        assert weighted[0] == weighted[1]
        assert evaluate(scores, labels, input=kind, threads=3).to_dict()["worst"] == wanted["worst"]


def test_the_types_of_libraries_stay_as_they_are() -> None:
    from celoss_cli.tables.objects.arrays import as_numpy
    from celoss_cli.tables.objects.opening import open_object

    ml_dtypes = pytest.importorskip("ml_dtypes")
    scores = finite((50, 4), -9.0, 9.0)
    theirs = scores.view(ml_dtypes.bfloat16)
    assert as_numpy(theirs, "p", bfloat16=True).values.tobytes() == scores.tobytes()
    assert np.shares_memory(as_numpy(theirs, "p", bfloat16=True).values, scores)
    np.testing.assert_array_equal(as_numpy(theirs, "p").values, widened(scores))
    assert open_object(theirs, "p").head().stored("p").tobytes() == scores.tobytes()


def test_tensors_of_torch_stay_as_they_are() -> None:
    from celoss_cli.tables.objects.opening import open_object

    torch = pytest.importorskip("torch")
    tensor = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)).bfloat16()
    for one in (tensor, tensor[::2], tensor.T.contiguous().T, tensor.clone().requires_grad_()):
        stored = open_object(one, "p").head().stored("p")
        np.testing.assert_array_equal(widened(stored), one.detach().float().numpy())
