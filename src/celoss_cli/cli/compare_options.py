"""The options that ``celoss compare`` has of its own."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import typer

from celoss_cli.gate.regression import OnInconclusive

_COMPARED = "What is compared"

_CHANCE = "What may be chance"

_SHOW = "What is shown and written"

_GATE = "Gate"

Baseline = Annotated[
    str, typer.Argument(metavar="BASELINE", help="The predictions to compare with: any input of eval.")
]

Candidate = Annotated[str, typer.Argument(metavar="CANDIDATE", help="The predictions to judge, for the same rows.")]

Labels = Annotated[
    str | None,
    typer.Argument(metavar="[LABELS]", help="A file with the labels of both; else each has them as a column."),
]

MoreCandidates = Annotated[
    list[str] | None,
    typer.Option(
        "--candidate",
        metavar="FILE",
        help="One more candidate: all are ranked (repeat).",
        rich_help_panel=_COMPARED,
    ),
]

Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Print the mean difference alone, 17 digits; one a line.", rich_help_panel=_SHOW
    ),
]

Top = Annotated[
    int,
    typer.Option("--top", metavar="N", help="How many of the rows that changed most to show.", rich_help_panel=_SHOW),
]


class ChanceOptions(NamedTuple):
    """What the interval is made of."""

    confidence: Annotated[
        float, typer.Option("--confidence", metavar="P", help="Of the interval.", rich_help_panel=_CHANCE)
    ] = 0.95
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="COLUMN", help="Rows with the same value are not independent.", rich_help_panel=_CHANCE
        ),
    ] = None
    bootstrap: Annotated[
        int | None,
        typer.Option(
            "--bootstrap", metavar="N", help="Take the interval from N samples of the rows.", rich_help_panel=_CHANCE
        ),
    ] = None
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Of the bootstrap.", show_default="0", rich_help_panel=_CHANCE),
    ] = None


class MarginOptions(NamedTuple):
    """How much worse the candidate may be."""

    max_regression: Annotated[
        str | None,
        typer.Option(
            "--max-regression",
            metavar="M",
            help="Exit with code 1 unless the interval ends at most at M, or 2% of the baseline.",
            rich_help_panel=_GATE,
        ),
    ] = None
    inconclusive: Annotated[
        OnInconclusive | None,
        typer.Option(
            "--inconclusive", help="An interval that holds M is this.", show_default="fail", rich_help_panel=_GATE
        ),
    ] = None
