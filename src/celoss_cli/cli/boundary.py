"""Where whatever happens becomes an exit code, once for all commands. Code 1 never means a crash."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from celoss_cli.cli.actions import annotate_error
from celoss_cli.cli.memory import lacks_memory, no_memory
from celoss_cli.cli.messages import say
from celoss_cli.errors import CelossError, ExitCode, OutputError

# Typer before 0.26 stands on Click, later ones carry their own: take the class from where it surely is.
_ClickException = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})

_TOO_MANY_FILES = frozenset({errno.EMFILE, errno.ENFILE})

_COMPLETION = "_CELOSS_COMPLETE"
"""The variable with which a shell asks for the ends of a word, beside others that say which one."""


def exit_code_of(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run ``app`` and return its exit code; errors are printed to stderr, in one line and a hint."""
    try:
        if sys.stdout is None:
            raise OutputError(
                "standard output is closed", code="no_stdout", hint="for no output at all, redirect it to /dev/null"
            )
        code = app(list(arguments), standalone_mode=False, prog_name="celoss")
        sys.stdout.flush()
        if code == ExitCode.INTERRUPTED:  # Typer turns Ctrl-C into this code
            say("interrupted")
        if code == ExitCode.GATE_FAILED and not isinstance(code, ExitCode):
            return ExitCode.USAGE  # not our 1: Typer's, for a shell that it has no completion for
        return code if isinstance(code, int) else ExitCode.OK
    except CelossError as error:
        return _told(error)
    except BrokenPipeError:
        _silence_stdout()
        return ExitCode.BROKEN_PIPE
    except SystemExit as stop:
        # Typer leaves with 1 when the reader is gone; otherwise only shell completion ends like this.
        if not isinstance(stop.__context__, BrokenPipeError):
            return ExitCode.USAGE if stop.code else ExitCode.OK
        _silence_stdout()
        return ExitCode.BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        if isinstance(error, _ClickException):
            return _usage(error)
        if lacks_memory(error):
            return _told(no_memory(error))
        if isinstance(error, OSError) and error.filename is None and error.errno in _CANNOT_WRITE:
            say(f"error: standard output cannot be written: {error.strerror}")
            _silence_stdout()
            return ExitCode.DATA
        if isinstance(error, OSError) and error.errno in _TOO_MANY_FILES:
            say("error: too many files are open")
            say("hint: raise the limit, as with ulimit -n, or read fewer at a time: --threads 1")
            return ExitCode.DATA
        if os.environ.get(_COMPLETION, "").startswith("complete_"):  # then nothing of ours has begun
            say(f"error: {_COMPLETION} is set, as a shell does to complete a word, and nothing says which word")
            say(f"hint: unset {_COMPLETION}")
            return ExitCode.USAGE
        return _bug(error, debug="--debug" in arguments)


def _told(error: CelossError) -> int:
    say(f"error: {error}")
    if error.hint:
        say(f"hint: {error.hint}")
    annotate_error(str(error), error.hint)
    return error.exit_code


def _usage(error: Exception) -> int:
    """Print what the option parser says is wrong, in the form of our own errors."""
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    if not message.strip():  # no arguments at all: the help has been shown
        return ExitCode.USAGE
    message = " ".join(message.split())
    say(f"error: {message}")
    annotate_error(message)
    say(f"hint: {'celoss' if context is None else context.command_path} --help shows what there is")
    return ExitCode.USAGE


def _bug(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    say(f"error: this is a bug in celoss: {text}")
    annotate_error(f"this is a bug in celoss: {text}")
    if not debug:
        say("hint: run again with --debug for the traceback, and please report it")
    return ExitCode.BUG


def _silence_stdout() -> None:
    """Point stdout at nothing: what is still buffered would raise again when Python exits."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
