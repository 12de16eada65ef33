"""What an option is: its name, what it takes, what the help says of it, and which commands have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from celoss_cli.request import InputForm, ReadOptions, Request
from celoss_cli.tuples import NamedTuple


class Takes(Enum):
    """What an option takes.

    ``cli/values.py`` says how each kind is read from the command line, ``api/arguments.py`` how from Python. A value is
    the type in Python, and what the docstrings say of it besides the help text.
    """

    SWITCH = ("bool", "")
    NUMBER = ("float", "")
    WHOLE = ("int", "")
    TEXT = ("str", "")
    COUNT = ("int | str", "")
    CHOICE = ("str", "One of")
    SPELLED = ("Any", "")
    COLUMN = ("str", "The name of a column.")
    VALUES = ("Any", "The name of a column, or an array of its values.")
    KEYS = ("str | Iterable[Any]", "Names of columns, or an array of their values.")
    NAMES = ("str | Iterable[Any]", "")
    CONDITIONS = (
        "Mapping[str, Any] | str | Iterable[str]",
        'A mapping from columns to values, or texts ``"column=value"``.',
    )
    TAGS = ("Mapping[str, Any] | str | Iterable[str]", 'A mapping, or texts ``"key=value"``.')
    MODELS = (
        "Mapping[str, Any] | str | Iterable[str]",
        'A mapping from names to columns, or texts ``"name=columns"``.',
    )
    SLICES = (
        "str | Iterable[Any]",
        'As ``"region"``, or with edges ``"age=18,65"``; several as a list; or arrays, as a Series or by name.',
    )
    FILE = ("str | os.PathLike[str]", "")
    FILES = ("Iterable[str]", "")
    CLASS_WEIGHTS = (
        "str | os.PathLike[str] | Mapping[Any, float] | Sequence[float]",
        "Also a list of numbers in class order, a mapping from classes, or a Series with the classes as its index.",
    )
    POS_WEIGHTS = ("str | float | Sequence[float]", "A number, or a list of one for each label.")
    LIMITS = (
        "float | str | Mapping[str, float] | Iterable[float | str]",
        'A number for the worst, a mapping from names to numbers (a slice is named ``"region=EU"``), or texts.',
    )
    MARGIN = ("float | str", 'In the unit of the loss, or as ``"2%"``.')
    CALIBRATION = ("Any", "A path, or what ``fit_calibration`` returned.")
    EXPECTED = ("str | float", "A text says how many digits it has: 0.50 has two.")

    @property
    def repeats(self) -> bool:
        """Whether the command line takes it more than once."""
        return self in _REPEATS

    @property
    def pairs(self) -> bool:
        """Whether it takes ``name=value``."""
        return self in _PAIRS


_REPEATS = frozenset(
    (Takes.NAMES, Takes.KEYS, Takes.CONDITIONS, Takes.SLICES, Takes.FILES, Takes.LIMITS, Takes.TAGS, Takes.MODELS)
)

_PAIRS = frozenset(
    (Takes.CONDITIONS, Takes.SLICES, Takes.LIMITS, Takes.CLASS_WEIGHTS, Takes.POS_WEIGHTS, Takes.TAGS, Takes.MODELS)
)


class Panel(Enum):
    """A part of the help, in the order of the help; the value is its title."""

    SCORED = "What is scored"
    COMPARED = "What is compared"
    DATA = "What the data are (detected where left out)"
    LOSS = "How the loss is computed"
    CHANCE = "What may be chance"
    SHOWN = "What is shown and written"
    GATE = "Gate: exit code 1 …"
    MARGIN = "Gate"
    READING = "How text files are read (sniffed where left out)"
    CONFIG = "Where options come from"


class Option(NamedTuple):
    """An option of one command or more.

    Its name is that of the field that it fills: of ``Request``, ``ReadOptions``, ``Limits`` or ``Comparing``. An option
    of a command alone fills none, and the command asks for it by name.
    """

    name: str
    """As a Python name; the command line writes ``-`` for ``_``."""

    takes: Takes
    """What it takes."""

    panel: Panel
    """Where the help has it."""

    commands: tuple[str, ...]
    """Which commands have it."""

    help: str
    """What it does, in a sentence for the help and for the docstrings."""

    metavar: str | None = None
    """What stands for its value in the help."""

    default: Any = None
    """The value where it is left out, as the command line shows it. ``auto`` is ``None`` in a request."""

    choices: Iterable[str] = ()
    """The values of a choice: an enum, or texts that stay texts."""

    spelling: str | None = None
    """How the command line writes it, where that is not ``--name``."""

    shown_default: str | None = None
    """A default that the help names though the value is ``None``: something else decides it later."""

    python: bool = True
    """Whether functions of the Python API take it, too."""

    writes: bool = False
    """Whether it names a place that is written to: a configuration that nobody named may not choose any place."""

    other: bool = False
    """Whether other commands mean something else by it: a configuration sets it in the table of its command alone."""

    connects: bool = False
    """Whether it names another machine to work with: only a configuration that somebody named may do that."""

    @property
    def key(self) -> str:
        """The name as users write it."""
        return self.name.replace("_", "-")

    @property
    def flag(self) -> str:
        """The option as messages name it."""
        return f"--{self.key}"

    @property
    def configurable(self) -> bool:
        """Whether it can be set in a configuration file or the environment."""
        return self.panel is not Panel.CONFIG and self.name != "debug"


class Argument(NamedTuple):
    """A file that a command takes by its place."""

    name: str
    metavar: str
    help: str
    needed: bool = True

    several: bool = False
    """Whether it stands for any number of files."""


def request_of(predictions: Any, labels: Any, given: Mapping[str, Any]) -> Request:
    """Return the request that options make; ``given`` has their values by name, and may have others."""
    reading = ReadOptions(**among(ReadOptions._fields, given))
    fields = among(Request._fields, given)
    form = fields.get("input")
    if isinstance(form, InputForm):
        fields |= {"input": form.kind, "written": None if form.natural else form}
    return Request(predictions, labels, reading=reading, **fields)


def among(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given under ``names``."""
    return {name: given[name] for name in names if name in given}
