"""Named tuples that are cheap to declare, for what every run imports: a small file declares a hundred and thirty.

``typing.NamedTuple`` compiles a constructor, and the text of each annotation: 0.13 ms a class, a tenth of the time that
a small file takes. Here a constructor is compiled when the first tuple of its class is made, and annotations stay text.
To type checkers it is ``typing.NamedTuple``, and a class behaves as if it were made by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter as field_at  # in C, as collections.namedtuple has it

    class _Signature:
        """The signature of a class, for ``inspect`` and for what writes documentation."""

        def __get__(self, made, cls):
            import inspect

            _, *others = inspect.signature(_constructor(cls)).parameters.values()
            return inspect.Signature(others)

    class _Named(tuple):
        """What all have in common."""

        __slots__ = ()
        __signature__ = _Signature()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012  as of every named tuple

        def __new__(cls, /, *values, **named):
            """Make the first of a class: the constructor of its fields takes the place of this one."""
            owner = next(one for one in cls.__mro__ if "_fields" in vars(one))
            owner.__new__ = _constructor(owner)
            return owner.__new__(cls, *values, **named)

        @classmethod
        def _make(cls, values):
            """Make one of the values of all fields."""
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **named):
            """Return the same with other values for some fields."""
            made = self._make(map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"Got unexpected field names: {list(named)!r}")
            return made

        __replace__ = _replace

        def _asdict(self):
            """Return the values by the names of their fields."""
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({said})"

        def __getnewargs__(self):
            return tuple(self)

    def _constructor(cls):
        names = cls._fields
        arguments, values = (
            "".join(f"{before}{name}{after}" for name in names) for before, after in ((", ", ""), ("", ", "))
        )
        scope = {"_new": tuple.__new__, "__builtins__": {}, "__name__": cls.__module__}
        new = eval(f"lambda _cls{arguments}: _new(_cls, ({values}))", scope)
        new.__defaults__ = tuple(cls._field_defaults.values())
        new.__annotations__ = dict(cls.__annotations__)
        new.__name__, new.__qualname__ = "__new__", f"{cls.__qualname__}.__new__"
        return new

    class _Declared(type):
        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            names = tuple(body.setdefault("__annotations__", {}))
            defaults = {one: body.pop(one) for one in names if one in body}
            fields = {one: field_at(place, "") for place, one in enumerate(names)}
            said = {"__slots__": (), "_fields": names, "_field_defaults": defaults, "__match_args__": names}
            return type(name, (_Named,), fields | body | said)

    class NamedTuple(metaclass=_Declared):
        """The base of a named tuple, as ``typing.NamedTuple``."""
