"""Runs of celoss for the tests: in this process, or as the installed console script."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from celoss_cli.cli.app import app
from celoss_cli.cli.boundary import exit_code_of

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "celoss")

Content = str | bytes | pa.Table


@dataclass(frozen=True)
class Run:
    """What a run left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def mean(self) -> float:
        """The mean that ``-q`` printed."""
        assert self.code == 0, self.err
        return float(self.out)

    @property
    def document(self) -> Any:
        """The document that ``--format json`` printed."""
        assert self.code == 0, self.err
        return json.loads(self.out)


def run(*arguments: object) -> Run:
    """Run celoss in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = exit_code_of(app, [str(argument) for argument in arguments])
    return Run(int(code), out.getvalue(), err.getvalue())


def run_script(*arguments: object, **options: Any) -> Run:
    """Run the installed console script."""
    command = [SCRIPT, *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    return Run(done.returncode, done.stdout, done.stderr)


def write(directory: Path, files: Mapping[str, Content]) -> None:
    """Write files into a directory: text and bytes as they are, Arrow tables as Parquet."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            pq.write_table(content, path)


def mean_of(directory: Path, content: Content, *arguments: object, name: str = "f.csv") -> Run:
    """Write one prediction file and score it with ``-q``."""
    write(directory, {name: content})
    return run("eval", directory / name, "-q", *arguments)


def mean_of_columns(directory: Path, columns: Mapping[str, Any], *arguments: object) -> Run:
    """Write columns as a file ``f.csv`` and score it with ``-q``."""
    import pandas as pd

    return mean_of(directory, pd.DataFrame(columns).to_csv(index=False), *arguments)
