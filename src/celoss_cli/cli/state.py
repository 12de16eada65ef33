"""``celoss state``: some of the rows scored, and what they leave behind written to a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.option import request_of


@with_options("state")
def state_command(predictions: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Score some of the rows, and write what they leave behind to a file that celoss merge takes.

    A table of many files can so be scored by many machines, each some of them: the result of celoss merge is that of
    celoss eval on all rows, to the last digit. One part alone may not settle what the whole file means: --plan gives
    all parts one reading.

    Example: celoss state part-3.parquet --part 3/8 -o 3.state
    """
    output: str | None = given.get("output")
    if output is None:
        raise UsageError("-o says where the state is written, and is missing", code="no_output", hint="-o FILE.state")
    request = request_of(predictions, labels, given)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.outputs.files import check_writable, write_whole
    from celoss_cli.pipeline.empty_part import score_any_part
    from celoss_cli.pipeline.part import part_of
    from celoss_cli.pipeline.state_file import dump_state, read_plan
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import opener_of

    plan: str | None = given.get("plan")
    check_writable(output, [path for path in (predictions, labels, plan) if path is not None])
    part = part_of(given.get("part"))
    tune_process()
    pinned = None if plan is None else read_plan(plan)
    write_whole(output, dump_state(score_any_part(request, opener_of(request), progress, pinned, part)))
