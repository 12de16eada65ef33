"""What scores are, and the options of sequences of which only the truth's own was saved: rows of the table."""

from __future__ import annotations

from celoss_cli.options.option import Option, Panel, Takes
from celoss_cli.request import InputForm

_COMMANDS = ("eval", "state", "inspect", "compare", "explain")

# fmt: off
OF_SEQUENCES = (
    Option("input", Takes.CHOICE, Panel.DATA, ("eval", "state", "inspect", "compare", "explain", "diagnose"),
           "What the prediction columns, or the truth's column, hold; nll is -ln p.",
           default="auto", choices=InputForm),
    Option("truth", Takes.VALUES, Panel.DATA, _COMMANDS,
           "No distribution, but what the truth itself got: a number, or a list with one a token.", "COLUMN"),
    Option("per", Takes.TEXT, Panel.DATA, _COMMANDS,
           "With --truth: the mean is per token, byte, char, word, sequence, or by a column of counts.", "UNIT"),
    Option("text", Takes.VALUES, Panel.DATA, _COMMANDS,
           "With --truth: the original text, whose bytes, characters and words are counted.", "COLUMN"),
    Option("skip", Takes.COUNT, Panel.DATA, _COMMANDS,
           "With --truth: leave the first N tokens of each list out, or as many as a column says.", "N|COLUMN"),
)
# fmt: on
