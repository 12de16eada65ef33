"""The answers of Triton and KServe: each output a flat list of numbers beside its name and shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from celoss_cli.errors import UnreadableFile, Where


def are_tensors(document: Mapping[str, Any]) -> bool:
    """Whether an object is such an answer: ``{"outputs": [{"name": …, "shape": […], "data": […]}, …]}``."""
    outputs = document.get("outputs")
    return isinstance(outputs, list) and bool(outputs) and all(map(_has_shape, outputs))


def _has_shape(output: Any) -> bool:
    shape = output.get("shape") if isinstance(output, dict) else None
    whole = isinstance(shape, list) and bool(shape) and all(type(length) is int and length > 0 for length in shape)
    return whole and ("data" in output or "datatype" in output)


def tensors_of(document: Mapping[str, Any], path: str, row: int | None = None) -> dict[str, Sequence[Any]] | None:
    """Return the outputs as columns, each with a value or a list of them for every row; ``None`` for other documents.

    ``row`` is where the document stands in a file of several. Raises UnreadableFile for numbers that do not fill their
    shape, or that do not stand in the document.
    """
    if not are_tensors(document):
        return None
    return {str(output.get("name", place)): _shaped(output, place, path, row) for place, output in
            enumerate(document["outputs"])}  # fmt: skip


def _shaped(output: Mapping[str, Any], place: int, path: str, row: int | None) -> Sequence[Any]:
    shape, data = output["shape"], output.get("data")
    name = output.get("name", place)
    if not isinstance(data, list):
        raise _no_tensor(
            f"output {name!r} has its numbers behind the JSON, or nowhere", path, row,
            "ask the server for binary_data false, or save the outputs with numpy.savez",
        )  # fmt: skip
    if len(data) == shape[0] and (len(shape) == 1 or isinstance(data[0], list)):
        return data  # nested, as the shape says
    if len(data) != math.prod(shape):
        raise _no_tensor(
            f"output {name!r} has {len(data)} numbers, and its shape {shape} needs {math.prod(shape)}", path, row,
            "the answer may be cut off: fetch it again",
        )  # fmt: skip
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    for length in reversed(shape[1:]):
        data = [data[start : start + length] for start in range(0, len(data), length)]
    return data


def _no_tensor(what: str, path: str, row: int | None, hint: str) -> UnreadableFile:
    return UnreadableFile(what, code="bad_tensor", where=Where(path, row), hint=hint)
