"""Numbers as files may write them, the awkward ones more often than files do: near halfway points, long, tiny, huge."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from numpy import float32

CASES = (
    *("0", "-0", "+0", "-0.0", "1", "1.", ".5", "-.5", "+.5", "00012.50", "0e99999999999999999999", "0." + "0" * 400),
    *("1e400", "-1e400", "1e-400", "-1e-400", "1e99999999999999999999", "1e-99999999999999999999", "1" * 800),
    *("0." + "0" * 400 + "1e400", "1" + "0" * 400 + "e-400", "0." + "0" * 30 + "12", "9" * 19, "9" * 20, "9" * 400),
    # The least numbers, half of the least, and what is just above; the largest of those and the least of the others.
    *("4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "7.4109846876186982e-324"),
    *("2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308"),
    # The largest, and halfway to what would be the next.
    *("1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308"),
    # Halfway between two doubles, and next to it by a digit far behind.
    *("9007199254740993", "9007199254740993.0", "9007199254740993." + "0" * 40 + "1", "9007199254740992." + "9" * 40),
    *("9007199254740995", "1152921504606846977", "6929495644600919.5", "4503599627370497.5", "4503599627370496.5"),
    "0.500000000000000166533453693773481063544750213623046875",
    "0.5000000000000001665334536937734810635447502136230468749",
    # The decimals whose product with a power of five leaves the most bits open.
    *("7.2057594037927933e16", "3.571e266", "3.08984926168550152811e-32", "8.988465674311580536e307"),
)

EXACT, EXTREME, BITS = 22, 340, 52


def decimal_texts(count: int, seed: int) -> list[str]:
    """Return so many numbers, each of one of ten kinds by chance."""
    source = random.Random(seed)
    return [source.choice(("", "", "-", "+")) + source.choice(KINDS)(source) for _ in range(count)]


def _double(source: random.Random, bits: int) -> float:
    """Any double of so many low bits: 63 reach all but inf and NaN, which are another, 52 the subnormal ones."""
    value: float = struct.unpack("d", struct.pack("Q", source.getrandbits(bits)))[0]
    return value if value < float("inf") else 0.1


def _shortest(source: random.Random) -> str:
    return repr(_double(source, 63))


def _probability(source: random.Random) -> str:
    return repr(source.random())


def _rounded(source: random.Random) -> str:
    return f"{_double(source, 63):.{source.randrange(25)}e}"


def _fixed(source: random.Random) -> str:
    return f"{source.uniform(0, 50):.{source.randrange(40)}f}"


def _single_precision(source: random.Random) -> str:
    return f"{float32(source.random()):.{source.randrange(80)}f}"


def _subnormal(source: random.Random) -> str:
    value = _double(source, source.randrange(1, BITS + 2))
    return source.choice((repr(value), f"{value:.17e}", f"{value:.20e}", f"{value:.30e}"))


def _halfway(source: random.Random) -> str:
    """Halfway between two doubles, or one digit beside that."""
    odd, power = 2 * (source.getrandbits(BITS) | 1 << BITS) + 1, source.randrange(-80, 40)
    digits, exponent = (odd << power, 0) if power >= 0 else (odd * 5**-power, power)
    if source.random() < 0.5:
        digits, exponent = 10 * digits + source.choice((-1, 0, 1)), exponent - 1
    return f"{digits}e{exponent}"


def _digits(source: random.Random) -> str:
    digits = "".join(source.choice("0123456789") for _ in range(source.randrange(1, 40)))
    return f"{digits}e{source.randrange(-EXTREME - 20, EXTREME)}"


def _two_parts(source: random.Random) -> str:
    whole, fraction = (source.getrandbits(source.randrange(1, 80)) for _ in range(2))
    return f"{whole}.{fraction}E{source.randrange(-EXTREME, EXTREME - EXACT)}"


def _zeros(source: random.Random) -> str:
    zeros, more = "0" * source.randrange(30), "0" * source.randrange(30)
    whole = source.choice(("", str(source.getrandbits(source.randrange(1, 70)))))
    return f"{zeros}{whole}.{more}{source.getrandbits(60)}{source.choice(('', 'e5', 'E-7', 'e+12'))}"


KINDS: tuple[Callable[[random.Random], str], ...] = (
    *(_shortest, _probability, _rounded, _fixed, _single_precision),
    *(_subnormal, _halfway, _digits, _two_parts, _zeros),
)
