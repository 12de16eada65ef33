"""What the attributes of a class mean: the string below each, which Python itself does not keep."""

from __future__ import annotations

import ast
import inspect
import textwrap
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from typing import Any, get_type_hints

import celoss_cli
from celoss_cli import results
from celoss_cli.results.evaluation import Evaluation as Tree


def meanings(kind: type) -> dict[str, str]:
    """Return the text below each attribute of ``kind`` that has one, in one line, with code in one backtick."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for before, after in pairwise(definition.body):
        if not (isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            found[before.target.id] = " ".join(after.value.value.replace("``", "`").split())
    return found


def hints_of(kind: Any) -> dict[str, Any]:
    """Return the types of a result's attributes, those among them that its module names for type checkers alone."""
    modules = [import_module(f"celoss_cli.results.{found.name}") for found in iter_modules(results.__path__)]
    known = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, type)}
    for base in reversed(tree_of(kind).__mro__):  # two modules may have a class of one name
        known |= vars(import_module(base.__module__))
    return get_type_hints(tree_of(kind), localns=known)


def tree_of(kind: Any) -> Any:
    """Return the class that has the attributes of a result: that of evaluations puts them together as it is asked."""
    return Tree if kind is celoss_cli.Evaluation else kind
