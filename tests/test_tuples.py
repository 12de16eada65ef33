"""Named tuples that are cheap to declare: they behave as ``typing.NamedTuple``; what every run imports uses them."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from celoss_cli import tuples


class Ours(tuples.NamedTuple):
    """Some fields."""

    first: int
    """The first."""
    second: dict[str, NotThere] | None  # type: ignore[name-defined] # noqa: F821  what is never evaluated
    third: str = "three"
    fourth: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        """Two of them."""
        return f"{self.first}{self.third}"

    @classmethod
    def of(cls, first: int) -> Ours:
        """Make one."""
        return cls(first, None)


class Theirs(typing.NamedTuple):
    """Some fields."""

    first: int
    """The first."""
    second: dict[str, NotThere] | None  # type: ignore[name-defined] # noqa: F821
    third: str = "three"
    fourth: tuple[int, ...] = ()


class Below(Ours):
    """One of another class, with nothing of its own."""

    __slots__ = ()


class Nothing(tuples.NamedTuple):
    """No fields."""


class One(tuples.NamedTuple):
    """One field."""

    value: int


CALLS: tuple[Callable[[Any], Any], ...] = (
    lambda kind: kind(1, 2),
    lambda kind: kind(1, second=2, fourth=(4,)),
    lambda kind: kind(*range(4)).third,
    lambda kind: kind(1, 2)._replace(third=3),
    lambda kind: kind(1, 2)._replace(fifth=3),
    lambda kind: kind(1, 2)._asdict(),
    lambda kind: kind._make([1, 2, 3, 4]),
    lambda kind: kind._make([1, 2, 3]),
    lambda kind: kind._fields,
    lambda kind: kind._field_defaults,
    lambda kind: kind.__match_args__,
    lambda kind: kind.__doc__,
    lambda kind: kind.__module__,
    lambda kind: kind.__slots__,
    lambda kind: kind(1),
    lambda kind: kind(1, 2, 3, 4, 5),
    lambda kind: kind(1, 2, fifth=5),
    lambda kind: kind(1, 2, first=1),
    lambda kind: setattr(kind(1, 2), "first", 5),
    lambda kind: setattr(kind(1, 2), "other", 5),
    lambda kind: kind(1, 2) == (1, 2, "three", ()),
    lambda kind: hash(kind(1, 2)),
    lambda kind: kind(1, 2) < kind(1, 3),
    lambda kind: [*kind(1, 2)],
    lambda kind: kind(1, 2)[1:3],
    lambda kind: copy.copy(kind(1, 2)),
    lambda kind: copy.deepcopy(kind(1, [2])),
    lambda kind: [*inspect.signature(kind).parameters],
    lambda kind: [parameter.default for parameter in inspect.signature(kind).parameters.values()],
    lambda kind: [parameter.kind for parameter in inspect.signature(kind).parameters.values()],
    lambda kind: isinstance(kind(1, 2), tuple),
)


def outcome(call: Callable[[Any], Any], kind: Any) -> str:
    try:
        return repr(call(kind)).replace("Ours", "Theirs")
    except (TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}".replace("Ours", "Theirs")


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_they_behave_as_those_of_typing(place: int) -> None:
    assert outcome(CALLS[place], Ours) == outcome(CALLS[place], Theirs)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_they_are_pickled(protocol: int) -> None:
    for one in (Ours(1, None), Below(1, None), Nothing(), One(3)):
        again = pickle.loads(pickle.dumps(one, protocol))
        assert (again, type(again)) == (one, type(one))


def test_methods_stay() -> None:
    assert (Ours.of(3).both, Below.of(3).both, type(Below.of(3))) == ("3three", "3three", Below)
    assert Below(1, None)._replace(first=2) == Below(2, None)


def test_the_first_may_be_of_a_class_below_and_may_fail() -> None:
    class Base(tuples.NamedTuple):
        first: int

    class Child(Base):
        __slots__ = ()

    with pytest.raises(TypeError):
        Child()  # type: ignore[call-arg]
    assert type(Child(1)) is Child
    assert type(Base(1)) is Base


def test_a_class_may_match() -> None:
    match Ours(1, None):
        case Ours(first, None, third):
            assert (first, third) == (1, "three")
        case _:
            pytest.fail("no match")


def test_type_hints_are_read_when_somebody_asks() -> None:
    assert typing.get_type_hints(One) == {"value": int}
    with pytest.raises(NameError):
        typing.get_type_hints(Ours)


def test_what_every_evaluation_imports_declares_no_others(tmp_path: Path) -> None:
    """``pairing/`` imports nothing of the package."""
    file = tmp_path / "p.csv"
    file.write_text("p,label\n0.2,0\n0.7,1\n")
    code = (
        f"import sys\nsys.argv = ['celoss', 'eval', {str(file)!r}]\nfrom celoss_cli.__main__ import main\n"
        "try: main()\n"
        "finally: print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('celoss_cli')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [Path(name) for name in done.stderr.split("\n")[-2].split() if name.endswith(".py")]
    assert len(loaded) > 100
    others = [path for path in loaded if "pairing" not in path.parts and path.name != "tuples.py"]
    assert not [path for path in others if re.search(r"from typing import .*\bNamedTuple\b", path.read_text())]
