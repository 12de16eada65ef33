"""What Arrow raises for a file that it cannot read, as an error of ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where


@contextmanager
def reading(form: str, path: str) -> Iterator[None]:
    """Raise what Arrow raises in the block as UnreadableFile; ``form`` is what the file should be."""
    try:
        yield
    except MemoryError:  # Arrow's own is one
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last for names and texts
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            raise
        reason = " ".join("".join(char if char.isprintable() else " " for char in str(error)).split())
        if "decrypt" in reason.casefold():
            raise UnreadableFile(
                f"is an encrypted {form} file, or has encrypted columns, which celoss does not read",
                code="encrypted",
                where=Where(path),
                hint="write its rows without encryption, where the keys are",
            ) from error
        text = "utf8" in reason.casefold() or isinstance(error, UnicodeDecodeError)
        raise UnreadableFile(
            f"not a readable {form} file: {reason[:200]}",
            code=f"unreadable_{form.lower()}",
            where=Where(path),
            hint="write its texts as UTF-8, or name only columns that are"
            if text
            else "the file may be truncated: compare its size with the original, or write it again",
        ) from error
