"""What a sandbox uses, as small charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.usage import Metrics
from daytona_tui.presentation.fields import Field
from daytona_tui.presentation.human import size
from daytona_tui.presentation.tones import Cell, Tone

CELLS = 16
"""Measurements that a chart shows, the newest at its right end."""
_BARS = "▁▂▃▄▅▆▇█"
_HIGH, _FULL = 0.8, 0.95


def sparkline(parts: Sequence[float | None], cells: int = CELLS) -> str:
    """Return a chart of shares from 0 to 1, one character each; what was not measured is a blank."""
    shown = parts[-cells:]
    bars = "".join(" " if part is None else _BARS[round(max(0.0, min(1.0, part)) * (len(_BARS) - 1))] for part in shown)
    return bars.rjust(cells)


def gauges(sandbox: Sandbox, measured: Sequence[Metrics], unmeasured: str) -> Iterator[Field]:
    """Yield the use of processor, memory and disk; where it is not measured, why."""
    if not sandbox.is_running:
        yield Field("use", Cell("measured while it runs", Tone.FAINT))
        return
    if not measured:
        yield Field("use", Cell(unmeasured or "measuring …", Tone.FAINT))
        return
    last = measured[-1]
    yield _gauge("cpu", [_part(each.cpu_percent, 100) for each in measured], _cpu_words(last))
    memory = [_part(each.memory_bytes, each.memory_limit_bytes) for each in measured]
    yield _gauge("memory", memory, _of(last.memory_bytes, last.memory_limit_bytes))
    disk = [_part(each.disk_bytes, each.disk_limit_bytes) for each in measured]
    yield _gauge("disk", disk, _of(last.disk_bytes, last.disk_limit_bytes))
    if unmeasured:
        yield Field("", Cell(f"not any more: {unmeasured}", Tone.FAINT))


def _gauge(label: str, parts: Sequence[float | None], words: str) -> Field:
    newest = parts[-1]
    if newest is None:
        return Field(label, Cell("not told", Tone.FAINT))
    tone = Tone.BAD if newest >= _FULL else Tone.WARN if newest >= _HIGH else Tone.GOOD
    return Field(label, Cell(sparkline(parts), tone), f"{newest:>4.0%}  {words}", f"{newest:.4f}")


def _part(used: float | None, limit: float | None) -> float | None:
    return None if used is None or not limit else used / limit


def _cpu_words(metrics: Metrics) -> str:
    return f"of {metrics.cpu_count} vCPU" if metrics.cpu_count else ""


def _of(used: int | None, limit: int | None) -> str:
    return "" if used is None or limit is None else f"{size(used)} of {size(limit)}"
