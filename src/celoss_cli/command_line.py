"""Options as a shell takes them: what messages and `celoss inspect` give to be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def option(flag: str, value: str) -> str:
    """Return an option with its value, quoted where the shell needs it; ``=`` keeps a value that begins with a dash."""
    return f"{flag}={shlex.quote(value)}" if value.startswith("-") else f"{flag} {shlex.quote(value)}"


def list_option(flag: str, names: Sequence[str]) -> str:
    """Return a list option: one value with commas, or the option repeated where a name would not survive that."""
    if all(name and name == name.strip() and "," not in name for name in names):
        return option(flag, ",".join(names))
    repeated = names if len(names) > 1 else [*names, *names]  # a value that stands alone is split at its commas
    return " ".join(option(flag, name) for name in repeated)
