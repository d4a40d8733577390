"""What goes wrong with single sandboxes: they no longer stop, or move, or they failed, fill a disk, are kept awake."""

from __future__ import annotations

from daytona_tui.emulator.seed import leaky_marks as marks
from daytona_tui.emulator.seed.leaky_marks import DAY, HOUR
from daytona_tui.emulator.seed.leaky_plot import Plot, Scene

_STUCK = (
    ("starting", 2, 14, "a start never ended (daytona 2390)"),
    ("creating", 1, 4, "its create never ended (benchflow 337)"),
    ("stopping", 1, 6, "a stop never ended"),
    ("destroying", 1, 8, "its deletion never ended (daytona 3294)"),
    ("archiving", 2, 10, "its archiving never ended (daytona 2809)"),
    ("building_snapshot", 1.5, 6, "its image is being built for ever (daytona 3602)"),
    ("pulling_snapshot", 1, 5, "its image is being pulled for ever"),
)
_ERRORS = (
    "timeout waiting for the sandbox daemon to become ready",
    "runner lost",
    "failed to start container: OCI runtime create failed",
)


def _zombie(plot: Plot, _room: int) -> None:
    """Says that it runs, while nothing stops it when its time is up (daytona 5140)."""
    make = plot.chance.choice((marks.bare, marks.openhands, marks.rllm, marks.mastra))
    idle = plot.hours(5, 60)
    why = "its auto-stop is long over: the runner that should stop it is gone"
    plot.leak("zombie", why, make(plot.chance), plot.anybody(), age=idle + plot.hours(0.2, 5), idle=idle)


def _stuck(plot: Plot, _room: int) -> None:
    state, least, most, why = plot.chance.choice(_STUCK)
    since = plot.hours(least, most)
    make = plot.chance.choice((marks.bare, marks.rllm, marks.harbor_unlabelled))
    age = since + (0.2 if state in {"creating", "building_snapshot", "pulling_snapshot"} else plot.hours(0.3, 20))
    plot.leak("stuck", why, make(plot.chance), plot.anybody(), state=state, age=age, idle=since)


def _error(plot: Plot, _room: int) -> None:
    make = plot.chance.choice((marks.bare, marks.rllm, marks.openhands, marks.harbor_unlabelled))
    fields, since, is_recoverable = make(plot.chance), plot.hours(1.2, 72), plot.chance.random() < 0.3
    reason = "no space left on device" if is_recoverable else plot.chance.choice(_ERRORS)
    if is_recoverable:
        since += DAY
    fields |= {"state": "error", "error_reason": reason, "recoverable": is_recoverable}
    plot.leak("error", f"failed: {reason}", fields, plot.anybody(), age=since + plot.hours(0.1, 30), idle=since)


def _failed_build(plot: Plot, _room: int) -> None:
    since = plot.hours(1.2, 5 * 24)
    reason = "image build failed: RUN pip install -r requirements.txt: exit code 1"
    fields = marks.size(plot.chance) | {"labels": dict(marks.PYTHON), "state": "build_failed", "error_reason": reason}
    plot.leak("error", reason, fields, plot.anybody(), age=since + 4, idle=since)


def _hogs(plot: Plot, room: int) -> None:
    """Stopped and never deleted, each with ten GiB: what fills a region's disk (suna 4072)."""
    for _ in range(plot.some(2, 5, room)):
        make = plot.chance.choice((marks.openhands, marks.mastra, marks.rllm, marks.bare))
        idle = plot.hours(30, 25 * 24)
        fields = make(plot.chance) | {"state": "stopped", "disk": 10}
        if idle > 6 * DAY:
            fields["auto_archive"] = 30 * DAY
        why = "stopped and forgotten; it holds its disk and nothing deletes it"
        plot.leak("quota-hog", why, fields, plot.anybody(), age=idle + plot.hours(0.3, 40), idle=idle)


def _kept_warm(plot: Plot, _room: int) -> None:
    """An open browser tab or a poll touches it every minute, so that auto-stop never comes (remotebrowser 1464)."""
    make = plot.chance.choice((marks.bare, marks.kortix))
    age, idle = plot.hours(25, 46), plot.chance.uniform(0.1, 0.8)
    why = "somebody's program asks it something every minute; nothing works in it"
    plot.leak("kept-warm", why, make(plot.chance), plot.anybody(), age=age, idle=idle, is_polled=True)


def _archived(plot: Plot, _room: int) -> None:
    """Archived sandboxes cost nothing and use no quota: clutter, and nothing that has to be hunted."""
    make = plot.chance.choice((marks.openhands, marks.kortix, marks.n8n, marks.agno, marks.bare))
    idle = plot.hours(3 * 24, 60 * 24)
    fields = make(plot.chance) | {"state": "archived"}
    why = "archived: it costs nothing and takes no quota"
    plot.alike("clutter", why, fields, plot.anybody(), age=idle + plot.hours(1, 40), idle=idle)


def _deleted_in_error(plot: Plot, _room: int) -> None:
    """Deleting a failed sandbox only hides it; the server removes it after a week."""
    since = plot.hours(2, 6 * 24)
    fields = marks.bare(plot.chance) | {"state": "error", "desired_state": "destroyed", "error_reason": _ERRORS[1]}
    why = "deleted already; the server forgets it by itself"
    plot.alike("deleted", why, fields, plot.anybody(), age=since + 2 * HOUR, idle=since)


TROUBLE = (
    Scene(_zombie, share=1.5),
    Scene(_stuck, share=1.5),
    Scene(_error, share=1.5),
    Scene(_failed_build),
    Scene(_hogs, least=2, share=1.5),
    Scene(_kept_warm, share=1.5),
    Scene(_archived, share=3),
    Scene(_deleted_in_error, share=0.5),
)
"""What is wrong with single sandboxes, and what is only left of them."""
