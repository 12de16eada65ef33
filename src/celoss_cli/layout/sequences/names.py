"""What columns of language models' scores are called, and the tools whose files are known, as data."""

from __future__ import annotations

from celoss_cli.layout.names import plain
from celoss_cli.request import InputForm
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import Table

TOTALS = frozenset(
    (
        "score",
        "scores",
        "loglik",
        "logliks",
        "loglikelihood",
        "log_likelihood",
        "logps",
        "logp",
        "cumulative_logprob",
        "sum_logits",
        "sum_logprob",
        "sum_logprobs",
        "logprob_sum",
        "total_logprob",
        "gold_score",
    )
)
"""Names of single numbers that may be the sum of a sequence or its mean."""

AVERAGED = frozenset(
    (
        "perplexity",
        "ppl",
        "perplexities",
        "word_perplexity",
        "byte_perplexity",
        "token_perplexity",
        "bits_per_byte",
        "bits_per_token",
        "bits_per_char",
        "bits_per_character",
        "bpb",
        "bpc",
        "bpt",
        "bits_per_word",
    )
)
"""Names of numbers that are averaged already."""

_OF_SUMS = frozenset(
    ("score", "scores", "logps", "loglik", "logliks", "loglikelihood", "likelihood", "sum", "total", "cumulative")
)

_OF_MEANS = frozenset(("perplexity", "perplexities", "ppl", "ppls", "bpb", "bpc", "bpt"))


def may_be_sum(name: str) -> bool:
    """Whether a number of that name may be the sum of a sequence: ``ref_chosen_logps``, and no ``token_logps``."""
    words = set(plain(name).split("_"))
    return plain(name) in TOTALS or (bool(words & _OF_SUMS) and not words & {"token", "tok"})


def is_averaged(name: str) -> bool:
    """Whether a number of that name is averaged already: ``mean_perplexity``."""
    called = plain(name)
    return called in AVERAGED or bool(set(called.split("_")) & _OF_MEANS) or "bits_per_" in called


TEXTS = ("text", "page", "target", "prompt", "content", "document")
"""Names of the text that was scored."""

_FORMS = (
    ("log10 log10p log10prob log10probs lg lgprob", InputForm.LOG10PROBS),
    ("log2 log2p log2prob log2probs bits logscore", InputForm.LOG2PROBS),
    ("nll nlls loss losses surprisal surprisals", InputForm.NLL),
    ("logprob logprobs log_prob log_probs logp logps loglik logliks loglikelihood log_likelihood logit_logprob lp",
     InputForm.LOGPROBS),
    ("prob probs probability probabilities p", InputForm.PROBS),
)  # fmt: skip


def form_of_name(name: str) -> InputForm | None:
    """Return what numbers are by the words of their column's name; the first that is found counts."""
    called = f"_{plain(name)}_"
    return next((form for words, form in _FORMS if any(f"_{word}_" in called for word in words.split())), None)


def recognised(table: Table) -> SequencesOf | None:
    """Return the tool that wrote a table, if the form of its records says so."""
    return getattr(table, "sequences_of", None)
