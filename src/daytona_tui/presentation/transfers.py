"""Words for transfers: what is planned, how far they are, what came of them."""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.transfers import (
    ConflictPolicy,
    PlanSummary,
    TransferItem,
    TransferProgress,
    TransferReport,
    Way,
)
from daytona_tui.presentation.human import age, duration, rate, size
from daytona_tui.presentation.safe_text import clip, clip_name, safe

MAX_ITEMS = 200
"""Items that a report lists; more are counted."""

_FOOTER_CELLS = 30
"""Of what is said of a transfer in the bottom line: the keys stand there too."""

POLICIES = {
    ConflictPolicy.FAIL: "ask: stop before anything is copied",
    ConflictPolicy.OVERWRITE: "overwrite",
    ConflictPolicy.SKIP: "keep mine",
    ConflictPolicy.NEWER: "the newer one",
    ConflictPolicy.RENAME: "keep both",
}
"""What each answer to a file that exists already is called."""


def spelt(n: int) -> str:
    """Return a number of bytes with its unit: ``812 B``, ``1.3 MB``."""
    text = size(n)
    return f"{text[:-1]} {text[-1]}B" if text[-1].isalpha() else f"{text} B"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 file``, ``1,204 files``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


# Plans


def plan_lines(summary: PlanSummary, policy: ConflictPolicy) -> list[tuple[str, bool]]:
    """Return what a plan comes to, a safe line each; True with one that deserves a second look."""
    is_idle = not summary.files and not summary.links
    first = ["nothing to copy" if is_idle else f"{counted(summary.files, 'file')}, {spelt(summary.size_bytes)}"]
    if summary.links:
        first.append(counted(summary.links, "link"))
    if summary.equal:
        first.append(f"{summary.equal:,} the same already")
    if summary.resumed_files:
        first.append(f"{summary.resumed_files:,} here from before")
    if summary.seconds is not None and not is_idle:
        first.append(f"about {age(max(1.0, summary.seconds))}")
    if summary.way is not Way.AUTO and not is_idle:
        first.append(f"by {summary.way.value}")
    lines = [(" · ".join(first), False)]
    if summary.conflicts:
        what = "exists and differs" if len(summary.conflicts) == 1 else "exist and differ"
        line = f"{len(summary.conflicts):,} {what}: {_named(summary.conflicts)}"
        lines.append((line, policy is ConflictPolicy.FAIL))
    if summary.left_out:
        lines.append((f"{len(summary.left_out):,} left out: {_named(summary.left_out)}", False))
    if summary.failed:
        lines.append((f"{len(summary.failed):,} cannot be copied: {_named(summary.failed)}", True))
    lines += [(f"{safe(question)}: Enter copies all the same", True) for question in summary.questions]
    return lines


def _named(items: Sequence[TransferItem]) -> str:
    names = ", ".join(clip_name(safe(item.path.rstrip("/").rsplit("/", 1)[-1]), 24) for item in items[:3])
    return f"{names}, …" if len(items) > 3 else names


# Progress


def progress_words(progress: TransferProgress, elapsed_s: float) -> str:
    """Return how far a transfer is, what matters most first: ``43 % · 8s left · 12M/s``."""
    fraction = progress.fraction
    if fraction is None:
        return safe(progress.waiting) or "listing …"
    # All of it has arrived only when it has: what is nearly there is not rounded up.
    parts = [f"{int(fraction * 100)} %"]
    if progress.waiting:
        return f"{parts[0]} · {safe(progress.waiting)}"
    if fraction >= 1.0:
        return f"{parts[0]} · checking …"
    speed = progress.bytes_per_s or (progress.bytes_done / elapsed_s if elapsed_s > 0.5 else 0.0)
    if progress.bytes_done > 0 and speed > 0:
        left_s = progress.eta_s if progress.eta_s is not None else (progress.bytes_total - progress.bytes_done) / speed
        parts += [f"{_left(left_s)} left", rate(speed)]
    return " · ".join(parts)


def _left(seconds: float) -> str:
    """Return how long something will take yet, as exactly as that is known: ``8s``, ``2m 05s``."""
    return f"{max(1, round(seconds))}s" if seconds < 59.5 else duration(seconds)


def progress_detail(progress: TransferProgress, said: str) -> str:
    """Return all that is known of how far a transfer is, in one line.

    As ``43 % · 8s left · 12M/s · 12 of 40 files · 41M of 95M · main.py``.
    """
    return " · ".join([said, *progress_parts(progress)])


def progress_parts(progress: TransferProgress) -> list[str]:
    """Return files, bytes and the current file, as far as there is something to be said of each."""
    parts = []
    if progress.files_total > 1:
        parts.append(f"{progress.files_done:,} of {progress.files_total:,} files")
    if progress.bytes_total:
        parts.append(f"{size(max(0, progress.bytes_done))} of {size(progress.bytes_total)}")
    if progress.current and not progress.waiting:
        parts.append(clip_name(safe(progress.current.rsplit("/", 1)[-1]), 32))
    return parts


# Reports


def report_line(report: TransferReport) -> str:
    """Return what came of a transfer, in one line."""
    parts = [
        f"{counted(report.files, 'file')}, {spelt(report.size_bytes)} in {duration(report.seconds)}"
        f" to {safe(report.destination)}"
    ]
    if report.equal:
        parts.append(f"{report.equal:,} the same already")
    if report.left_out:
        parts.append(f"{len(report.left_out):,} left out")
    if report.failed:
        parts.append(f"{len(report.failed):,} failed")
    return " · ".join(parts)


def report_notes(report: TransferReport) -> list[str]:
    """Return how it was copied and what was compared, a safe line each."""
    notes = []
    if report.ways:
        notes.append(f"copied by {' and '.join(way.value for way in report.ways)}")
    if report.resumed_files:
        notes.append(f"{counted(report.resumed_files, 'file')} had arrived before")
    if report.verified:
        notes.append(f"compared: {safe(report.verified)}")
    return notes


def item_lines(report: TransferReport) -> list[str]:
    """Return one safe line per item that was not copied, failures first."""
    items = [f"✗ {safe(item.path)}: {safe(item.reason)}" for item in report.failed]
    items += [f"– {safe(item.path)}: {safe(item.reason)}" for item in report.left_out]
    more = len(items) - MAX_ITEMS
    return items if more <= 0 else [*items[:MAX_ITEMS], f"… and {more:,} more"]


def footer_line(arrow: str, whose: str, said: str, waiting: int) -> str:
    """Return how far transfers are, for the bottom line: ``⇣ api-1 43 % · 8s left · 12M/s · esc cancels``."""
    queued = f" · {waiting:,} waiting" if waiting else ""
    return f"{arrow} {clip(safe(whose), 24)} {clip(said, _FOOTER_CELLS)}{queued} · esc cancels"
