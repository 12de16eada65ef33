"""How many of the tokens in a record the model drew itself: their mean is not the loss of a given text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celoss_cli.tables.json.paths import at_path
from celoss_cli.tables.json.rewritten import Record


def drawn_notice(tool: str, title: str, records: Sequence[Record], rows: Sequence[Record]) -> tuple[str, str] | None:
    """Return the notice, code and text, about the first ``records`` of a tool, if it has such tokens among ``rows``."""
    count = _DRAWN.get(tool)
    drawn = 0 if count is None else sum(count(record) for record in records)
    if not drawn:
        return None
    tokens = sum(len(row["logprobs"]) for row in rows if isinstance(row.get("logprobs"), list))
    which = (
        "these are tokens" if drawn >= tokens else f"{drawn:,} of the first {tokens:,} are tokens, after the prompt's,"
    )
    text = (
        f"{title}: {which} that the model drew itself. That is not the loss of a given text, and follows the "
        "temperature where the server applies it"
    )
    return "generated", text


def are_end_of(tokens: Any, text: str) -> bool:
    """Whether tokens are the end of a text alone: what was drawn, where the prompt was to be scored, too."""
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return False
    joined = "".join(tokens)
    return 0 < len(joined) < len(text) and text.endswith(joined)


def _all(*paths: str) -> Callable[[Record], int]:
    return lambda record: sum(len(found) for path in paths if isinstance(found := at_path(record, path), list))


def _choices(record: Mapping[str, Any]) -> list[Any]:
    found = at_path(record, "response.body.choices") or record.get("choices")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _of_completions(record: Record) -> int:
    """All where nothing precedes the first token that it could have no value for, else those that the usage counts."""
    choices = _choices(record)
    lists = [found for one in choices if isinstance(found := at_path(one, "logprobs.token_logprobs"), list) and found]
    if any(values[0] is not None for values in lists):
        return sum(map(len, lists))
    used = at_path(record, "usage.completion_tokens") or at_path(record, "response.body.usage.completion_tokens")
    return used if isinstance(used, int) and lists else 0


def _of_chat(record: Record) -> int:
    return sum(_all("logprobs.content")(one) for one in _choices(record))


def _of_responses(record: Record) -> int:
    outputs = record.get("output")
    parts = [part for one in outputs or () if isinstance(one, dict) for part in one.get("content") or ()]
    return sum(_all("logprobs")(part) for part in parts)


def _of_vllm(record: Record) -> int:
    outputs = record.get("outputs")
    if isinstance(record.get("prompt_logprobs"), list) or not isinstance(outputs, list):
        return 0
    return sum(_all("logprobs")(one) for one in outputs if isinstance(one, dict))


def _of_inspect(record: Record) -> int:
    samples = record.get("samples")
    drawn = 0
    for sample in samples if isinstance(samples, list) else [record]:
        for choice in at_path(sample, "output.choices") or ():
            if not isinstance(at_path(choice, "prompt_logprobs.content"), list):
                drawn += _all("logprobs.content")(choice)
    return drawn


_DRAWN: dict[str, Callable[[Record], int]] = {
    "openai_completions": _of_completions,
    "openai_chat": _of_chat,
    "openai_responses": _of_responses,
    "vllm": _of_vllm,
    "llama_cpp": _all("completion_probabilities"),
    "inspect_ai": _of_inspect,
}
"""Tools of whose records some hold them."""
