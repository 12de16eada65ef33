"""What servers and harnesses of language models write, record by record: each tool a row of ``TOOLS``.

A tool's function returns the sequences of one record, each with ``logprobs`` (null for what nothing predicts) and, as
far as the record has them, ``tokens``, ``text``, ``token_bytes`` and ``id``; or ``None`` where it is not of its form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from celoss_cli.tables.json.drawn_tokens import are_end_of, drawn_notice
from celoss_cli.tables.json.paths import at_path
from celoss_cli.tables.json.rewritten import Record, Rewriting, Unfit
from celoss_cli.tables.sequences_of import SequencesOf

_HELM_BYTES = re.compile(r"\\x[0-9a-fA-F]{2}")

_LOOKED_AT = 100  # records that say what the others hold

_IDS = ("id", "doc_id", "custom_id", "request_id", "index", "sample_id")


class TokenTool(NamedTuple):
    """A tool whose records are known."""

    name: str
    title: str
    rows: Callable[[Record], list[Record] | None]
    truth: str = "logprobs"
    tokens: str | None = "tokens"
    text: str | None = "text"
    sizes: str | None = None


def tool_of(records: Sequence[Record]) -> Rewriting | None:
    """Return how the records of a known tool become rows; ``None`` where no tool is known by the first ones.

    Raises Unfit for a form that does not say what is needed.
    """
    for place, record in enumerate(records[:_LOOKED_AT]):  # the first may be that of a request that failed
        try:
            tool = next((tool for tool in TOOLS if tool.rows(record)), None)
        except Unfit as odd:
            odd.row = place
            raise
        if tool is not None:
            return _rewriting(tool, records)
    return None


def _rewriting(tool: TokenTool, records: Sequence[Record]) -> Rewriting:
    first: list[Record] = []
    for place, record in enumerate(records[:_LOOKED_AT]):
        try:
            first += tool.rows(record) or ()
        except Unfit as odd:
            odd.row = place
            raise
    has = {name for row in first for name, value in row.items() if value is not None}
    notice = drawn_notice(tool.name, tool.title, records[:_LOOKED_AT], first)
    of = SequencesOf(
        tool=tool.name,
        title=tool.title,
        truth=tool.truth,
        tokens=tool.tokens if tool.tokens in has else None,
        text=tool.text if tool.text in has else None,
        sizes=tool.sizes if tool.sizes in has else None,
        notices=() if notice is None else (notice,),
    )

    def rows(record: Record) -> list[Record]:
        found = tool.rows(record)
        if found is None:
            return [{tool.truth: None, **_ids(record)}]
        return found

    return Rewriting(rows, of)


def _ids(record: Mapping[str, Any]) -> Record:
    return {name: record[name] for name in _IDS if isinstance(record.get(name), str | int)}


def _beside(record: Mapping[str, Any], taken: Sequence[str]) -> Record:
    """Return the single values that a record has beside its tokens: ids, names of groups."""
    return {
        name: value
        for name, value in record.items()
        if name not in taken and isinstance(value, str | int | float | bool)
    }


def _completions(record: Record) -> list[Record] | None:
    choices = at_path(record, "response.body.choices") or record.get("choices")
    if not _dicts(choices) or not isinstance(at_path(choices[0], "logprobs.token_logprobs"), list):
        return None
    rows = []
    for choice in choices:
        found = choice.get("logprobs") or {}
        tokens, text = found.get("tokens"), choice.get("text")
        if isinstance(text, str) and are_end_of(tokens, text):
            raise Unfit(
                "its tokens are the end of its text alone, though all of the text was asked for (echo)",
                code="echo_missing",
                hint="the server scores what it drew, and not the prompt: use one that scores the prompt, too",
            )
        row = {"logprobs": found.get("token_logprobs"), "tokens": tokens, "text": text}
        rows.append({**_beside(record, ("object", "created")), **row})
    return rows


def _chat(record: Record) -> list[Record] | None:
    choices = at_path(record, "response.body.choices") or record.get("choices")
    if not _dicts(choices) or not isinstance(at_path(choices[0], "logprobs.content"), list):
        return None
    beside = _beside(record, ("object", "created"))
    return [{**beside, **_of_content(at_path(choice, "logprobs.content"))} for choice in choices]


def _responses(record: Record) -> list[Record] | None:
    outputs = record.get("output")
    if not _dicts(outputs):
        return None
    parts = [part for one in outputs for part in one.get("content") or () if isinstance(part, dict)]
    lists = [part["logprobs"] for part in parts if isinstance(part.get("logprobs"), list)]
    if not lists:
        return None
    if not any(lists):
        raise Unfit(
            "the list of log-probabilities is empty: the Responses API fills it where the request asks",
            code="no_logprobs",
            hint='ask for it: include=["message.output_text.logprobs"]',
        )
    return [{**_beside(record, ("object",)), **_of_content(one)} for one in lists]


def _of_content(content: Any) -> Record:
    """Return the tokens of a list of objects with ``token``, ``logprob`` and ``bytes``."""
    if not isinstance(content, list):
        return {"logprobs": None}
    tokens = [one.get("token") for one in content]
    sizes = [_size(one.get("bytes"), one.get("token")) for one in content]
    text = "".join(token for token in tokens if isinstance(token, str))
    return {"logprobs": [one.get("logprob") for one in content], "tokens": tokens, "token_bytes": sizes, "text": text}


def _size(given: Any, token: Any) -> int:
    """Return how many bytes a token has; 0 for special ones, whose bytes are null."""
    if isinstance(given, list):
        return len(given)
    return 0 if given is None and isinstance(token, str) and token.startswith("<") else len(str(token or "").encode())


def _vllm(record: Record) -> list[Record] | None:
    owners = [record, *(one for one in record.get("choices") or () if isinstance(one, dict))]
    owners += [one for one in record.get("outputs") or () if isinstance(one, dict)]
    found = [one for one in owners if isinstance(one.get("prompt_logprobs"), list)]
    if not found and "prompt_logprobs" in record:  # of the prompt there are none: those of the answer, then
        drawn = [one for one in owners if _dicts(one.get("logprobs")) and isinstance(one.get("token_ids"), list)]
        found = [{"prompt_logprobs": one["logprobs"], "prompt_token_ids": one["token_ids"]} for one in drawn]
        record = {name: value for name, value in record.items() if name != "prompt"}
    if not found:
        return None
    return [{**_beside(record, ("object", "created")), **_of_vllm(one, record)} for one in found]


def _of_vllm(owner: Record, record: Record) -> Record:
    places = owner["prompt_logprobs"]
    ids = owner.get("prompt_token_ids") or record.get("prompt_token_ids")
    logprobs: list[Any] = []
    tokens: list[Any] = []
    for position, entries in enumerate(places):
        if not isinstance(entries, dict):
            number = isinstance(entries, int | float) and not isinstance(entries, bool)
            logprobs.append(entries if number else None)
            tokens.append(None)
            continue
        entry: Any = None
        if isinstance(ids, list) and position < len(ids):
            entry = entries.get(str(ids[position]), entries.get(ids[position]))
            if entry is None:
                raise Unfit(
                    f"token {position} of the prompt, {ids[position]}, is not among its own log-probabilities",
                    code="vllm_token_missing",
                    hint="prompt_token_ids and prompt_logprobs have to be of one request",
                )
        elif len(entries) == 1:
            entry = next(iter(entries.values()))
        else:
            raise Unfit(
                f"token {position} of the prompt has {len(entries)} log-probabilities, and nothing says which is its "
                "own: versions of vLLM differ in the order",
                code="vllm_which_token",
                hint="save prompt_token_ids too, or ask for prompt_logprobs=0",
                ambiguous=True,
            )
        logprobs.append(entry.get("logprob") if isinstance(entry, dict) else entry)
        tokens.append(entry.get("decoded_token") if isinstance(entry, dict) else None)
    text = record.get("prompt") if isinstance(record.get("prompt"), str) else None
    named = tokens if any(token is not None for token in tokens) else None
    return {"logprobs": logprobs, "tokens": named, "text": text}


def _tgi(record: Record) -> list[Record] | None:
    details = record.get("details")
    if not isinstance(details, dict) or not isinstance(details.get("prefill"), list):
        return None
    if not details["prefill"]:
        raise Unfit(
            "prefill is empty: since 3.0 the server leaves the prompt's log-probabilities out",
            code="no_prefill",
            hint="have the server keep them, ask for decoder_input_details, and switch the prompt cache off",
        )
    tokens = details["prefill"]  # the prompt's: those that were drawn after it are no given text
    texts = [one.get("text") for one in tokens]
    sizes = [0 if one.get("special") else len(str(one.get("text") or "").encode()) for one in tokens]
    row = {"logprobs": [one.get("logprob") for one in tokens], "tokens": texts, "token_bytes": sizes}
    return [{**_beside(record, ("generated_text",)), **row}]


def _sglang(record: Record) -> list[Record] | None:
    info = record.get("meta_info")
    if not isinstance(info, dict) or "input_token_logprobs" not in info:
        return None
    entries = info["input_token_logprobs"]
    if not entries:
        raise Unfit(
            "input_token_logprobs is empty: by default the server scores no token of the input",
            code="no_logprobs",
            hint="ask for return_logprob with logprob_start_len=0",
        )
    texts = [entry[2] if len(entry) > 2 else None for entry in entries]
    row: Record = {"logprobs": [entry[0] for entry in entries], "tokens": texts}
    if all(text is None for text in texts):
        row["tokens"] = [str(entry[1]) for entry in entries]
    return [{**_ids(record), **_beside(record, ("text",)), **row}]


def _llama_cpp(record: Record) -> list[Record] | None:
    entries = record.get("completion_probabilities")
    if not _dicts(entries):
        return None
    first = entries[0]
    if "logprob" not in first:
        old = "probs" in first
        raise Unfit(
            "it has the most probable tokens by rank, and not the one that was chosen"
            if old
            else "it has probabilities after sampling, which are not the model's",
            code="no_logprobs",
            hint="use a server of 2025 or later" if old else "leave post_sampling_probs out of the request",
        )
    return [{**_beside(record, ("content",)), **_of_content(entries)}]


def _helm(record: Record) -> list[Record] | None:
    states = record.get("request_states")
    if not _dicts(states):
        return None
    rows = []
    for state in states:
        for completion in at_path(state, "result.completions") or ():
            tokens = completion.get("tokens") or []
            texts = [str(one.get("text") or "") for one in tokens]
            row: Record = {"logprobs": [one.get("logprob") for one in tokens], "tokens": texts}
            row["token_bytes"] = [_helm_size(text) for text in texts]
            rows.append({"id": at_path(state, "instance.id"), **row})
    return rows or None


def _helm_size(text: str) -> int:
    return len(_HELM_BYTES.findall(text)) if text.startswith("bytes:") else len(text.encode())


def _inspect(record: Record) -> list[Record] | None:
    found = record.get("samples")
    samples = found if _dicts(found) else [record]
    rows: list[Record] = []
    for sample in samples:
        output = sample.get("output")
        for choice in (output.get("choices") if isinstance(output, dict) else None) or ():
            content = at_path(choice, "prompt_logprobs.content")
            if not isinstance(content, list):
                content = at_path(choice, "logprobs.content")
            if isinstance(content, list):
                rows.append({**_ids(sample), **_epoch(sample), **_of_content(content)})
    return rows or None


def _epoch(sample: Record) -> Record:
    return {"epoch": sample["epoch"]} if isinstance(sample.get("epoch"), int) else {}


def _lm_eval_rolling(record: Record) -> list[Record] | None:
    responses = record.get("resps")
    if not isinstance(responses, list) or not responses:
        return None
    values = []
    for response in responses:
        if isinstance(response, list) and len(responses) == 1 and len(response) == 1 and isinstance(response[0], list):
            response = response[0][:1]  # and whether each token was the likeliest
        if not isinstance(response, list) or len(response) != 1:
            return None
        value = _as_number(response[0])
        if value is None:
            return None
        values.append(value)
    row: Record = {**_ids(record), "loglikelihood": sum(values)}
    for name, unit in (
        ("bits_per_byte", "num_bytes"),
        ("byte_perplexity", "num_bytes"),
        ("word_perplexity", "num_words"),
    ):
        pair = record.get(name)
        if isinstance(pair, list) and len(pair) == 2:
            row[unit] = pair[1]
    text = record.get("target") if isinstance(responses[0][0], list) else None
    text = text or at_path(record, "doc.page") or at_path(record, "doc.text") or at_path(record, "doc.content")
    return [{**row, **({"text": text} if isinstance(text, str) else {})}]


def _as_number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _dicts(value: Any) -> TypeGuard[list[Record]]:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


TOOLS = (
    TokenTool("vllm", "prompt_logprobs of vLLM", _vllm, text="text"),
    TokenTool("openai_completions", "completions of the OpenAI API", _completions),
    TokenTool("openai_chat", "chat completions of the OpenAI API", _chat, sizes="token_bytes"),
    TokenTool("openai_responses", "the Responses API of OpenAI", _responses, sizes="token_bytes"),
    TokenTool("tgi", "Text Generation Inference", _tgi, text=None, sizes="token_bytes"),
    TokenTool("sglang", "SGLang", _sglang, text=None),
    TokenTool("llama_cpp", "the llama.cpp server", _llama_cpp, sizes="token_bytes"),
    TokenTool("helm", "HELM's scenario_state", _helm, text=None, sizes="token_bytes"),
    TokenTool("inspect_ai", "a log of Inspect", _inspect, sizes="token_bytes"),
    TokenTool("lm_eval_rolling", "samples of lm-evaluation-harness", _lm_eval_rolling, truth="loglikelihood",
              tokens=None),
)  # fmt: skip
"""The tools, in the order in which they are tried."""
