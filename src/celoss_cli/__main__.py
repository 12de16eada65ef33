"""``python -m celoss_cli``, and the console script ``celoss``."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
import warnings
from contextlib import suppress
from typing import NoReturn

_DIGITS_OF_WIDTH = 5  # of a terminal with more columns than 9,999 a page of help takes gigabytes


def script() -> None:
    """Be the process: ``main``, and the end."""
    try:
        main()
    except SystemExit as end:
        if sys.getprofile() is None and sys.gettrace() is None:  # those have something to do at the end
            _leave(int(end.code or 0))
        raise


def main() -> None:
    """Run the command line and exit with the code that the contract gives."""
    # NumPy's BLAS would start a thread for each core, and celoss multiplies no matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow's own allocator keeps what one thread has freed from the others: a fifth more memory, and no less time.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Importing NumPy and Arrow makes a hundred thousand objects that live until the end: looking through them
    # again and again for garbage is a tenth of the time that a small file takes. tune_process() goes on with it.
    gc.disable()
    if not sys.warnoptions:  # what NumPy, Arrow and others warn of is for programmers; what users need is in our words
        warnings.simplefilter("ignore")
    _occupy_standard_streams()
    _make_streams_safe()
    try:
        # Imported here, so that Ctrl-C in the meantime ends as it does later.
        from celoss_cli.cli.signals import Terminated, end_by, unwind_on_signals

        unwind_on_signals()
        try:
            from celoss_cli.cli.app import app
            from celoss_cli.cli.boundary import exit_code_of

            code = exit_code_of(app, sys.argv[1:])
        except Terminated as end:
            code = end_by(end.signum)
        except RuntimeError as error:  # Python 3.11 puts into one what a signal raises while a class is being made
            if isinstance(error.__cause__, Terminated):
                code = end_by(error.__cause__.signum)
            elif isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__ from None
            else:
                raise
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("interrupted", file=sys.stderr)
        code = 130  # ExitCode.INTERRUPTED: errors.py may not have been imported yet
    except Exception as error:  # a broken installation, or no memory to load it; Python's own code would be 1
        if sys.stderr is not None:
            print(f"error: celoss cannot start: {type(error).__name__}: {error}", file=sys.stderr)
        code = 70  # ExitCode.BUG
    sys.exit(code)


def _occupy_standard_streams() -> None:
    """Put the null device in place of a closed standard stream, or the next file opened would get its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _make_streams_safe() -> None:
    """Let nothing that Typer prints fail: characters that the encoding lacks are escaped, widths are sane."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    for name in ("COLUMNS", "TERMINAL_WIDTH", "MAX_WIDTH"):
        width = os.environ.get(name, "")
        if width and not (width.isascii() and width.isdigit() and 0 < len(width) < _DIGITS_OF_WIDTH):
            del os.environ[name]


def _leave(code: int) -> NoReturn:
    """End the process at once.

    Taking the interpreter apart frees a hundred thousand objects and many megabytes one by one, which the system takes
    back as a whole: it is a tenth of the time of a run.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):  # cannot be written, or is closed: the boundary has seen to it
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    script()
