"""What is known of a tool that writes predictions: its columns by name, and what they hold."""

from __future__ import annotations

from enum import Enum

from celoss_cli.request import InputKind
from celoss_cli.tuples import NamedTuple


class Spread(Enum):
    """How a tool spreads the scores of a row over columns."""

    CLASSES = "a column for each class"
    SINGLE = "one column that speaks of the positive class"
    PREDICTED = "one column that speaks of the class predicted beside it"
    LARGEST = "one column that never says less than the largest of the scores of all classes would"
    VECTOR = "a column of vectors"


class Scores(NamedTuple):
    """One family of score columns.

    ``name`` is a template (``templates``): ``{class}`` or ``{number}`` is the class that a column speaks of,
    ``{negative}`` the other one. ``kind`` is what the name settles about the scores. ``keys`` names the column that
    says which class each score is for: the predicted class, or lists of classes beside lists of scores. With ``bare``
    a predicted class that the template does not fit has a column of its own name.
    """

    name: str
    kind: InputKind | None = None
    shape: Spread = Spread.CLASSES
    keys: str = ""
    bare: bool = False


class Tool(NamedTuple):
    """What one tool writes, and how that is read.

    A file is the tool's if every one of ``marks`` names a column (``a|b``: either does) and none of ``unless`` does;
    a tool without marks is read by the general rules of ``label`` and ``scores``. ``scores`` are its families of score
    columns, the preferred one first; without any, the general rules find them. ``truth`` are the columns of labels,
    ``hot`` those with a 0 or 1 for every class. ``predicted`` holds the class that the model chose, and ``idle`` are
    other columns that are never a class, a score or the truth. ``refusal`` says why such a file cannot be scored, and
    ``way_out`` what to do; ``refuted`` is a column that ends the refusal if the user says that it is the truth.

    ``agrees``: the score columns stand side by side, and have every predicted class, for their names alone say too
    little.

    ``example`` is a directory of tests/layouts, ``flags`` what has to be passed for it (mostly nothing), ``trap`` what
    a reader of such files must not fall for, ``source`` where the tool's layout is documented.
    """

    name: str
    example: str
    trap: str
    source: str
    marks: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    scores: tuple[Scores, ...] = ()
    truth: tuple[str, ...] = ()
    hot: str = ""
    predicted: str = ""
    idle: tuple[str, ...] = ()
    refusal: str = ""
    way_out: str = ""
    refuted: str = ""
    agrees: bool = False
    flags: tuple[str, ...] = ()
