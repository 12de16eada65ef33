"""All that a diagnosis adds up on one of its passes, as one mergeable value."""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.state.class_sums import ClassSums
from celoss_cli.state.confusion import ConfusionState
from celoss_cli.state.contradictions import ContradictionState
from celoss_cli.state.keyed_sums import KeyedSums
from celoss_cli.state.merging import merged
from celoss_cli.state.repeated_rows import RepeatState
from celoss_cli.state.sample import Sample
from celoss_cli.state.scores import ScoreState
from celoss_cli.state.temperature import CurveState, FixedState
from celoss_cli.state.weighted_scores import WeightedScores


class DiagnosisState(NamedTuple):
    """What is looked at is the same in all rows of a pass; other fields are ``None``. ``merge`` as the fields do."""

    scores: ScoreState | None = None
    """Two classes: the log odds of the positive one. More: those of the most probable class, and whether it is true."""
    classes: ClassSums | None = None
    """How much probability each class is given."""
    confusions: ConfusionState | None = None
    """What each pair of classes costs."""
    curve: CurveState | None = None
    """The loss at five temperatures."""
    sample: Sample | None = None
    """Rows by number, with their log-scores."""
    fixed: FixedState | None = None
    """The loss at the best temperature."""
    contradictions: ContradictionState | None = None
    """Rows that contradict their label."""
    weighted: WeightedScores | None = None
    """The log odds of the positive one of two classes, where rows have weights."""
    clusters: KeyedSums | None = None
    """What single fits save in each cluster, and their gradients: see ``scoring/cluster_terms.py``."""

    repeats: RepeatState | None = None
    """Scores that stand in several rows, by a hash of them."""

    def merge(self, other: DiagnosisState) -> DiagnosisState:
        """Return the state of both sets of rows."""
        return merged(self, other)

    def shifted(self, rows: int) -> DiagnosisState:
        """Return the same for rows that start ``rows`` further down the file."""
        return self._replace(
            sample=None if self.sample is None else self.sample.shifted(rows),
            contradictions=None if self.contradictions is None else self.contradictions.shifted(rows),
            clusters=None if self.clusters is None else self.clusters.shifted(rows),
        )
