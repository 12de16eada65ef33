"""What a table of sequences is known to hold, where the tool that wrote it is known by the form of its records."""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.request import InputForm


class SequencesOf(NamedTuple):
    """The tool, and what its columns are here."""

    tool: str
    """Its name."""
    title: str
    """What it is called in a sentence."""
    truth: str
    """The column of the truth's own scores."""
    form: InputForm = InputForm.LOGPROBS
    """What they are."""
    tokens: str | None = None
    """The list of the tokens' texts or ids."""
    text: str | None = None
    """What was scored."""
    sizes: str | None = None
    """The list of how many bytes each token has."""
    counts: str | None = None
    """The column that counts the units of a sum."""
    sums: bool = False
    """Whether each score is the sum of a sequence, even where it stands in a list."""
    notices: tuple[tuple[str, str], ...] = ()
    """What is to be known of such files: codes and texts."""
