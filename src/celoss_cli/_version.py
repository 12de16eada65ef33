"""The version of celoss: what the wheel, `--version` and every document say."""

__version__ = "0.2.0"
