"""Go through random files and count what celoss makes of them: the loss, a refusal, or another number.

    python tests/random_files/run.py --files 100000 --seed 1

Another number under ``--strict``, or without a warning, is a fault: its seed is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import collections
import math
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from make import Made, make

OUTCOMES = ("right", "refused", "warned", "WRONG", "CRASH")
_OF_OTHER_THINGS = ("unused_weights", "few_rows", "no_errors_seen")  # than what the columns are

_CLOSE = 3e-6  # scores are written with six decimals in places


def outcome_of(made: Made, *, strict: bool) -> tuple[str, str]:
    """Return what celoss makes of a file, and the code of the refusal or the number that came out."""
    from celoss_cli import CelossError, evaluate

    try:
        found = evaluate(*(str(path) for path in made.paths), strict=strict, threads=1)
    except CelossError as error:
        return "refused", error.code
    except Exception as error:  # a crash is what is looked for
        return "CRASH", repr(error)
    if math.isclose(found.loss.mean, made.loss, rel_tol=_CLOSE, abs_tol=1e-9):
        return "right", ""
    codes = [notice.code for notice in found.warnings if notice.code not in _OF_OTHER_THINGS]
    if codes and not strict:
        return "warned", codes[0]
    return "WRONG", f"{found.loss.mean} for {made.loss}"


def tried(seeds: range) -> list[tuple[int, str, str, str]]:
    """Return the seed, the mode, the outcome and what is said of it, for each file and mode.

    What is refused without ``--strict`` is refused with it, and not tried again.
    """
    results: list[tuple[int, str, str, str]] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            made = make(seed, Path(directory))
            for strict in (False, True):
                if not (strict and results[-1][2] == "refused"):
                    outcome, said = outcome_of(made, strict=strict)
                fault = outcome in ("WRONG", "CRASH")
                results.append(
                    (seed, "strict" if strict else "plain", outcome, f"{said} | {made.story}" if fault else said)
                )
    return results


def main() -> int:
    """Print the counts and the faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="files seed × 10^7 onwards")
    parser.add_argument("--skip", type=int, default=0, help="so many of them, to go through a long run in pieces")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    first = given.seed * 10_000_000 + given.skip
    runs = [range(start, min(start + 50, first + given.files)) for start in range(first, first + given.files, 50)]
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    refusals: collections.Counter[str] = collections.Counter()
    faults = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for results in pool.map(tried, runs):
            for seed, mode, outcome, said in results:
                counts[mode, outcome] += 1
                if outcome == "refused" and mode == "plain":
                    refusals[said] += 1
                if outcome in ("WRONG", "CRASH"):
                    faults.append((seed, mode, outcome, said))
    for mode in ("plain", "strict"):
        print(f"{mode:>7}", *(f"{outcome} {counts[mode, outcome]:,}" for outcome in OUTCOMES), sep="   ")
    print("refused:", ", ".join(f"{code} {count}" for code, count in refusals.most_common(12)))
    for seed, mode, outcome, said in faults[:40]:
        print(f"seed {seed} {mode} {outcome} {said}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
