"""The progress line is for a person who has waited a second, and for nobody else."""

from __future__ import annotations

import io
import threading

import pytest

from celoss_cli.render import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_off_a_terminal_nothing_is_shown() -> None:
    stream = io.StringIO()
    with progress.progress(10, stream=stream) as meter:
        assert isinstance(meter, progress.SilentMeter)
        meter.advance(10)
    assert stream.getvalue() == ""


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = _Terminal()
    with progress.progress(10, stream=stream) as meter:
        meter.advance(10)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("total", [100, 0])
def test_after_a_second_a_line_is_drawn_and_wiped(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream, clock = _Terminal(), _Clock()
    meter = progress.LineMeter(total, stream, clock=clock)
    clock.now = progress.PATIENCE
    threads = [threading.Thread(target=meter.advance, args=(10,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meter.close()

    shown = stream.getvalue()
    assert "reading" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased
    meter.close()
