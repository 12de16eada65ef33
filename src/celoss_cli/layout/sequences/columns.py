"""Which columns play which part where a row is a sequence and the truth's own score is all there is."""

from __future__ import annotations

from collections.abc import Mapping

from celoss_cli.request import InputForm, Per
from celoss_cli.tables.source import Need
from celoss_cli.tuples import NamedTuple

SENTINELS = (-9999.0, -1000.0, -100.0, -99.0, -65504.0, -3.4028234663852886e38, -3.4028235e38)
"""Log-probabilities that stand for "none" in some tool: OpenAI, vLLM, mlx-omni, ARPA files, float16, SGLang."""

LEAST_SENTINEL = -99.0


class SequenceColumns(NamedTuple):
    """The columns of sequences, and what is counted of each."""

    truth: str
    """The truth's own scores."""
    lists: bool
    """Whether a cell is a list with one score a token, or one number."""
    form: InputForm
    """What the scores are."""
    per: str
    """The unit of the mean: a member of ``Per``, or the name of a column of counts."""
    text: str | None = None
    """The text of each sequence."""
    parallel: str | None = None
    """A list beside the scores: ids, texts or marks of the tokens."""
    parallel_given: bool = False
    """Whether it was named, so that it has to fit."""
    spells: bool = False
    """Whether the texts of the tokens joined are the text."""
    skip: int = 0
    """How many tokens are left out at the start of each list."""
    skip_column: str | None = None
    """The column that says it for each row."""
    weight: str | None = None
    """The weights: one number a row, or a list beside the scores."""
    macro: bool = False
    """Whether every sequence counts the same, whatever its length."""
    sizes: str | None = None
    """A list of how many bytes each token has, where the file says it."""
    decimals: int | None = None
    """With how many decimals the first values were printed, if with few; −1 for float16; ``None`` for exact ones."""

    @property
    def counts(self) -> str | None:
        """The column that counts the units of each row, if one does."""
        return None if self.per in tuple(Per) else self.per

    @property
    def unit(self) -> str:
        """The unit that is counted, as far as the name of a column of counts tells it."""
        if self.counts is None:
            return self.per
        name = self.per.casefold()
        return next((unit.value for unit in Per if unit.value in name), self.per)

    def needs(self) -> Mapping[str, Need]:
        """Return the columns that are read, and for what."""
        needs = {self.truth: Need.LIST if self.lists else Need.NUMBER}
        for name in (self.parallel, self.weight, self.sizes):
            if name is not None:
                needs[name] = Need.LIST if self.lists else Need.KEY
        for name in (self.skip_column, self.counts):
            if name is not None:
                needs[name] = Need.NUMBER
        if self.text is not None:
            needs[self.text] = Need.KEY
        return needs
