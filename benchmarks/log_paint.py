"""What a repaint of a whole log costs, its lines wrapped: rows then take lines of their own number.

Processor time of ``render_lines`` over a low view and one three times as high: what each line costs is to be the same.
``PYTHONPATH`` with the ``src`` of another checkout measures that one. Usage: python benchmarks/log_paint.py [RUNS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from textual.app import App, ComposeResult
from textual.geometry import Region

from daytona_tui.domain.loglines import LineKind
from daytona_tui.store.log_lines import LogLines
from daytona_tui.store.log_rows import LogRows
from daytona_tui.ui.themes import NIGHT
from daytona_tui.ui.widgets.log_view import LogView

LINE = "2026-11-21 22:25:50,123 INFO  worker-3 request 0123456789abcdef took 31 ms and was answered with 200"
LOW, HIGH = 15, 45


class Alone(App[None]):
    """A log and nothing else."""

    def __init__(self, view: LogView) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.register_theme(NIGHT)
        self.theme = NIGHT.name


async def paints_ms(runs: int, height: int) -> list[float]:
    lines = LogLines(lambda _text: None)
    lines.add([f"{LINE} {'word ' * (number % 60)}" for number in range(1_000)], LineKind.OUT, 0.0)
    rows = LogRows(lines)
    rows.advance(1_000)
    view = LogView(rows)
    view.wraps = True
    async with Alone(view).run_test(size=(160, height)) as pilot:
        view.show(rows)
        await pilot.pause()
        times = []
        for _ in range(runs + 1):
            view.refresh()  # nothing of the last one is kept
            began = time.process_time()
            view.render_lines(Region(0, 0, *view.size))
            times.append((time.process_time() - began) * 1000)
    return times[1:]  # the first draws the rows themselves


async def main(runs: int) -> None:
    paints = {height: await paints_ms(runs, height) for height in (LOW, HIGH)}
    medians = {height: statistics.median(times) for height, times in paints.items()}
    for height, times in paints.items():
        p99 = sorted(times)[min(len(times) - 1, round(0.99 * (len(times) - 1)))]
        print(f"{height} lines   median {medians[height]:7.2f} ms   p99 {p99:7.2f} ms")
    print(f"a line of the high view to one of the low {medians[HIGH] / HIGH / (medians[LOW] / LOW):.2f}x")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
