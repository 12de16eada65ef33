"""The results of the Python API: those of the commands, which also show themselves, as a page or as pictures.

The trees in ``results/`` are values, and know nothing of how they look. Here each has what a notebook asks of it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from celoss_cli.errors import UsageError
from celoss_cli.results import comparison, evaluation
from celoss_cli.results.metrics import Metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from celoss_cli.pipeline.parts import Parts
    from celoss_cli.render.report import Report

    _Tree = evaluation.Evaluation
else:
    _Tree = object  # the fields are found by ``__getattr__``


class Shown:
    """A result that can show itself."""

    __slots__ = ()

    @abstractmethod
    def _report(self) -> Report:
        """Return the parts that every form of it is made from."""

    def __repr__(self) -> str:
        """Return what it comes to, on one line."""
        return f"<{type(self).__name__}: {self._report().page(comment=True).title}>"

    def _repr_html_(self) -> str:
        """Return the page for a notebook: the main part of what a ``.html`` report holds."""
        from celoss_cli.render.forms import html

        return html.part(self._report().page(comment=False))

    def plot(self, name: str | None = None) -> Figure:
        """Return one of the pictures of the page as a matplotlib figure (extra ``plot``).

        Parameters
        ----------
        name
            Such as ``"reliability"``, ``"fixes"`` or ``"by-class"``. Without one it is the first picture of the page.

        Raises
        ------
        celoss_cli.errors.UsageError
            There is no such picture of this result, or matplotlib is not installed.
        """
        from celoss_cli.render.pictures.figure import figure_of

        pictures = {picture.name: picture for picture in self._report().pictures()}
        if not pictures or (name is not None and name not in pictures):
            raise UsageError(
                "this result has no picture" if name is None else f"this result has no picture called {name!r}",
                code="no_picture",
                hint=f"there are {', '.join(pictures)}" if pictures else "slices and diagnoses are drawn: slice=…",
            )
        return figure_of(next(iter(pictures.values())) if name is None else pictures[name])

    def metrics(self) -> dict[str, float]:
        """Return the numbers of the whole, flat and by name, as trackers of experiments take them.

        They are those of a ``.metrics.json`` report: in a batch and a history each after its name and a slash. A number
        that is not finite is left out; ``not_finite`` says how many were. ``gate_passed`` is 1 or 0, where there is a
        limit.
        """
        return self._report().numbers()


class ShownTree(Shown):
    """A result that is a dataclass, and can show itself."""

    __slots__ = ()

    @classmethod
    def of(cls, found: Any) -> Self:
        """Return the same result, ``found`` by a command, as one that can show itself."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})


class CallableMetrics(Metrics):
    """The metrics of an evaluation by name; called, all its numbers as a flat dictionary."""

    _of: Evaluation

    def __call__(self) -> dict[str, float]:
        """Return the numbers of the whole evaluation, as ``metrics()`` of other results does."""
        return self._of._report().numbers()


_OF_TUPLES = ("_asdict", "_replace")


def tree_of(result: Any) -> Any:
    """Return the whole tree of an evaluation that shows itself, and anything else as it is."""
    return result._whole() if isinstance(result, Evaluation) else result


class Evaluation(Shown, _Tree):
    """What ``celoss_cli.evaluate`` returns."""

    __slots__ = ("_made",)  # a tree, or its parts, which are put together as they are looked at

    _fields, _field_defaults = evaluation.Evaluation._fields, evaluation.Evaluation._field_defaults

    @classmethod
    def of(cls, made: Parts | evaluation.Evaluation) -> Self:
        """Return the result that can show itself."""
        found: Self = object.__new__(cls)
        object.__setattr__(found, "_made", made)
        return found

    def _whole(self) -> evaluation.Evaluation:
        """Return the tree with all its parts, a value that knows nothing of how it looks."""
        made: Parts | evaluation.Evaluation = self._made
        if not isinstance(made, evaluation.Evaluation):
            made = made.whole()
            object.__setattr__(self, "_made", made)
        return made

    def __getattr__(self, name: str) -> Any:
        if name in self._fields:
            return getattr(self._made, name)
        if name.startswith("_") and name not in _OF_TUPLES:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._whole(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name!r} cannot be changed: an evaluation is a value")

    def __eq__(self, other: object) -> bool:
        mine = self._whole()
        return bool(mine == (other._whole() if isinstance(other, Evaluation) else other))

    def __hash__(self) -> int:
        return hash((self._made.loss, self._made.counts))  # other parts hold dictionaries

    def __dir__(self) -> list[str]:
        of_tree = (name for name in dir(evaluation.Evaluation) if not name.startswith("_"))
        return sorted({*super().__dir__(), *of_tree, *_OF_TUPLES})

    def __reduce__(self) -> tuple[Any, ...]:
        return Evaluation.of, (self._whole(),)

    @property
    def metrics(self) -> CallableMetrics:  # type: ignore[override]  # a property, and called what the others return
        """The metrics by name, ``None`` each where rows are sequences; ``metrics()`` is a flat dictionary."""
        held: Metrics | None = self._made.metrics
        found = CallableMetrics(*(held or (None, None, None)))
        found._of = self
        return found

    def _report(self) -> Report:
        from celoss_cli.render.evaluation.report import EvaluationReport

        return EvaluationReport(self._whole())


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(ShownTree, comparison.Comparison):
    """What ``celoss_cli.compare`` returns."""

    def __hash__(self) -> int:
        return hash((self.baseline, self.candidate, self.difference))  # other parts hold dictionaries

    def _report(self) -> Report:
        from celoss_cli.render.comparison.report import ComparisonReport

        return ComparisonReport(self)
