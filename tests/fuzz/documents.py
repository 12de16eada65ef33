"""What celoss itself wrote and reads again, made from a sound file: damaged as other files are, or with odd values."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from celoss_cli.cli.app import app
from celoss_cli.cli.boundary import exit_code_of
from fuzz.seeds import Sound

PREDICTIONS = "sound.csv"
"""The sound file that they are made from, and used with."""

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 2**63, 10**400, 1e308, -1e-320, 0.5, float("nan"), float("inf"), "", "a", "1",
    "nan", "inf", "\x1b[31m", "a\nb", "x" * 5000, [], {}, [[]], [None], [0.5] * 3, {"cat": 1.0}, [[0.1, 0.9]] * 2,
)  # fmt: skip


def odd_document(content: bytes, rng: random.Random) -> bytes:
    """Return documents of JSON, one or one a line, with odd values in one to three places; anything else as it is."""
    lines = content.splitlines() if content.startswith(b"{") and content.count(b"\n{") else [content]
    place = rng.randrange(len(lines))
    try:
        held = json.loads(lines[place])
    except ValueError:
        return content
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _change(held, rng)
    lines[place] = json.dumps(held).encode()
    return b"\n".join(lines)


def _change(held: Any, rng: random.Random) -> None:
    """Put an odd value somewhere, or take one away."""
    while True:
        places = list(held) if isinstance(held, dict) else range(len(held))
        if not places:
            return
        place = rng.choice(places)
        inner = held[place]
        if not isinstance(inner, (dict, list)) or rng.random() < 0.2:
            break
        held = inner
    if rng.random() < 0.2:
        del held[place]
    else:
        held[place] = copy.deepcopy(rng.choice((*_ODD, inner * 2 if isinstance(inner, list) else inner)))


def sound_documents() -> Iterator[Sound]:
    """Yield a document of each kind. Makes them in the working directory, which has ``PREDICTIONS``."""
    yield Sound(
        "state.celoss",
        _made("state", PREDICTIONS, "-o", "made"),
        commands=(("merge", "{}", "-q"), ("merge", "{}", "--format", "json")),
    )
    yield Sound(
        "fix.json",
        _made("calibrate", "fit", PREDICTIONS, "-o", "made"),
        commands=(
            ("eval", PREDICTIONS, "-q", "--calibration", "{}", "--allow", "fitted_rows"),
            ("calibrate", "apply", "{}", PREDICTIONS, "-o", "rows.csv"),
        ),
    )
    yield Sound(
        "runs.jsonl",
        b"".join(_made("eval", PREDICTIONS, "-q", "--history", "made", "--tag", f"night={i}") for i in range(5)),
        commands=(
            ("history", "{}", "-q"),
            ("history", "{}", "--format", "json"),
            ("history", "{}", "--max-regression", "1%"),
        ),
    )
    report = _made("eval", PREDICTIONS, "--format", "json")
    Path("last.json").write_bytes(report)
    yield Sound(
        "report.json",
        report,
        commands=(
            ("eval", PREDICTIONS, "-q", "--baseline", "{}", "--max-regression", "0.1"),
            ("compare", "last.json", "{}", "--format", "json"),
        ),
    )
    yield Sound(
        "plan.json",
        _made("inspect", PREDICTIONS, "--format", "json"),
        commands=(("state", PREDICTIONS, "--plan", "{}", "-o", "rows.csv"),),
    )
    yield Sound(
        "manifest.csv",
        f"predictions,name,max_loss\n{PREDICTIONS},a,9\n{PREDICTIONS},b,0.1\n".encode(),
        commands=(("batch", "--manifest", "{}", "-q"), ("batch", "--manifest", "{}", "--format", "json")),
    )
    weights = json.dumps({"cat": 1.0, "dog": 2.5, "eel": 0}).encode()
    yield Sound("weights.json", weights, commands=(("eval", PREDICTIONS, "-q", "--class-weight", "{}"),))
    settings = b'label = "label"\nmax-loss = 9\n[profiles.night]\npred = "p_*"\nstrict = true\n'
    yield Sound(
        "celoss.toml",
        settings,
        commands=(
            ("eval", PREDICTIONS, "-q", "--config", "{}"),
            ("eval", PREDICTIONS, "--config", "{}", "--profile", "night", "--show-config"),
        ),
    )


def _made(*arguments: str) -> bytes:
    """Return what a command leaves in the file ``made``, or prints where it makes none."""
    made, out = Path("made"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = exit_code_of(app, list(arguments))
    if code != 0:
        raise AssertionError(f"celoss {' '.join(arguments)} ended with code {code}")
    if not made.exists():
        return out.getvalue().encode()
    content = made.read_bytes()
    made.unlink()
    return content
