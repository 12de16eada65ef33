"""What torch.save wrote: tensors, and mappings and lists of them. Read with weights_only, so that no code runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrays import ArrayTable, table_of
from celoss_cli.tables.missing import needs
from celoss_cli.tables.objects.arrays import as_numpy, is_array
from celoss_cli.tables.splits import chosen_arrays


def open_torch(path: str, options: ReadOptions) -> ArrayTable:
    """Open a file of torch. Raises UnreadableFile where torch is missing, or it holds other objects than tensors."""
    with needs("torch", "torch", path, "written by torch.save", "numpy.savez(FILE, logits=logits.numpy(), labels=…)"):
        import torch
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # of a damaged file, or one with other objects: a dozen kinds
        unsafe = "weights_only" in str(error) or "Unsupported" in str(error)
        raise UnreadableFile(
            "holds Python objects beside tensors, which only running code could read: celoss never does"
            if unsafe
            else f"not a readable file of torch: {str(error).splitlines()[0][:160]}",
            code="object_array" if unsafe else "unreadable_torch",
            where=Where(path),
            hint="save tensors alone: torch.save({'logits': logits, 'labels': labels}, FILE)",
        ) from error
    if is_array(found):
        return table_of(path, "torch", {"values": as_numpy(found, path, bfloat16=True).values}, named=False)
    arrays = {name: as_numpy(one, path, bfloat16=True).values for name, one in _tensors(found, "").items()}
    if not arrays:
        raise UnreadableFile(
            "there is no tensor in it", code="no_rows", where=Where(path), hint="save the scores and labels as tensors"
        )
    chosen, decisions = chosen_arrays(arrays, options, path)
    return table_of(path, "torch", chosen, decisions, named=isinstance(found, Mapping))


def _tensors(found: Any, prefix: str) -> dict[str, Any]:
    """Return the tensors in mappings and lists, by the path to each."""
    if is_array(found):
        return {prefix: found}
    if isinstance(found, Mapping):
        items = [(str(name), value) for name, value in found.items()]
    elif isinstance(found, list | tuple):
        items = [(str(place), value) for place, value in enumerate(found)]
    else:
        return {}
    return {k: v for name, value in items for k, v in _tensors(value, f"{prefix}/{name}" if prefix else name).items()}
