"""The files of each evaluation of a batch: in one directory, each after the name of its evaluation."""

from __future__ import annotations

from pathlib import Path

from celoss_cli.outputs.files import make_directory
from celoss_cli.outputs.named import path_for
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.files import save_baseline, write_pictures
from celoss_cli.results.batch import Batch


def file_for(directory: str, name: str, ending: str) -> str:
    """Return the file for an evaluation, in a directory that is made where it is not there. Raises OutputError."""
    path = path_for(directory, name, ending)
    make_directory(str(Path(path).parent))
    return path


def save_baselines(directory: str, batch: Batch) -> list[tuple[str, str]]:
    """Write the next baseline of each evaluation that was scored; return the names of those that were not, and why.

    Raises OutputError for a file that cannot be written.
    """
    refused = ((name, save_baseline(file_for(directory, name, ".json"), found)) for name, found in batch.scored)
    return [(name, why) for name, why in refused if why is not None]


def write_all_pictures(directory: str, batch: Batch) -> None:
    """Write the pictures of each evaluation to a directory of its own. Raises OutputError."""
    for name, evaluation in batch.scored:
        write_pictures(path_for(directory, name, ""), EvaluationReport(evaluation))
