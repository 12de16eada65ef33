"""``celoss merge``: the result of all parts, from the states that they left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.eval import is_gated, is_stored, mean_is_enough, show_evaluation
from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of


@with_options("merge")
def merge_command(states: list[str], given: Mapping[str, Any]) -> None:
    """Put together what celoss state wrote, and show the result of all rows as celoss eval does.

    The rows are in the order of --part where the states have it, else in that of the arguments. States of other
    options, versions or readings are refused, and so is a part that is there twice.

    Example: celoss merge *.state --max-loss 0.5
    """
    form = form_of(given["format"], quiet=given["quiet"])
    output: str | None = given.get("output")
    reports = Reports(
        "merge",
        given.get("report"),
        inputs=states,
        kept=[path for path in [given.get("baseline")] if path is not None],
        others=[path for path in [output] if path is not None],
        renewed=[path for path in [given.get("save_baseline")] if path is not None],
        plots=given.get("plots"),
        tags=given.get("tag", ()),
    )
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.gating import Gating
    from celoss_cli.outputs.files import check_writable, write_whole
    from celoss_cli.pipeline.state_file import dump_state, read_state
    from celoss_cli.pipeline.states import evaluation_of, merged_state, told
    from celoss_cli.render.evaluation.report import EvaluationReport

    with reports.around():
        if output is not None:
            check_writable(output, states)
        whole = merged_state((path, read_state(path)) for path in states)
        if output is not None:
            write_whole(output, dump_state(whole))
            return
        gating = Gating(given, whole.request.slice) if is_gated("merge", given) else None
        if gating is not None:
            gating.open()
        stored, short = is_stored(form, reports, gating), mean_is_enough(form, reports, gating)
        whole = told(whole, given.get("tag", ()), digest=stored, short=short)
        evaluation = evaluation_of(whole, None if gating is None else gating.judged, name=states[0])
        report = EvaluationReport(evaluation)
        try:
            reports.publish(report)
        finally:
            if gating is not None:
                gating.save(evaluation)
    show_evaluation(report, evaluation, form)
