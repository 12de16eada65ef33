"""Inputs that lead into code no earlier input reached: libFuzzer, by way of atheris, where that is installed.

    python tests/fuzz/guided.py --seconds 600 --corpus DIRECTORY

The first byte of an input says which sound file it goes by, the second how it is read, the rest is the content. What
is kept in the corpus goes on from there next time. Ends at the first fault, with the input beside it, and exit code 77.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

_LONGEST = 1 << 14  # bytes of an input


def main() -> int:
    """Run until the time is over, or a fault is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", help="a directory that is kept; without it, one that is not")
    given = parser.parse_args()
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: no guided inputs")
        return 0
    temporary = tempfile.mkdtemp()
    corpus = Path(given.corpus or tempfile.mkdtemp()).resolve()
    corpus.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["celoss_cli"], enable_loader_override=False):
        from fuzz.run import command, examined, prepared

        files = prepared(temporary)
        for place, sound in enumerate(files):
            (corpus / f"sound-{sound.name}").write_bytes(bytes((place, 0)) + sound.content)

        def try_one(data: bytes) -> None:
            if len(data) < 2:
                return
            sound = files[data[0] % len(files)]
            fault = examined(sound, data[2:], command(sound, random.Random(data[1]))).fault
            if fault:
                raise AssertionError(fault)

        limits = [f"-max_total_time={given.seconds}", f"-seed={given.seed}", f"-max_len={_LONGEST}", "-timeout=60"]
        artifacts = f"-artifact_prefix={corpus.parent}/"
        atheris.Setup([sys.argv[0], *limits, artifacts, "-print_final_stats=1", str(corpus)], try_one)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
