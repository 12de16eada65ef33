"""Output files: checked before the work starts, written beside their place, renamed into it when complete."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from celoss_cli.errors import OutputError, UsageError, Where

_DESCRIPTORS = "/proc/self/fd"

_CANNOT = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT})  # the last three: older kernels


_PATIENCE = 3.0
"""How many seconds the reader of a pipe may take to open it."""


@contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """Give a file to write, which takes the place of ``path`` when the block ends well; on failure nothing changes.

    A symbolic link stays one: what it points to is replaced. A device or a pipe is written to as it is.

    Raises
    ------
    OutputError
        The file cannot be written: no permission, no space, no directory.
    """
    with _output_errors(path):
        target = _target(path)
        if _is_special(target):
            with _open_special(target) as file:
                yield file
            return
        beside = _name_beside(target)
        try:  # from before the file exists: a signal may come at any time
            with os.fdopen(_create(beside), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())  # a full disk may show only here
                _give_name(file.fileno(), beside)
            if target.exists():
                beside.chmod(target.stat().st_mode & 0o7777)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def write_whole(path: str, text: str) -> None:
    """Write ``text`` as UTF-8, as ``replacing`` does."""
    with replacing(path) as file:
        file.write(text.encode())


def check_writable(path: str, inputs: Sequence[str] = ()) -> None:
    """Find out, before the work starts, whether ``path`` can be written; nothing is left behind.

    Raises
    ------
    UsageError
        ``path`` is one of ``inputs``, which would be lost, or ``-``.
    OutputError
        The directory is missing or may not be written to, or ``path`` is a directory or protected.
    """
    refuse_no_name(path)
    refuse_standard_output(path)
    refuse_input(path, inputs)
    if "\0" in path:
        raise _output_error(path, "output_failed", "cannot be written: its name holds a NUL", None)
    with _output_errors(path):
        target = _target(path)
        if not target.parent.is_dir():
            raise _output_error(path, "output_no_directory", "its directory does not exist", "create it first")
        if target.is_dir() or path.endswith(os.sep):
            raise _output_error(path, "output_is_directory", "is a directory", "name a file in it")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(None, "no permission to write")
        if not _is_special(target):
            probe = _name_beside(target)
            try:
                os.close(_create(probe))
            finally:
                probe.unlink(missing_ok=True)


def check_directory(path: str) -> None:
    """Find out, before the work starts, whether files can be written to the directory ``path``; it need not exist yet.

    Raises OutputError where it is a file, may not be written to, or its own directory is missing.
    """
    refuse_no_name(path)
    with _output_errors(path):
        there, directory = os.path.lexists(path), Path(path).is_dir()
    check_writable(str(Path(path, "picture.svg")) if directory else path.rstrip(os.sep))
    if there and not directory:
        raise _output_error(path, "output_no_directory", "is a file, and a directory is asked for", "name another")


@contextmanager
def replacing_directory(path: str) -> Iterator[Path]:
    """Give a directory to write into, which becomes ``path`` when the block ends well; on failure nothing is left.

    Raises
    ------
    UsageError
        ``path`` is there already, and is no empty directory.
    OutputError
        It cannot be written.
    """
    with _output_errors(path):
        target = _new_directory(path)
        beside = _name_beside(target)
        try:
            beside.mkdir()
            yield beside
            beside.replace(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise


def check_new_directory(path: str) -> None:
    """Find out, before the work starts, whether ``replacing_directory`` can make ``path``. Raises as it does."""
    if "\0" in path:
        raise _output_error(path, "output_failed", "cannot be written: its name holds a NUL", None)
    with _output_errors(path):
        probe = _name_beside(_new_directory(path))
        try:
            probe.mkdir()
        finally:
            if probe.exists():
                probe.rmdir()


def _new_directory(path: str) -> Path:
    """Return where a new directory goes. Raises as ``replacing_directory``."""
    target = _target(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UsageError(
            f"{path} is there already, and a new directory is written",
            code="output_exists",
            hint="name a directory that does not exist yet",
        )
    if not target.parent.is_dir():
        raise _output_error(path, "output_no_directory", "its directory does not exist", "create it first")
    return target


def make_directory(path: str) -> None:
    """Make the directory ``path`` if it is not there. Raises OutputError where that is not possible."""
    with _output_errors(path):
        Path(path).mkdir(parents=True, exist_ok=True)


def _name_beside(target: Path) -> Path:
    """Return the name of a file in the directory of ``target`` that does not exist yet."""
    return target.with_name(f".celoss-{os.urandom(8).hex()}.tmp")


def _create(path: Path) -> int:
    """Create an empty file, with the permissions any new file would have, and return its descriptor.

    On Linux it has no name yet: even a process that is killed leaves nothing behind. Not every file system can do that.
    """
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is not None and Path(_DESCRIPTORS).is_dir():
        try:
            return os.open(path.parent, os.O_WRONLY | unnamed, 0o666)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)


def _give_name(descriptor: int, path: Path) -> None:
    """Make an open file without a name appear as ``path``; one that has its name keeps it."""
    if os.fstat(descriptor).st_nlink:
        return
    descriptors = os.open(_DESCRIPTORS, os.O_RDONLY)  # given one, Python calls linkat, which alone can do this
    try:
        os.link(str(descriptor), path, src_dir_fd=descriptors, follow_symlinks=True)
    finally:
        os.close(descriptors)


def _target(path: str) -> Path:
    return Path(_real(path))


def _real(path: str) -> str:
    """Return the path of a file, links followed. Raises OutputError in a working directory that is gone."""
    with _output_errors(path):
        return os.path.realpath(path)


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file()


def _open_special(target: Path) -> BinaryIO:
    """Open a device or a pipe to write to it. Raises OSError, and OutputError for a pipe that nobody reads."""
    if not target.is_fifo():
        return target.open("wb")
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise _output_error(
                    str(target),
                    "output_not_read",
                    "is a pipe that nobody reads",
                    "start its reader first, or name a file",
                ) from None
        time.sleep(0.02)
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "wb")


def refuse_no_name(path: str) -> None:
    """Raise UsageError for an empty ``path``: a variable of the shell that is not set, most likely."""
    if not path:
        raise UsageError(
            "the name of a file to write is empty",
            code="output_no_name",
            hint="name a file; is a variable of the shell not set?",
        )


def refuse_standard_output(path: str) -> None:
    """Raise UsageError for ``-``: what has to be whole, or to be renamed, is written to a file."""
    if path == "-":
        raise UsageError(
            "- stands for standard output, and this is written to a file",
            code="output_is_stdout",
            hint="name a file; ./- is one of that name",
        )


def refuse_input(path: str, inputs: Sequence[str]) -> None:
    """Raise UsageError if ``path`` is one of ``inputs``, which would be lost."""
    for name in inputs:
        if _real(path) == _real(name):
            raise UsageError(
                f"{path} is an input, and would be overwritten",
                code="output_is_input",
                hint="write to another file",
            )


def refuse_same(outputs: Sequence[str]) -> None:
    """Raise UsageError if two of ``outputs`` are one file, of which the last alone would be left."""
    if len({_real(path) for path in outputs}) < len(outputs):
        raise UsageError("two outputs have the same name", code="output_twice", hint="give each its own file")


@contextmanager
def _output_errors(path: str) -> Iterator[None]:
    """Turn what the operating system says into an ``OutputError`` that names ``path``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise _output_error(
            path, "output_failed", f"cannot be written: {reason}", "check the space and the permissions"
        ) from error


def _output_error(path: str, code: str, message: str, hint: str | None) -> OutputError:
    return OutputError(message, code=code, where=Where(path), hint=hint)
