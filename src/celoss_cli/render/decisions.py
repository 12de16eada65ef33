"""What was decided about the data, for a person at a terminal: each decision with its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from celoss_cli.errors import brief
from celoss_cli.render.page import INDENT, LABEL, Page, bare, cell
from celoss_cli.tuples import NamedTuple

_STYLES = {"given": LABEL, "detected": "", "guessed": "yellow"}


class DecisionLine(NamedTuple):
    """A decision as it is shown."""

    what: str
    value: str

    how: str
    """given, detected or guessed."""

    evidence: str

    flag: str | None
    """The option that settles it."""

    runner_up: str | None = None
    """What came second, and why."""

    @property
    def why(self) -> str:
        """The evidence, and of a guess what settles it."""
        if self.how != "guessed" or not self.flag:
            return self.evidence
        return f"{self.evidence}{'; ' if self.evidence else ''}{self.flag} settles it"


def show_decisions(page: Page, decisions: Sequence[DecisionLine]) -> None:
    """Print the decisions, as a table or line by line, as the page allows."""
    if not decisions:
        return
    page.heading("How it was understood")
    table = bare()
    for fixed in (True, False, True, False):
        table.add_column(no_wrap=fixed, overflow="fold")
    for decision in decisions:
        why = page.prose((decision.why or " ", LABEL))
        if decision.runner_up is not None:
            why = Text("\n").join([why, _runner_up(page, decision.runner_up)])
        what = Text(page.charset.escaped(decision.what), LABEL)
        how = Text(decision.how, _STYLES[decision.how])
        table.add_row(what, cell(page.charset.escaped(brief(decision.value))), how, why)
    if page.fits(table):
        page.put(table)
        return
    for decision in decisions:
        value = page.charset.escaped(brief(decision.value))
        page.put(Text.assemble((page.charset.escaped(decision.what), LABEL), "  ", value))
        said = f": {decision.why}" if decision.why else ""
        page.say((decision.how, _STYLES[decision.how]), (said, LABEL), indent=INDENT + 2)
        if decision.runner_up is not None:
            page.put(_runner_up(page, decision.runner_up), indent=INDENT + 2)


def _runner_up(page: Page, text: str) -> Text:
    return page.prose(("rather than ", LABEL), (text, ""))
