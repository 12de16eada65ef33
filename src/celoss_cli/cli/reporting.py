"""Report files of a command: checked before the work, and written whatever it comes to, an error included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from celoss_cli.cli.actions import annotate, append_summary, in_actions
from celoss_cli.cli.memory import lacks_memory, no_memory
from celoss_cli.cli.messages import say
from celoss_cli.errors import CelossError, DataError, Defect, UsageError

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Origin
    from celoss_cli.render.report import Report


class Reports:
    """The report files of a run."""

    def __init__(
        self,
        command: str,
        paths: Iterable[str] | None,
        *,
        inputs: Sequence[str],
        kept: Sequence[str] = (),
        others: Sequence[str] = (),
        renewed: Sequence[str] = (),
        plots: str | None = None,
        tags: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Take the names of all files, so that none is overwritten and no two are the same.

        Parameters
        ----------
        command
            The name of the command, for error documents.
        paths
            The report files.
        inputs
            The files that the result is about. No output may replace them.
        kept
            Other files that are read. Only ``renewed`` may replace them.
        others, renewed
            Other outputs of the command.
        plots
            The directory for the pictures, if they are asked for.
        tags
            What the user noted about the run.
        """
        self._command = command
        self._paths = tuple(paths or ())
        self._inputs, self._kept = inputs, kept
        self._others, self._renewed = others, renewed
        self._plots = plots
        self._tags = tuple(tags)
        self._scored = False
        self._marked: tuple[str, ...] = ()

    @property
    def stores(self) -> bool:
        """Whether the result is kept in a file."""
        return bool(self._paths)

    @property
    def want_details(self) -> bool:
        """Whether somebody reads more than the command prints."""
        return bool(self._paths) or self._plots is not None or in_actions()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Check the files, then do the work in the block; if nothing can be scored, write why, and raise it.

        Until the block ends, an error ``unfinished`` stands in place of each report of an earlier run: should the
        process be killed, or die in a library, no verdict of other rows is left behind.

        Raises
        ------
        UsageError
            A name has no known ending, or is that of an input or another output. Nothing is written then.
        OutputError
            A file cannot be written. The other ones say so.
        """
        self._refuse()
        try:
            self._check()
            self._mark()
            yield
        except DataError as error:
            if not self._scored:
                self._tell(error)
            raise
        except UsageError as error:
            self._tell(error, self._marked)
            raise
        except Exception as failure:
            if self._scored or isinstance(failure, CelossError):
                raise
            if lacks_memory(failure):
                lack = no_memory(failure)
                self._tell(lack)
                raise lack from failure
            self._tell(Defect(f"this is a bug in celoss: {type(failure).__name__}: {failure}", code="bug"))
            raise

    def publish(self, report: Report) -> None:
        """Write all files, tell GitHub Actions if it is there, and only then raise for what could not be written.

        Where the gate failed, or a file could not be written, a line says which files were.
        """
        self._scored = True
        if in_actions():
            from celoss_cli.render.forms import github, markdown

            annotate(github.annotations_of(report.findings()))
            append_summary(markdown.render(report.page(comment=True)))
        if self._paths:
            self._write(report)
        if self._plots is not None:
            from celoss_cli.render.files import write_pictures

            write_pictures(self._plots, report)

    def _write(self, report: Report) -> None:
        from celoss_cli.render.files import write_report

        written: list[str] = []
        failures: list[DataError] = []
        for path in self._paths:
            try:
                write_report(path, report)
                written.append(path)
            except DataError as failure:
                failures.append(failure)
        if written and (failures or report.findings().passed is False):
            say(f"report written: {', '.join(written)}")
        for other in failures[1:]:
            say(f"error: {other}")
        if failures:
            raise failures[0]

    def _refuse(self) -> None:
        outputs = [*self._paths, *self._others, *self._renewed]
        if not outputs:
            return
        from celoss_cli.outputs.files import refuse_input, refuse_same
        from celoss_cli.render.files import ending_of

        for path in self._paths:
            ending_of(path)
        for path in outputs:
            refuse_input(path, self._inputs if path in self._renewed else [*self._inputs, *self._kept])
        refuse_same(outputs)

    def _check(self) -> None:
        if not (self._paths or self._renewed) and self._plots is None:
            return
        from celoss_cli.outputs.files import check_directory, check_writable

        if self._plots is not None:
            check_directory(self._plots)

        for path in (*self._paths, *self._renewed):
            check_writable(path)

    def _mark(self) -> None:
        """Put an error in place of the reports of an earlier run."""
        if not self._paths:
            return
        from pathlib import Path

        self._marked = tuple(path for path in self._paths if Path(path).is_file())
        self._write_error(
            DataError("the run that was to write this report did not end", code="unfinished", hint="run it again"),
            self._marked,
        )

    def _tell(self, error: CelossError, paths: Sequence[str] | None = None) -> None:
        """Write the error into each report, and into the summary of GitHub Actions if it is there."""
        if in_actions():
            from celoss_cli.render.forms import error as error_page
            from celoss_cli.render.forms import markdown

            append_summary(markdown.render(error_page.outline_of(error, self._origin())))
        self._write_error(error, self._paths if paths is None else paths)

    def _write_error(self, error: CelossError, paths: Sequence[str]) -> None:
        """Write the error into each report that has a form for it; a file that cannot be written is only mentioned."""
        if not paths:
            return
        from celoss_cli.render.files import write_error

        for path in paths:
            try:
                write_error(path, error, self._origin())
            except DataError as failure:
                if failure.where != error.where:  # not when this very file is what could not be written
                    say(f"error: {failure}")

    def _origin(self) -> Origin:
        from celoss_cli._version import __version__
        from celoss_cli.render.forms.findings import Origin

        return Origin(self._command, __version__, tuple(self._inputs), tags=self._tags)
