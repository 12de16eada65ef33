"""A result in the parts that every form of it is made from, so that each command prints and writes the same forms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from celoss_cli.errors import CelossError
    from celoss_cli.render.forms.findings import Findings, Origin
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface


class Result(Protocol):
    """What a command comes to: one of the trees in ``results/``."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python."""


class Report(ABC):
    """A result that can be printed. Each part is made when it is asked for.

    Every result has a document and a text. The other parts are those of a result that can be written to report files:
    ``evaluate`` and ``compare`` have them.
    """

    result: Result

    @abstractmethod
    def text(self, surface: Surface) -> str:
        """Return the report for a person, as ``surface`` can show it."""

    def document(self) -> dict[str, Any]:
        """Return what the JSON holds."""
        return self.result.to_dict()

    def findings(self) -> Findings:
        """Return the checks, numbers and warnings, for readers that are machines."""
        raise NotImplementedError

    def suites(self) -> Iterable[Findings | tuple[CelossError, Origin]]:
        """Return the findings of each part that is judged by itself, or its error and what it is from."""
        return (self.findings(),)

    def page(self, *, comment: bool) -> Outline:
        """Return the page to be laid out; for a ``comment``, no longer than one may be."""
        raise NotImplementedError

    def pictures(self) -> Iterable[Picture]:
        """Return the pictures that the result allows, the one that matters most first."""
        raise NotImplementedError

    def table(self) -> str:
        """Return the table as CSV."""
        raise NotImplementedError

    def means(self) -> Sequence[float]:
        """Return the numbers that scripts want, one a line."""
        raise NotImplementedError

    def numbers(self) -> dict[str, float]:
        """Return the finite numbers that are of the whole, flat and by name, and the gate's verdict as 1 or 0."""
        from celoss_cli.render.forms.metrics import flat_numbers_of_all

        return flat_numbers_of_all(self.suites())

    def bare(self) -> str:
        """Return what ``-q`` prints: the numbers that scripts want."""
        return "".join(f"{mean:.17g}\n" for mean in self.means())  # 17 digits read back as the same double

    def lines(self) -> str:
        """Return the JSON document on one line; of a result that is several, one a line."""
        from celoss_cli.render.forms import json

        return json.line(self.document())
