"""The Python API of celoss calibrate: a fix fitted to validation rows, and applied to other predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from celoss_cli.api.arguments import path_or_object, taken
from celoss_cli.api.beside import with_values
from celoss_cli.api.calls import silent
from celoss_cli.api.indexes import check_indexes
from celoss_cli.api.keywords import ApplyCalibrationKeywords, FitCalibrationKeywords
from celoss_cli.api.signature import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.option import among, request_of
from celoss_cli.options.table import options_of
from celoss_cli.request import ReadOptions
from celoss_cli.tables.inputs import opener_of

if TYPE_CHECKING:
    from celoss_cli.results.calibration import Calibration


@with_options("calibrate-fit", FitCalibrationKeywords)
def fit_calibration(validation: Any, labels: Any = None, **options: Unpack[FitCalibrationKeywords]) -> Calibration:
    """Return a fix of the probabilities, fitted to validation rows: one temperature, or a logistic of the log odds.

    Parameters
    ----------
    validation, labels
        As the predictions and labels of ``evaluate``, of rows that neither trained the model nor will judge it: scores
        of shape (n,) about the positive class or (n, C) about each class, labels of shape (n,).
    **options

    Returns
    -------
    Calibration
        For ``apply_calibration``, and as ``calibration`` of ``evaluate``, ``compare`` and ``diagnose``. Its ``promise``
        has what it is to save on new rows, in nats a row.

    Raises
    ------
    celoss_cli.errors.CelossError
        As ``evaluate``; and ``DataError`` where no fix of that kind is best for these rows.
    """
    from celoss_cli.calibration.fit import fit

    (rows, truth), named = with_values((validation, labels), ("predictions", "labels"), options)
    given = taken(options_of("calibrate-fit"), named)
    request = request_of(path_or_object(rows), path_or_object(truth), given)
    if not request.id:
        check_indexes(validation, labels, ("predictions", "labels"))
    output = given.get("output")
    if output is not None:
        from celoss_cli.outputs.files import check_writable

        check_writable(output, [path for path in (request.predictions, request.labels) if isinstance(path, str)])
    found = fit(request, given.get("method"), opener_of(request), silent)
    if output is not None:
        from celoss_cli.outputs.files import write_whole
        from celoss_cli.render.forms import json

        write_whole(output, json.dump(found.to_dict()))
    return found


@with_options("calibrate-apply", ApplyCalibrationKeywords)
def apply_calibration(calibration: Any, predictions: Any, **options: Unpack[ApplyCalibrationKeywords]) -> Any:
    """Return predictions with a fix applied to their scores; of a file, write them to ``output``.

    Probabilities become probabilities and logits logits, unless ``into`` says otherwise.

    Parameters
    ----------
    calibration
        What ``fit_calibration`` returned, or the path of such a document.
    predictions
        A path; or an object as for ``evaluate``, with scores of shape (n,) or (n, C).
    **options

    Returns
    -------
    numpy.ndarray, pandas.DataFrame or None
        Of a pandas DataFrame a copy with other numbers in its score columns; of other objects an array of shape (n,)
        where one column is about a class, else (n, C). ``None`` where a file was written.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for scores that the fix is not
        for, ``OutputError`` among them for a file that cannot be written.
    """
    from celoss_cli.api.arguments import calibration as read
    from celoss_cli.calibration.apply import Applying, apply_to_file, apply_to_table, table_of
    from celoss_cli.pipeline.calibration_file import read_calibration

    given = taken(options_of("calibrate-apply"), options)
    named = read(calibration, "calibration")
    fix, value, output = read_calibration(named), path_or_object(predictions), given.get("output")
    asked = Applying(**among(Applying._fields, given))
    reading = ReadOptions(**among(ReadOptions._fields, given))
    if isinstance(value, str):
        if output is None:
            raise UsageError("predictions are a file, and there is no output", code="no_output", hint="output=FILE")
        apply_to_file(fix, value, output, asked, reading, named if isinstance(named, str) else None)
        return None
    if output is not None:
        raise UsageError(
            "output is a file, and predictions are in memory", code="unfit_argument", hint="leave output out"
        )
    columns, scores = apply_to_table(fix, table_of(value, reading), asked)
    if hasattr(value, "assign") and len(columns) == scores.shape[1]:  # a DataFrame of pandas
        return value.assign(**{column.name: scores[:, place] for place, column in enumerate(columns)})
    return scores[:, 0] if scores.shape[1] == 1 else scores
