"""What translators and n-gram models print of each token: fairseq's ``P-`` lines, KenLM, SRILM, Marian.

Each form is a row of ``_FORMS``: how its lines become sequences, and what the numbers are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import InputForm, ReadOptions
from celoss_cli.tables.arrow.build import build
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.text.cells import is_number
from celoss_cli.tables.text.text_stream import SUFFIX, detect_encoding, whole_text

_FAIRSEQ = re.compile(r"([PHT])-(\d+)\t(.*)")

_KENLM = re.compile(r"(\S+?)=\d+ \d+ (-?[0-9.eE+-]+|-inf)(?:\t|$)")

_SRILM = re.compile(r"\s*p\( (\S+) \|.*\)\s*=\s*\[\w+\] \S+ \[ (\S+) \]")

_MARIAN = re.compile(r"^(?:\d+ \|\|\| )?(.*?) \|\|\| .*?WordScores=((?: -?[0-9.eE+-]+)+)")

_BEGINS = re.compile(rb"(?:[SDTHP]-\d+\t|\S+=\d+ \d+ -?\d)")


_RUNNING = re.compile(rb"\[1\]\d+\.\d+,(?:\[2\]|\s)")


class _Sequence(NamedTuple):
    id: str
    logprobs: list[float]
    tokens: list[str] | None
    text: str | None


class _NoNumberError(Exception):
    """A line has something else where the score of a token should stand."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(line, text)
        self.line, self.text = line, text


class _Form(NamedTuple):
    """A form of lines."""

    title: str
    input: InputForm
    read: Callable[[Sequence[str]], list[_Sequence]]
    """Returns the sequences in lines of text. Raises _NoNumberError."""
    notices: tuple[tuple[str, str], ...] = ()


def open_token_lines(path: str, options: ReadOptions, compression: str | None, first: bytes) -> MemoryTable | None:
    """Open the lines of a tool as sequences. ``None`` for text that has none, unless ``--file-format`` names the tool:
    fairseq and KenLM are known by their first bytes, SRILM and Marian have to be named.

    Raises UnreadableFile for a tool that was named and whose lines are not there, and for running perplexities.
    """
    if options.file_format is None and _RUNNING.match(first) is not None:
        raise UnreadableFile(
            "holds the perplexities that llama-perplexity prints as it goes on: each is that of all chunks so far",
            code="running_perplexity",
            where=Where(path),
            hint="the last of them is the result; a server that gives the log-probabilities of the prompt says more",
        )
    if options.file_format not in _FORMS and _BEGINS.match(first) is None:
        return None
    lines = whole_text(path, compression, detect_encoding(first, options.encoding)).splitlines()
    wanted = options.file_format if options.file_format in _FORMS else None
    for name in (wanted,) if wanted is not None else ("fairseq", "kenlm"):
        form = _FORMS[name]
        found = _read(form, lines, path)
        if found:
            return _table(path, f"{name}{SUFFIX[compression]}", name, form, found)
    if wanted is None:
        return None
    raise UnreadableFile(
        f"has no line with the scores of tokens, as {_FORMS[wanted].title} prints it",
        code="no_token_lines",
        where=Where(path),
        hint="ask the tool for them: word scores of Marian, -debug 2 of SRILM, query -v word of KenLM",
    )


def _read(form: _Form, lines: Sequence[str], path: str) -> list[_Sequence]:
    try:
        return form.read(lines)
    except _NoNumberError as error:
        raise UnreadableFile(
            f"{error.text!r} is no score of a token, as {form.title} prints it",
            code="token_score",
            where=Where(path, line=error.line + 1),
            hint="check the step that writes this file",
        ) from None


def _scores(texts: Sequence[str], line: int) -> list[float]:
    """Return the numbers that stand in a line."""
    scores = []
    for text in texts:
        try:
            scores.append(float(text))
        except ValueError:
            raise _NoNumberError(line, text) from None
    return scores


def _table(path: str, form: str, name: str, known: _Form, found: list[_Sequence]) -> MemoryTable:
    columns: dict[str, Any] = {
        "id": build([one.id for one in found], pa.string()),
        "logprobs": build([one.logprobs for one in found], pa.list_(pa.float64())),
    }
    tokens = all(one.tokens is not None for one in found)
    text = all(one.text is not None for one in found)
    if tokens:
        columns["tokens"] = build([one.tokens for one in found], pa.list_(pa.string()))
    if text:
        columns["text"] = build([one.text for one in found], pa.string())
    data = pa.table(columns)
    of = SequencesOf(
        tool=name,
        title=known.title,
        truth="logprobs",
        form=known.input,
        tokens="tokens" if tokens else None,
        text="text" if text else None,
        notices=known.notices,
    )
    return MemoryTable(path, data, columns_of(data.schema), named=True, format=form, sequences_of=of)


def _fairseq(lines: Sequence[str]) -> list[_Sequence]:
    parts: dict[str, dict[str, tuple[str, int]]] = {}
    for place, line in enumerate(lines):
        found = _FAIRSEQ.fullmatch(line)
        if found is not None:
            parts.setdefault(found[2], {}).setdefault(found[1], (found[3], place))
    sequences = []
    for number, one in parts.items():
        if "P" not in one:
            continue
        scores = _scores(one["P"][0].split(), one["P"][1])
        text = one["H"][0].partition("\t")[2] if "H" in one else None
        tokens = None if text is None else [*text.split(), "</s>"]
        fits = tokens is not None and len(tokens) == len(scores)
        sequences.append(_Sequence(number, scores, tokens if fits else None, text))
    return sequences


def _kenlm(lines: Sequence[str]) -> list[_Sequence]:
    sequences: list[_Sequence] = []
    for place, line in enumerate(lines):
        pairs = _KENLM.findall(line.partition("Total: ")[0].rstrip())
        if pairs and "Total: " in line:
            words = [word for word, _ in pairs]
            text = " ".join(word for word in words if word != "</s>")
            sequences.append(_Sequence(str(len(sequences)), _scores([score for _, score in pairs], place), words, text))
    return sequences


def _srilm(lines: Sequence[str]) -> list[_Sequence]:
    sequences: list[_Sequence] = []
    words: list[str] = []
    scores: list[float] = []
    for place, line in enumerate((*lines, "")):
        found = _SRILM.match(line)
        if found is not None:
            words.append(found[1])
            scores += _scores([found[2]], place)
        elif words:
            text = " ".join(word for word in words if word != "</s>")
            sequences.append(_Sequence(str(len(sequences)), scores, words, text))
            words, scores = [], []
    return sequences


def _marian(lines: Sequence[str]) -> list[_Sequence]:
    sequences: list[_Sequence] = []
    for place, line in enumerate(lines):
        found = _MARIAN.match(line)
        if found is not None:
            scores = _scores(found[2].split(), place)
            text = None if is_number(found[1], ".") else found[1]  # the score of the sentence, where there is no text
            sequences.append(_Sequence(str(len(sequences)), scores, None, text))
    return sequences


_FORMS = {
    "fairseq": _Form(
        "fairseq-generate",
        InputForm.LOG2PROBS,
        _fairseq,
        (
            (
                "fairseq_base",
                "fairseq prints base-2 logarithms since January 2020, and natural ones before and in its Python API: "
                "--input logprobs for those",
            ),
        ),
    ),
    "kenlm": _Form("KenLM's query", InputForm.LOG10PROBS, _kenlm),
    "srilm": _Form("SRILM's ngram -debug 2", InputForm.LOG10PROBS, _srilm),
    "marian": _Form("Marian's scorer", InputForm.LOGPROBS, _marian),
}
"""The forms, by their names for ``--file-format``."""
