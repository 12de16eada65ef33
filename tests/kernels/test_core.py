"""What the compiled core refuses to read or to write, and what becomes of it where it does not work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli import kernels
from celoss_cli.kernels import compiled, elementary, functions
from celoss_cli.kernels.compiled import CORE, KERNELS, as_buffer
from celoss_cli.state.exact_sum import CORE_CHUNKS, CORE_LIMBS

needs_a_core = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")


def one_byte_off(array: np.ndarray) -> np.ndarray:
    """Return the same array where no number of its type should begin."""
    return np.frombuffer(bytearray(b"\0" + array.tobytes()), dtype=array.dtype, offset=1)


X = np.linspace(0.1, 9.0, 100)


def test_arrays_that_are_not_aligned_are_copied() -> None:
    off = one_byte_off(X)
    assert not off.flags.aligned
    assert as_buffer(off).flags.aligned
    assert as_buffer(off).tolist() == X.tolist()
    assert as_buffer(X) is X
    assert functions.log(off).tolist() == functions.log(X).tolist()
    room = np.zeros(8 * X.size + 1, dtype=np.uint8)[1:].view(np.float64)
    assert functions.log(X, out=room).tolist() == functions.log(X).tolist()
    assert room.tolist() == functions.log(X).tolist()


@needs_a_core
def test_the_core_reads_aligned_arrays_alone() -> None:
    limbs, chunks = np.zeros(len(CORE_LIMBS), dtype=np.int64), np.zeros(CORE_CHUNKS, dtype=np.int64)
    off = one_byte_off(X)
    calls: list[Any] = [
        lambda: CORE.log(off, np.empty_like(X)),
        lambda: CORE.sum_classes(off, 4, 25, False, np.empty(25)),
        lambda: CORE.moments(off, X.copy(), 4, 25, False, np.empty((3, 25))),
        lambda: CORE.softmax(off, 4, 25, np.empty(25), *np.empty((3, 100))[:2], np.empty(25), X, np.empty(25)),
        lambda: CORE.curve(X, one_byte_off(X[:25]), 1.0, 4, 25, np.zeros(15, dtype=np.int64)),
        lambda: CORE.fixed(X, X[:25], one_byte_off(X[:25]), 1.0, 4, 25, np.zeros(12, dtype=np.int64)),
        lambda: CORE.add_values(off, None, limbs, chunks),
        lambda: CORE.add_values(X, one_byte_off(np.zeros(100, dtype=np.int64)), limbs, chunks),
        lambda: CORE.add_squares(off, chunks),
        lambda: CORE.add_classes(off, np.zeros(50, np.int64), False, np.zeros((3, 2), np.int64), np.zeros(2, np.int64)),
        lambda: CORE.count_scores(off, np.zeros(100, np.int64), 1.0, 2.0, *np.zeros((2, 4, 2), np.int64)),
        lambda: CORE.rows_below(0, 7, 2**64 - 1, 9, one_byte_off(np.zeros(9, np.int64)), np.zeros(9, np.uint64)),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="aligned"):
            call()
    assert not limbs.any()
    assert not chunks.any()


@needs_a_core
@pytest.mark.parametrize("level", () if CORE is None else CORE.levels())
@pytest.mark.parametrize(
    ("name", "odd"),
    [("codes", [0, 1, 2, 0]), ("codes", [0, -1, 2, 0]), ("codes", [0, 1, 1]), ("p", np.full((3, 3), 0.5)),
     ("best", [0, 3, 0, 0]), ("counts", [0, 0, 0, 0]), ("pairs", [0] * 8), ("quanta", [0]), ("flagged", [0] * 3)],
)  # fmt: skip
def test_what_a_diagnosis_adds_up_is_looked_at_first(level: str, name: str, odd: Any) -> None:
    """A class that is none would be counted beyond the end of an array."""
    given = {"p": np.full((2, 4), 0.5), "codes": [0, 1, 1, 0], "best": [0, 1, 1, 0], "counts": [0, 0]}
    if name in ("best", "pairs", "quanta", "flagged"):  # these are of three classes: of two, nobody asks for the best
        given = {"p": np.full((3, 4), 0.3), "codes": [0, 1, 2, 0], "best": [0, 1, 2, 0], "counts": [0, 0, 0]}
    given |= {name: odd}
    p, (codes, best, counts) = given["p"], (np.array(given[key], np.int64) for key in ("codes", "best", "counts"))
    classes = counts.size
    pairs, quanta = np.array(given.get("pairs", [0] * classes**2)), np.array(given.get("quanta", [0, 0]))
    flags, sums = np.array(given.get("flagged", [0] * 4), np.uint8), np.zeros((3, classes), np.int64)
    CORE.use(level)
    try:
        with pytest.raises(ValueError, match="wrong number of bytes"):
            CORE.contradictions(
                p, best, codes, np.full(classes, 0.4), 1e-6, np.zeros(4, np.int64), flags, pairs, quanta
            )
        if name in ("p", "codes", "counts"):
            with pytest.raises(ValueError, match="wrong number of bytes"):
                CORE.add_classes(p, codes, False, sums, counts)
        assert not CORE.count_scores(np.array([0.5, 1.0]), np.array([0, 1]), 1.0, 2.0, *np.zeros((2, 4, 2), np.int64))
        assert not CORE.count_scores(np.array([0.5, 0.0]), np.array([0, 2]), 1.0, 2.0, *np.zeros((2, 4, 2), np.int64))
    finally:
        CORE.use(compiled.KERNELS.level)
    assert not any(array.any() for array in (pairs, quanta, sums, counts))


@needs_a_core
@pytest.mark.parametrize("level", () if CORE is None else CORE.levels())
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e300, -(2.0**501)])
def test_what_has_no_place_in_an_exact_sum_is_refused(level: str, value: float) -> None:
    """The square of 1e300 would go beyond the end of the array."""
    around = np.zeros(3 * CORE_CHUNKS, dtype=np.int64)
    chunks = around[CORE_CHUNKS : 2 * CORE_CHUNKS]
    CORE.use(level)
    try:
        with pytest.raises(ValueError, match="too large"):
            CORE.add_squares(np.array([value]), chunks)
        if not np.isfinite(value):
            with pytest.raises(ValueError, match="too large"):
                CORE.add_values(np.array([value]), None, np.zeros(len(CORE_LIMBS), dtype=np.int64), chunks)
        assert not around.any()
        CORE.add_squares(np.array([2.0**500]), chunks)
    finally:
        CORE.use(compiled.KERNELS.level)
    assert sum(chunk << 32 * i for i, chunk in enumerate(chunks.tolist())) == 1 << 1000 + 1074
    assert not around[2 * CORE_CHUNKS :].any()


@pytest.mark.parametrize("classes", [2, 64, 65, 200])
def test_sums_beyond_the_largest_number_are_infinite_without_a_warning(classes: int) -> None:
    assert elementary.sum_over_classes(np.full((classes, 3), 1.7e308), 0).tolist() == [np.inf] * 3
    assert functions.sum_over_classes(np.full((classes, 3), 1.7e308), 0).tolist() == [np.inf] * 3


class Core:
    """A core that does what NumPy does."""

    VERSION = compiled._VERSION

    def levels(self) -> list[str]:
        return ["plain"]

    def use(self, level: str) -> None:
        assert level == "plain"

    def check(self) -> int:
        return compiled._CHECK

    def log(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = elementary.log(x)

    def exp(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = elementary.exp(x)

    def log1p(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = elementary.log1p(x)

    def softplus(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = elementary.softplus(x)

    def log1mexp(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = elementary.log1mexp(x)


class OffInTheLastBit(Core):
    def log(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = np.nextafter(elementary.log(x), 0.0)


class OffInThePasses(Core):
    def check(self) -> int:
        return compiled._CHECK ^ 1


class Stale(Core):
    VERSION = compiled._VERSION - 1


class OfNoVersion(Core):
    VERSION = None  # type: ignore[assignment]


def found(monkeypatch: pytest.MonkeyPatch, core: Core, wanted: str) -> compiled.Kernels:
    monkeypatch.setitem(sys.modules, "celoss_cli.kernels.core", core)  # type: ignore[arg-type]
    monkeypatch.setattr(kernels, "core", core, raising=False)
    monkeypatch.setenv("CELOSS_KERNELS", wanted)
    return compiled._found()


@pytest.mark.parametrize("wanted", ["", "plain"])
@pytest.mark.parametrize(
    ("core", "problem"),
    [
        (OffInTheLastBit(), "other bits"),
        (OffInThePasses(), "other bits"),
        (Stale(), "another version"),
        (OfNoVersion(), "another version"),
    ],
)
def test_a_core_that_gives_other_bits_or_may_is_not_used(
    monkeypatch: pytest.MonkeyPatch, core: Core, problem: str, wanted: str
) -> None:
    """Silently by default, as it would be without a compiler; but who asked for it is told."""
    kernel = found(monkeypatch, core, wanted)
    assert kernel.core is None
    assert str(kernel) == "numpy"
    assert (problem in kernel.problem) == bool(kernel.problem) == bool(wanted)


def test_a_core_that_gives_the_same_bits_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    core = Core()
    assert found(monkeypatch, core, "") == (core, "plain", "")


@needs_a_core
def test_the_passes_of_every_level_make_the_same_of_the_fixed_rows() -> None:
    try:
        for level in CORE.levels():
            CORE.use(level)
            assert CORE.check() == compiled._CHECK, level
    finally:
        CORE.use(compiled.KERNELS.level)


def test_the_version_is_that_of_the_sources() -> None:
    header = Path(compiled.__file__).with_name("c") / "core.h"
    if not header.exists():
        pytest.skip("the sources are not installed")
    assert f"CORE_VERSION = {compiled._VERSION} " in header.read_text(encoding="utf-8")


@needs_a_core
@pytest.mark.parametrize("level", () if CORE is None else CORE.levels())
@pytest.mark.parametrize(("classes", "rows"), [(1, 3), (2, 513), (10, 1000), (64, 70)])
def test_moments_are_the_same_bits_at_every_level(level: str, classes: int, rows: int) -> None:
    rng = np.random.default_rng(classes)
    x = rng.normal(size=(classes, rows)) * 10.0
    weights = np.exp(rng.normal(size=(classes, rows)) * 5.0)
    CORE.use(level)
    try:
        for square in (False, True):
            mine, theirs = weights.copy(), weights.copy()
            sums = np.empty((3, rows))
            CORE.moments(x, mine, classes, rows, square, sums)
            assert np.array_equal(sums, elementary.moments_over_classes(x, theirs, square=square))
            assert np.array_equal(mine, theirs)
    finally:
        CORE.use(compiled.KERNELS.level)


def test_moments_of_many_classes_and_of_turned_weights() -> None:
    rng = np.random.default_rng(1)
    for classes in (5, 100):
        x, weights = rng.normal(size=(classes, 40)), rng.random((40, classes)).T
        wanted = weights.copy()
        found = functions.moments_over_classes(x, weights, square=True)
        assert found == pytest.approx(np.stack([(wanted * x**k).sum(axis=0) for k in range(3)]), rel=1e-12)
        assert np.array_equal(weights, wanted**2)


def in_softmax(x: np.ndarray, **odd: np.ndarray) -> None:
    classes, rows = x.shape
    room = {"best": np.empty(rows), "below": np.empty(x.size), "powers": np.empty(x.size), "total": np.empty(rows)}
    room |= {"p": np.empty(x.size), "predicted": np.empty(rows, dtype=np.int64)} | odd
    CORE.softmax(x, classes, rows, *room.values())


@needs_a_core
def test_rows_at_other_temperatures_are_looked_at_first() -> None:
    x, few = np.zeros((3, 40)), np.zeros(39)
    quanta, parts = np.zeros(15, dtype=np.int64), np.zeros(12, dtype=np.int64)
    in_softmax(x)
    for name in ("best", "below", "powers", "total", "p", "predicted"):
        with pytest.raises(ValueError, match="aligned"):
            in_softmax(x, **{name: few})
    calls: list[Any] = [
        lambda: CORE.curve(x, few, 0.25, 3, 40, quanta),
        lambda: CORE.curve(few, np.zeros(40), 0.25, 3, 40, quanta),
        lambda: CORE.curve(x, np.zeros(40), 0.25, 3, 40, parts),
        lambda: CORE.curve(x, np.zeros(40), 0.25, -3, -40, quanta),
        lambda: CORE.curve(np.zeros((65, 2)), np.zeros(2), 0.25, 65, 2, quanta),
        lambda: CORE.fixed(x, np.zeros(40), few, 1.0, 3, 40, parts),
        lambda: CORE.fixed(x, np.zeros(40), np.zeros(40), 1.0, 3, 40, quanta),
        lambda: CORE.fixed(x, np.zeros(40), np.zeros(40), 1.0, 2**62, 40, parts),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"aligned|too many"):
            call()
    with pytest.raises(BufferError):
        CORE.curve(x, np.zeros(40), 0.25, 3, 40, bytes(120))


@needs_a_core
@pytest.mark.parametrize("level", () if CORE is None else CORE.levels())
@pytest.mark.parametrize(("classes", "rows"), [(1, 3), (2, 513), (10, 1000), (33, 300), (64, 130)])
def test_softmax_is_the_same_bits_at_every_level(
    level: str, classes: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(classes)
    x = np.round(rng.normal(size=(classes, rows)) * 4.0, 1)  # with ties
    x[rng.random(x.shape) < 0.05] = -np.inf
    x[0][np.isneginf(x.max(axis=0))] = -0.0
    CORE.use(level)
    try:
        mine = functions.softmax(x)
    finally:
        CORE.use(compiled.KERNELS.level)
    monkeypatch.setattr(functions, "CORE", None)
    for part, wanted in zip(mine, functions.softmax(x), strict=True):
        assert np.array_equal(part, wanted)
    assert mine.predicted.tolist() == x.argmax(axis=0).tolist()


@pytest.mark.parametrize("level", () if CORE is None else CORE.levels())
@pytest.mark.parametrize(
    ("dtype", "letter"), list(zip(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"], "bBhHiIlL", strict=True))
)
def test_whole_numbers_below_a_bound_are_their_own_codes(level: str, dtype: str, letter: str) -> None:
    """One that is negative or too large is found wherever it stands; what does not fit together is refused."""
    ends = np.iinfo(dtype)
    numbers = (np.arange(1500) * 7 % 100).astype(dtype)
    numbers[numbers == 21] = 22
    seen, codes = np.zeros(100, np.uint8), np.full(1500, -9, np.int32)
    CORE.use(level)
    try:
        assert CORE.mark_codes(numbers, letter, seen, codes)
        assert codes.tolist() == numbers.tolist()
        assert seen.tolist() == [int(number != 21) for number in range(100)]
        for place in (0, 511, 512, 1499):
            for odd in {100, ends.max, *([-1, ends.min] if ends.min else [])}:
                changed = numbers.copy()
                changed[place] = odd
                assert not CORE.mark_codes(changed, letter, np.zeros(100, np.uint8), codes)
        for arrays in (
            (numbers[:-1], seen, codes),
            (numbers, seen, codes[1:]),
            (numbers.tobytes() + b"0", seen, codes),
        ):
            with pytest.raises(ValueError, match="wrong number of bytes"):
                CORE.mark_codes(arrays[0], letter, *arrays[1:])
        for floating in "efd":
            with pytest.raises(ValueError, match="wrong number of bytes"):
                CORE.mark_codes(np.zeros(4), floating, seen, codes[:4])
    finally:
        CORE.use(KERNELS.level)
