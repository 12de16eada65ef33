"""Write the JSON Schema of each document into docs/reference/schema/, from the classes of the results.

    python docs/make_schemas.py

A document may gain names and a text may gain values within a major version, so nothing is closed unless ``CLOSED`` says
that no other value will come. A file that a release published stays as it is: the next version is another file, and
tests/docs/test_schemas.py holds today's documents against all of them.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import celoss_cli
from attribute_docs import hints_of, meanings
from celoss_cli.errors import ExitCode, Where
from celoss_cli.pipeline.state_file import SCHEMA, SCHEMA_VERSION
from celoss_cli.results.batch import Batch, Failure, Item
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.results.history import History, Run
from celoss_cli.results.unpaired import Unpaired

DIRECTORY = Path(__file__).parent / "reference" / "schema"

# Carried by the results, and not in the JSON.
INTERNAL = {"flag", "asked", "per_row"}

# Texts that take these values and no others.
CLOSED = {
    ("Loss", "unit"): ["nats", "bits", "hartleys"],
    ("DenominatorUsed", "kind"): ["weights", "count"],
    ("Decision", "how"): ["given", "detected"],
    ("Considered", "how"): ["given", "detected"],
    ("RowPairing", "by"): ["id", "position"],
}

NUMBER = {
    "description": "A double in full precision; JSON has no way to write one that is not finite, so that is a text.",
    "anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}],
}


def generated() -> dict[str, str]:
    """Return the text of each file by its name."""
    results: tuple[Any, ...] = (celoss_cli.Evaluation, celoss_cli.Comparison, celoss_cli.Explanation)
    results += (celoss_cli.Inspection, celoss_cli.Diagnosis, celoss_cli.Calibration, History, Run, Unpaired)
    schemas = [_schema_of(result) for result in results] + [_batch(), _state(), _error(), _configuration()]
    return {f"{schema['$id']}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for schema in schemas}


def _schema_of(result: Any) -> dict[str, Any]:
    definitions: dict[str, Any] = {"number": NUMBER}
    body = _object(result, definitions)
    constants = _defaults(result)
    return _headed(constants["schema"], constants["schema_version"], body, definitions)


def _headed(name: str, version: str, body: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a whole schema: ``body`` with the name and version that its documents carry."""
    major = version.partition(".")[0]
    body["properties"] = {
        "schema": {"const": name},
        "schema_version": {"type": "string", "pattern": rf"^{major}\.\d+$"},
        **{key: value for key, value in body["properties"].items() if key not in ("schema", "schema_version")},
    }
    body["required"] = list(body["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{name}-{version}",
        "title": f"{name} {version}",
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def _batch() -> dict[str, Any]:
    """Return the schema of a batch, whose evaluations are documents with a name, or errors in their place."""
    definitions: dict[str, Any] = {"number": NUMBER}
    named = {"name": {"description": meanings(Item)["name"], "type": "string"}}
    evaluation = _headed(*(_defaults(Evaluation)[key] for key in ("schema", "schema_version")),
                         _object(Evaluation, definitions), {})  # fmt: skip
    scored = {key: evaluation[key] for key in ("description", "type")}
    scored["properties"] = {**named, **evaluation["properties"]}
    path = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    inputs = {"predictions": path, "labels": {"anyOf": [path, {"type": "null"}]}}
    failed = {"description": "One that could not be scored.", "type": "object"}
    failed["properties"] = {
        **named,
        "inputs": {"type": "object", "properties": inputs, "required": list(inputs)},
        "tags": {
            "description": meanings(Item)["tags"],
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
        "error": _type(Failure, definitions),
    }
    for body in (scored, failed):
        body["required"] = list(body["properties"])
    definitions |= {"ScoredEvaluation": scored, "FailedEvaluation": failed}
    body = _object(Batch, definitions)
    places = [{"$ref": f"#/$defs/{name}"} for name in ("ScoredEvaluation", "FailedEvaluation")]
    body["properties"]["evaluations"] |= {"type": "array", "items": {"anyOf": places}}
    del definitions["Item"], definitions["Evaluation"]  # which the two above stand for
    constants = _defaults(Batch)
    return _headed(constants["schema"], constants["schema_version"], body, definitions)


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a class: its first paragraph, and every attribute that the JSON shows."""
    properties, said = {}, meanings(kind)
    for name, hint in hints_of(kind).items():
        if name not in _fields(kind) or name in INTERNAL:
            continue
        closed = CLOSED.get((kind.__name__, name))
        body = {"enum": closed} if closed else _type(hint, definitions)
        properties[name.rstrip("_")] = {"description": said[name], **body} if name in said else body
    return {
        "description": " ".join((inspect.getdoc(kind) or "").replace("``", "`").split()),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint is Any:
        return {}
    simple = {str: "string", int: "integer", bool: "boolean", type(None): "null"}
    if hint in simple:
        return {"type": simple[hint]}
    if hint is float:
        return {"$ref": "#/$defs/number"}
    if isinstance(hint, types.UnionType):
        kinds = [_type(part, definitions) for part in get_args(hint)]
        if all(kind.keys() == {"type"} and kind["type"] != "array" for kind in kinds):
            return {"type": [kind["type"] for kind in kinds]}
        return {"anyOf": kinds}
    if get_origin(hint) is tuple:
        return _array(get_args(hint), definitions)
    if get_origin(hint) in (dict, Mapping):
        return {"type": "object", "additionalProperties": _type(get_args(hint)[1], definitions)}
    if issubclass(hint, Enum):
        return {"type": "string", "examples": [member.value for member in hint]}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # so that a class which holds itself would come to an end
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _array(parts: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a tuple: as many of one kind as there are, or a fixed number."""
    if parts[-1] is Ellipsis:
        return {"type": "array", "items": _type(parts[0], definitions)}
    items = [_type(part, definitions) for part in parts]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(getattr(kind, "_fields", None) or getattr(kind, "__dataclass_fields__", ()))


def _defaults(result: Any) -> dict[str, Any]:
    """Return the defaults of a result's fields, whichever kind of class it is."""
    named = getattr(result, "_field_defaults", None)
    return named or {name: field.default for name, field in result.__dataclass_fields__.items()}


def _error() -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    text = {"type": "string"}
    error = {
        "type": "object",
        "properties": {
            "code": {"description": "A stable name of the kind of error.", **text},
            "message": {"description": "What was found, for people.", **text},
            "where": {"anyOf": [_type(Where, definitions), {"type": "null"}]},
            "hint": {"description": "What settles it.", "type": ["string", "null"]},
            "exit_code": {"enum": [int(ExitCode.USAGE), int(ExitCode.DATA), int(ExitCode.BUG)]},
        },
    }
    error["required"] = list(error["properties"])
    definitions["Error"] = error
    body = {
        "description": "What a report holds where nothing could be scored.",
        "type": "object",
        "properties": {"celoss_version": text, "error": {"$ref": "#/$defs/Error"}},
    }
    return _headed("celoss.error", "1.0", body, definitions)


def _state() -> dict[str, Any]:
    """Return the schema of a state as far as it is anybody's but the version's that wrote it."""
    whole, held = {"type": "integer", "minimum": 1}, {"type": "object"}
    place = {"type": "object", "properties": {"first": whole, "last": whole, "of": whole}}
    place["required"] = list(place["properties"])
    properties = {
        "celoss_version": {"description": "Only this version reads it.", "type": "string"},
        "part": {"description": "Which of how many parts it is.", "anyOf": [place, {"type": "null"}]},
        "options": {"description": "What was asked for, each option by its name.", **held},
        "reading": {"description": "What the rows were taken for, and the files that they are in.", **held},
        "partial": {"description": "What the rows left behind: exact sums, counts, evidence, some rows.", **held},
        "expected": {
            "description": "Where no error was seen: the loss that the rows expect.",
            "type": ["object", "null"],
        },
        "others": {"description": "Other columns that name classes, in the first rows.", "type": "array"},
        "met": {"description": "Which rows of a label file paired by id.", "type": "array"},
        "prints": {"description": "A fingerprint of each part.", "type": "array", "items": {"type": "string"}},
        "digests": {
            "description": "What names the rows of each part and their scores, in whatever file; empty where parts may "
            "be so alike by chance.",
            "type": "array",
            "items": {"type": "string"},
        },
        "checksum": {"description": "Of all before it.", "type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    body = {
        "description": "What some of the rows leave behind, for `celoss merge`. What is in its objects is for the "
        "version of celoss that wrote it; a whole number of 2^53 or more is a text: in hexadecimal, then `p` and how "
        "many zeros in binary follow.",
        "type": "object",
        "properties": properties,
    }
    return _headed(SCHEMA, SCHEMA_VERSION, body, {})


def _configuration() -> dict[str, Any]:
    text_or_null = {"type": ["string", "null"]}
    option = {
        "type": "object",
        "properties": {
            "value": {"description": "As it takes effect, whichever type the option has."},
            "source": {"enum": ["flag", "environment", "file", "default"]},
            "where": {"description": "The flag, the variable, or the file and table.", **text_or_null},
        },
        "required": ["value", "source", "where"],
    }
    body = {
        "description": "Every option of a command with its value, and where that was said.",
        "type": "object",
        "properties": {
            "command": {"type": "string"},
            "file": {"description": "The configuration file that was read.", **text_or_null},
            "profile": text_or_null,
            "options": {"type": "object", "additionalProperties": option},
        },
    }
    return _headed("celoss.configuration", "1.0", body, {})


if __name__ == "__main__":
    for name, text in generated().items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")
