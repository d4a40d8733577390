"""Pulls as the files pane keeps them: what was ordered, how far the running one is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress, TransferReport
from daytona_tui.presentation.human import duration, rate, size
from daytona_tui.presentation.safe_text import clip, safe


@dataclass(frozen=True, slots=True)
class PullDraft:
    """What could be pulled: the dialog asks where to."""

    sandbox: Sandbox
    path: str
    is_dir: bool
    destination: Path


@dataclass(frozen=True, slots=True)
class PullOrder:
    """What is to be pulled, and where to."""

    sandbox: Sandbox
    path: str
    is_dir: bool
    destination: Path
    conflict: ConflictPolicy


def spelt(n: int) -> str:
    """Return a number of bytes with its unit: ``812 B``, ``1.3 MB``."""
    text = size(n)
    return f"{text[:-1]} {text[-1]}B" if text[-1].isalpha() else f"{text} B"


def progress_line(order: PullOrder, progress: TransferProgress, elapsed_s: float, waiting: int) -> str:
    """Return how far a pull is, in one line: ``⇣ api-1 43 % 12 MB/s 8 s left · esc cancels``."""
    parts = [f"⇣ {clip(safe(order.sandbox.name), 24)}"]
    if progress.fraction is None:
        parts.append("listing …")
    else:
        parts.append(f"{progress.fraction:.0%}".replace("%", " %"))
        if progress.bytes_done and elapsed_s > 0.5:
            speed = progress.bytes_done / elapsed_s
            parts.append(rate(speed))
            left_s = (progress.bytes_total - progress.bytes_done) / speed
            parts.append(f"{duration(left_s)} left")
    queued = f" · {waiting} waiting" if waiting else ""
    return f"{' '.join(parts)}{queued} · esc cancels"


def report_line(report: TransferReport) -> str:
    """Return what came of a pull, in one line."""
    files = "1 file" if report.files == 1 else f"{report.files} files"
    parts = [f"{files}, {spelt(report.size_bytes)} in {duration(report.seconds)} to {safe(report.destination)}"]
    if report.left_out:
        parts.append(f"{len(report.left_out)} left out")
    if report.failed:
        parts.append(f"{len(report.failed)} failed")
    return " · ".join(parts)
