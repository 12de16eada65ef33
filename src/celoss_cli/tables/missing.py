"""A library that an input needs and that is not installed, as an error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celoss_cli.errors import UnreadableFile, Where


@contextmanager
def needs(library: str, extra: str, path: str, what: str, instead: str = "") -> Iterator[None]:
    """Raise the ImportError of the block as UnreadableFile: ``path`` is ``what``, and ``library`` reads it.

    ``instead`` is how to write it as something that needs no library.
    """
    try:
        yield
    except ImportError as error:
        raise UnreadableFile(
            f"is {what}, and {library} is not installed",
            code="library_missing",
            where=Where(path),
            hint=f"pip install 'celoss-cli[{extra}]'{', or ' + instead if instead else ''}",
        ) from error
