"""What the attributes of a class mean: the string below each, which Python itself does not keep."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise


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
