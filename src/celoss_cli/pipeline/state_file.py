"""A state as a file, and a plan: versioned JSON, exact to the last bit, and refused where a byte of it is another."""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import celoss_cli.state as state_room
from celoss_cli._version import __version__
from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.layout.slice_columns import SliceBy
from celoss_cli.outputs.appended import is_device
from celoss_cli.pipeline.part import State
from celoss_cli.pipeline.part_reading import PartReading, PinnedReading
from celoss_cli.request import Request
from celoss_cli.results.stored import read_stored
from celoss_cli.state.codec import Codec

SCHEMA = "celoss.state"

SCHEMA_VERSION = "1.0"


def _names() -> dict[str, Any]:
    """Return every class of ``state/``, and of others what ``Layout`` names only for type checkers."""
    found: dict[str, Any] = {"SliceBy": SliceBy, "SequenceColumns": SequenceColumns}
    for module in pkgutil.iter_modules(state_room.__path__):
        held = importlib.import_module(f"{state_room.__name__}.{module.name}")
        found |= {name: thing for name, thing in vars(held).items() if isinstance(thing, type)}
    return found


_CODEC = Codec(_names())

_NOT_KEPT = frozenset(
    {
        "predictions",
        "labels",
        "reading",
        "calibration",
        "digest",
        "gradients",
        "per_sample",
        "worth",
        "threads",
        "engine",
        "scheduler",
        "client",
        "per_row",
        "tag",
    }
)
"""Of a request, what a state has no use for."""

_READ = {"class_weight": str | Mapping[str, float] | Sequence[float] | None, "pos_weight": tuple[float, ...] | None}
"""What is kept of options that a request has as they were given."""

_MADE_BY = "celoss inspect PREDICTIONS --format json makes one"

_AGAIN = "make it again: celoss state PREDICTIONS -o FILE.state"


def dump_state(state: State) -> str:
    """Return a state as the text of its file."""
    document = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, "celoss_version": __version__}
    return _text({**document, **state_document(state)})


def state_document(state: State) -> dict[str, Any]:
    """Return the fields of a state as plain JSON."""
    held = {
        name: _CODEC.encode(getattr(state, name), hint)
        for name, hint in get_type_hints(State).items()
        if name != "request"
    }
    return {"part": held.pop("part"), "options": _encode_options(state.request), **held}


def read_state(path: str) -> State:
    """Return the state in a file. Raises UnreadableFile where it is no state, is damaged, or is of another version."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            if is_device(file):
                raise OSError(errno.EINVAL, "it is a device")
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UnreadableFile(
            f"the state cannot be read: {reason}",
            code="state_unreadable",
            where=Where(path),
            hint="name files that celoss state wrote",
        ) from None
    return load_state(text, path)


def load_state(text: str, path: str) -> State:
    """Return the state that ``dump_state`` made a text of; ``path`` is what messages call it. Raises as it does."""
    document = _document(text, path)
    try:
        hints = get_type_hints(State)
        parts = {name: _CODEC.decode(document[name], hint) for name, hint in hints.items() if name != "request"}
        return State(request=_decode_options(document["options"], parts["reading"]), **parts)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _damaged(path, f"holds what no state does: {error}") from None


def encode_plan(plan: PinnedReading) -> dict[str, Any]:
    """Return a plan as plain JSON."""
    reading = _CODEC.encode(plan.reading, PartReading)
    held = {"celoss_version": __version__, "options": _encode_options(plan.request), "reading": reading}
    return {**held, "checksum": _checksum_of_values(held)}


def read_plan(path: str) -> PinnedReading:
    """Return the reading that every part follows: of what ``celoss inspect --format json`` prints, or its ``plan``.

    Raises UnreadableFile.
    """
    document = read_stored(path, "the plan", "plan_unreadable", missing=_MADE_BY, otherwise=_MADE_BY)
    return load_plan(document, path)


def load_plan(document: Any, path: str) -> PinnedReading:
    """Return the reading that a document pins. Raises UnreadableFile."""
    where, hint = Where(path), _MADE_BY
    held = document.get("plan", document) if isinstance(document, dict) else None
    if isinstance(document, dict) and document.get("error") is not None:
        raise UnreadableFile(
            "the files that it was made from cannot be scored: there is no plan in it",
            code="plan_unreadable",
            where=where,
            hint="settle what its error says first",
        )
    if not isinstance(held, dict) or "celoss_version" not in held or "reading" not in held:
        raise UnreadableFile("is no plan", code="plan_unreadable", where=where, hint=hint)
    if held["celoss_version"] != __version__:
        raise _other_version(path, "the plan", str(held["celoss_version"]))
    if held.get("checksum") != _checksum_of_values({name: held[name] for name in held if name != "checksum"}):
        raise UnreadableFile(
            "the plan was changed after it was written: its checksum is another",
            code="plan_unreadable",
            where=where,
            hint=hint,
        )
    try:
        reading: PartReading = _CODEC.decode(held["reading"], PartReading)
        return PinnedReading(reading, _decode_options(held["options"], reading))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UnreadableFile(
            f"the plan holds what none does: {error}", code="plan_unreadable", where=where, hint=hint
        ) from None


def _encode_options(request: Request) -> dict[str, Any]:
    return {name: _CODEC.encode(getattr(request, name), hint) for name, hint in _options().items()}


def _decode_options(options: Mapping[str, Any], reading: PartReading) -> Request:
    labels = None if reading.labels is None else reading.labels.path
    found = {name: _CODEC.decode(options[name], hint) for name, hint in _options().items()}
    return Request(reading.predictions.path, labels, **found)


def _options() -> dict[str, Any]:
    hints = get_type_hints(Request)
    return {name: _READ.get(name, hints[name]) for name in Request._fields if name not in _NOT_KEPT}


def _text(document: dict[str, Any]) -> str:
    return json.dumps({**document, "checksum": _checksum(document)}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _checksum(document: dict[str, Any]) -> str:
    return _hash(json.dumps(document, separators=(",", ":")))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _checksum_of_values(document: dict[str, Any]) -> str:
    """Return the checksum of a document however it was written: other tools sort keys, and write 1.0 as 1."""
    held = json.loads(json.dumps(document), parse_int=_number, parse_float=_number)
    return _hash(json.dumps(held, sort_keys=True))


def _number(text: str) -> list[str]:
    return [repr(float(text))]


def _document(text: str, path: str) -> dict[str, Any]:
    """Return the JSON of a state, whose version and whose every byte are as they should be."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(path, "is no JSON: it is no state, or was cut off") from None
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != SCHEMA:
        said = "is no state" if found is None else f"is of the schema {found}, not {SCHEMA}"
        raise UnreadableFile(said, code="state_schema", where=Where(path), hint="name files that celoss state wrote")
    if document.get("celoss_version") != __version__:
        raise _other_version(path, "the state", str(document.get("celoss_version")))
    if document.get("schema_version") != SCHEMA_VERSION:
        raise _damaged(path, f"has the schema version {str(document.get('schema_version'))[:20]}, not {SCHEMA_VERSION}")
    checksum = document.pop("checksum", None)
    if checksum != _checksum(document):
        raise _damaged(path, "was changed after it was written: its checksum is another")
    return document


def _other_version(path: str, what: str, version: str) -> UnreadableFile:
    return UnreadableFile(
        f"{what} was made by celoss {version[:40]}, and this is {__version__}",
        code="state_version",
        where=Where(path),
        hint="make and merge all of them with one version",
    )


def _damaged(path: str, text: str) -> UnreadableFile:
    return UnreadableFile(text, code="state_damaged", where=Where(path), hint=_AGAIN)
