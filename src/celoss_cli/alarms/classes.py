"""Does another class belong to each column: swapped, permuted, or counted from 1 instead of 0?"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import Means, compared, numbers, of_truth
from celoss_cli.kernels.functions import exp, log
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.spelling import list_option, option

_MOST_NAMED = 12


def classes_permuted(look: Look) -> Alarm | None:
    """Return the alarm that the columns speak of the classes in another order. Two classes: that they are swapped."""
    columns = _assigned(look)
    moved = _moved(columns)
    if not moved.size:
        return None
    means = look.beside(of_truth(look.surprisals, columns[look.codes]))
    return _alarm(look, columns, means) if means.far_better(_ways(moved.size, columns.size)) else None


def is_better_than(columns: Codes, look: Look) -> bool:
    """Whether the order of the classes is far better as it is than with the ``columns`` (C,) for them."""
    means = compared(of_truth(look.surprisals, columns[look.codes]), look.losses, look.codes)
    return means.far_better(_ways(_moved(columns).size, columns.size))


def some_classes_permuted(look: Look) -> list[Alarm]:
    """Return the alarm that some of many columns have changed places, though the others make the whole look well.

    Only the rows of these classes count, and of their probabilities only how they are spread over these columns.
    """
    columns = _assigned(look)
    moved = _moved(columns)
    if not 1 < moved.size < columns.size:
        return []
    rows = _rows_of(look, moved)
    if not rows.size:
        return []
    chosen, codes = look.surprisals[:, rows], look.codes[rows]
    among = chosen[moved]
    shared = among.min(axis=0) - log(exp(among.min(axis=0) - among).sum(axis=0))
    now, other = of_truth(chosen, codes) - shared, of_truth(chosen, columns[codes]) - shared
    inside = compared(now, other, codes)
    if not inside.far_better(_ways(moved.size, columns.size)):
        return []
    whole = look.beside(of_truth(look.surprisals, columns[look.codes]))
    return [_alarm(look, columns, whole)]


def labels_off_by_one(look: Look) -> Alarm | None:
    """Return the alarm that whole-number labels are counted from another number than was taken."""
    first = _first_number(look.spellings)
    if first is None:
        return None
    present = np.unique(look.codes)
    size = look.surprisals.shape[0]
    best: tuple[Means, int] | None = None
    for step in (-1, 1):
        if present[0] + step < 0 or present[-1] + step >= size:
            continue
        means = look.beside(of_truth(look.surprisals, look.codes + step))
        if means.far_better(math.log(2.0)) and (best is None or means.other < best[0].other):
            best = means, step
    if best is None:
        return None
    means, step = best
    spelled = [str(first - step + place) for place in range(size)]
    flag = list_option("--classes", spelled)
    how = f"if labels were counted from {first - step} instead of {first}"
    return _counter(look, "labels_off_by_one", means, how, flag)


def classes_in_text_order(look: Look) -> Alarm | None:
    """Return the alarm that the columns are in the order of the text of their numbers: 0, 1, 10, 11, …, 2, 20."""
    first = _first_number(look.spellings)
    if first is None:
        return None
    order = sorted(range(len(look.spellings)), key=lambda code: look.spellings[code])
    columns = np.empty(len(order), dtype=np.intp)
    columns[order] = np.arange(len(order))
    means = look.beside(of_truth(look.surprisals, columns[look.codes]))
    if not means.far_better(0.0):
        return None
    flag = list_option("--classes", [look.spellings[code] for code in order])
    how = f"if the columns were in the order of text ({', '.join(look.spellings[code] for code in order[:3])}, …)"
    return _counter(look, "classes_in_text_order", means, how, flag)


def shown_flag(flag: str) -> str:
    """Return a flag for a message: whole, or where it would fill the screen, where to find it."""
    return flag if len(flag) <= 120 else f"{flag[:90]}… (celoss inspect has it whole)"


def _alarm(look: Look, columns: Codes, means: Means) -> Alarm:
    spelled, moved = look.spellings, _moved(columns)
    if look.single:
        flag = option("--positive", spelled[0])
        what = f"if the column spoke of {spelled[0]!r} instead of {spelled[1]!r}"
    else:
        of_column = [""] * len(spelled)
        for code, column in enumerate(columns.tolist()):
            of_column[column] = spelled[code]
        flag = list_option("--classes", of_column)
        named = [repr(spelled[code]) for code in moved.tolist()[:_MOST_NAMED]]
        more = f" … ({moved.size} classes)" if moved.size > _MOST_NAMED else ""
        what = f"if the columns of {', '.join(named)}{more} were in another order"
        if moved.size == 2:
            what = f"with {' and '.join(named)} swapped"
    kind = "classes_swapped" if moved.size == 2 else "classes_permuted"
    return _counter(look, kind, means, what, flag)


def _counter(look: Look, code: str, means: Means, how: str, flag: str) -> Alarm:
    """Return the alarm that ``flag`` names the classes better; where the user has named them, against that."""
    asked = look.chosen.classes
    but = f"; {'--positive' if look.single else '--classes'} as given says otherwise" if asked else ""
    text = f"{numbers(means, look.base, how)}{but}: {shown_flag(flag)}"
    return Alarm(code, text, means.now, means.other, flag, against_choice=asked)


def _assigned(look: Look) -> Codes:
    """Return a column for each class (C,): for those that their own column serves badly the best one.

    A class whose rows give it a geometric mean of half or more has no better column: what is left for the others is
    less than that. Of the rest those choose first that have most to lose. An exact assignment would find no more:
    where another order is beyond doubt, each class has its own best column.
    """
    size = look.surprisals.shape[0]
    counts = np.bincount(look.codes, minlength=size)
    losses = np.bincount(look.codes, look.losses, size)
    badly = np.flatnonzero(losses > math.log(2.0) * counts)
    columns = np.arange(size)
    if badly.size < 2:
        return columns
    means = _means(look, badly)
    free = np.zeros(size, dtype=bool)
    free[badly] = free[counts == 0] = True
    columns[free] = -1
    lead = np.partition(means, 1, axis=1)[:, :2] @ np.array([-1.0, 1.0]) * counts[badly]
    for place in np.argsort(-lead, kind="stable").tolist():
        best = int(np.where(free, means[place], np.inf).argmin())
        columns[badly[place]], free[best] = best, False
    for code in np.flatnonzero(columns < 0).tolist():
        own = code if free[code] else int(free.argmax())
        columns[code], free[own] = own, False
    return columns


def _means(look: Look, classes: Codes) -> Floats:
    """Return the mean surprisals (P, C) that the rows of each of P ``classes``, in order, have in every column."""
    rows = _rows_of(look, classes)
    rows = rows[np.argsort(look.codes[rows], kind="stable")]
    counts = np.bincount(look.codes[rows])[classes]
    sums: Floats = np.add.reduceat(look.surprisals[:, rows], np.cumsum(counts) - counts, axis=1)
    return (sums / counts).T


def _rows_of(look: Look, classes: Codes) -> Codes:
    """Return the rows of some classes."""
    among = np.zeros(look.surprisals.shape[0], dtype=bool)
    among[classes] = True
    return np.flatnonzero(among[look.codes])


def _moved(columns: Codes) -> Codes:
    return np.flatnonzero(columns != np.arange(columns.size))


def _ways(moved: int, size: int) -> float:
    """Return ln of the number of orders in which so many of ``size`` columns move, and of such numbers."""
    return 0.0 if size == 2 else (moved + 1) * math.log(size)


def _first_number(spellings: tuple[str, ...]) -> int | None:
    """Return the number from which labels are counted, or ``None`` if they are not numbers that follow each other."""
    try:
        whole = [int(text) for text in spellings]
    except ValueError:
        return None
    return whole[0] if whole == list(range(whole[0], whole[0] + len(whole))) else None
