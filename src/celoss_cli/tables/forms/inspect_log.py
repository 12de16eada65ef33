"""Logs of Inspect, ``.eval``: a zip archive with a JSON document for each sample, whose tokens become sequences."""

from __future__ import annotations

import re
import zipfile
from typing import Any

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrow.build import build
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.json.records import decoded
from celoss_cli.tables.json.rewriting import rewriting_of
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.text.text_stream import LARGEST_WHOLE

SAMPLE = re.compile(r"samples/.+_epoch_(\d+)\.json")

_TYPES: dict[str, Any] = {
    "id": pa.string(),
    "epoch": pa.int64(),
    "logprobs": pa.list_(pa.float64()),
    "tokens": pa.list_(pa.string()),
    "token_bytes": pa.list_(pa.int64()),
    "text": pa.string(),
}


def open_inspect_log(path: str, options: ReadOptions) -> MemoryTable:
    """Open a log as one row for each answer of each sample, in the order of the archive.

    Raises UnreadableFile where no sample has log-probabilities.
    """
    del options  # its lists are what they are, whatever columns are named
    samples = _samples(path)
    rewriting = rewriting_of(samples, ReadOptions(), path)
    if rewriting is None:
        raise UnreadableFile(
            f"none of its {len(samples):,} samples has the log-probabilities of its tokens",
            code="no_logprobs",
            where=Where(path),
            hint="run the evaluation with logprobs=True, or prompt_logprobs, in its GenerateConfig",
        )
    rows = [row for place, sample in enumerate(samples) for row in rewriting.rows(sample, Where(path, row=place))]
    columns = {name: build([_value(row, name) for row in rows], kind) for name, kind in _TYPES.items()}
    data = pa.table(columns)
    return MemoryTable(path, data, columns_of(data.schema), named=True, format="inspect", sequences_of=rewriting.of)


def _samples(path: str) -> list[dict[str, Any]]:
    samples = []
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if SAMPLE.fullmatch(one.filename)]
        if sum(one.file_size for one in members) > LARGEST_WHOLE:
            raise UnreadableFile(
                f"holds samples of more than {LARGEST_WHOLE >> 20} MiB, which are read whole",
                code="large_document",
                where=Where(path),
                hint="write what is needed of each sample as a line of JSON: read_eval_log_samples of inspect_ai",
            )
        for place, member in enumerate(members):
            sample = decoded(archive.read(member), Where(path, row=place))
            if isinstance(sample, dict):
                samples.append(sample)
    return samples


def _value(row: dict[str, Any], name: str) -> Any:
    value = row.get(name)
    return str(value) if name == "id" and value is not None else value
