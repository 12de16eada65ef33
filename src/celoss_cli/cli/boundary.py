"""The one boundary that turns whatever happens into an exit code. Exit code 1 never means a crash."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from celoss_cli.errors import CelossError, ExitCode

# Typer before 0.26 stands on Click, later ones carry their own: take the class from where it surely is.
_ClickException = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def exit_code_of(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run ``app`` and return its exit code; errors are printed to stderr, in one line and a hint."""
    try:
        code = app(list(arguments), standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else ExitCode.OK
    except CelossError as error:
        _say(error)
        return error.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return ExitCode.BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        _print("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        if isinstance(error, _ClickException):
            error.show()  # type: ignore[attr-defined]
            return ExitCode.USAGE
        return _bug(error, debug="--debug" in arguments)


def _say(error: CelossError) -> None:
    _print(f"error: {error}")
    if error.hint:
        _print(f"hint: {error.hint}")


def _bug(error: Exception, *, debug: bool) -> int:
    if isinstance(error, OSError) and sys.stdout.closed is False and error.filename is None and error.errno == 28:
        _print("error: standard output cannot be written: no space left")
        return ExitCode.DATA
    if debug:
        traceback.print_exception(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    _print(f"error: this is a bug in celoss: {text}")
    if not debug:
        _print("hint: run again with --debug for the traceback, and please report it")
    return ExitCode.BUG


def _print(line: str) -> None:
    """Print a line to stderr, with control characters from files escaped; a closed stderr is not our concern."""
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        print(safe.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)
    except OSError:
        return


def _silence_stdout() -> None:
    """Point stdout at nothing: what is still buffered would raise again when Python exits."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
