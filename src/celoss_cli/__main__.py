"""``python -m celoss_cli``, and the console script ``celoss``."""

from __future__ import annotations

import sys

from celoss_cli.cli.app import app
from celoss_cli.cli.boundary import exit_code_of


def main() -> None:
    """Run the command line and exit with the code that the contract gives."""
    sys.exit(exit_code_of(app, sys.argv[1:]))


if __name__ == "__main__":
    main()
