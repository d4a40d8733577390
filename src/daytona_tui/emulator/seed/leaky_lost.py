"""What goes wrong in an organisation and leaves sandboxes behind that nobody needs.

How each comes about is published: the harnesses' own sources and the reports of their users. When a sandbox counts as
stranded is, too: Harbor gives a silent agent nine hours before it stops waiting for it (pull request 3106), and the
forgotten sandboxes of single agents that were reported had been left for more than a day (miles 1711, suna 3543).
"""

from __future__ import annotations

from collections.abc import Callable

from daytona_tui.emulator.seed import leaky_marks as marks
from daytona_tui.emulator.seed.leaky_marks import DAY, HOUR, Marks
from daytona_tui.emulator.seed.leaky_plot import Plot, Scene
from daytona_tui.emulator.seed.planting import Maker

PATIENCE_H = 9.0
"""Hours of silence after which a harness itself gives up on an agent."""
_FORGOTTEN_H = (25.0, 18 * 24.0)
_SPINNING = 0.015  # share of agents that leave something behind that never ends, such as a server under test
_CREATE_TIMEOUT = 10.0  # minutes that a harness waits for a sandbox before it asks for another


def _in_words(minutes: float) -> str:
    return f"{minutes / DAY:.0f} d" if minutes >= 2 * DAY else f"{minutes / HOUR:.0f} h"


def _member_of_killed_run(
    plot: Plot, killed: float, fields: Marks, maker: Maker, *, kind: str = "stranded", tool: str = "the harness"
) -> None:
    """Plant a sandbox that worked until the run was killed: its last call came shortly before."""
    worked = plot.hours(0.1, 3)
    idle = killed + min(worked - 1, plot.chance.uniform(0, 25))
    why = f"{tool} was killed {_in_words(killed)} ago and deleted nothing"
    load = {}
    if plot.chance.random() < _SPINNING:
        why += "; a program of the agent goes round in circles"
        load = {"cpu_percent": plot.chance.uniform(25, 99)}
    plot.leak(kind, why, fields, maker, age=killed + worked, idle=idle, **load)


def _killed_harbor(plot: Plot, room: int) -> None:
    _kill_harbor(plot, plot.some(4, 14, room), plot.hours(PATIENCE_H, 5 * 24), "stranded")


def _killed_training(plot: Plot, room: int) -> None:
    """A reinforcement learning job on Harbor: many at once (OpenThoughts-Agent's notes count hundreds)."""
    _kill_harbor(plot, plot.some(12, 24, room), plot.hours(PATIENCE_H, 3 * 24), "stranded")


def _just_killed_harbor(plot: Plot, room: int) -> None:
    _kill_harbor(plot, plot.some(3, 6, room), plot.hours(2.2, PATIENCE_H - 0.5), "just-killed")


def _kill_harbor(plot: Plot, count: int, killed: float, kind: str) -> None:
    maker, is_labelled = plot.anybody(), plot.chance.random() < 0.75
    while count > 0:
        task, trial = marks.harbor_trial(plot.chance)
        fields = marks.harbor(plot.chance, task, trial) if is_labelled else marks.harbor_unlabelled(plot.chance)
        if count > 1 and plot.chance.random() < 0.12:
            age = killed + plot.hours(0.5, 3) + _CREATE_TIMEOUT
            why = f"its create timed out and was tried again under another id, {_in_words(age)} ago"
            plot.leak(kind, why, fields, maker, age=age, idle=age - 0.5)
            count -= 1
        _member_of_killed_run(plot, killed, fields, maker, kind=kind, tool="Harbor")
        count -= 1


def _killed_benchflow(plot: Plot, room: int) -> None:
    killed, maker = plot.hours(PATIENCE_H, 4 * 24), plot.anybody()
    owner = plot.chance.choice(("ci-nightly", "ci-weekly", "laptop-7"))
    for _ in range(plot.some(3, 8, room)):
        _member_of_killed_run(plot, killed, marks.benchflow(plot.chance, owner), maker, tool="benchflow")


def _killed_inspect(plot: Plot, room: int) -> None:
    _kill_inspect(plot, plot.some(4, 10, room))


def _killed_at_its_end(plot: Plot, room: int) -> None:
    """A run that was nearly done: what had finished was deleted sample by sample."""
    _kill_inspect(plot, plot.some(1, 2, room))


def _kill_inspect(plot: Plot, count: int) -> None:
    killed, maker, run = plot.hours(PATIENCE_H, 4 * 24), plot.anybody(), plot.identifier()
    task = plot.chance.choice(("swe-bench-verified", "gaia", "cybench"))
    for sample in plot.chance.sample(range(500), count):
        fields = marks.inspect(plot.chance, run, task, sample)
        _member_of_killed_run(plot, killed, fields, maker, tool="Inspect (kill -9)")


def _crashed_gateway(plot: Plot, room: int) -> None:
    crashed, maker = plot.hours(*_FORGOTTEN_H), plot.anybody()
    for _ in range(plot.some(1, 3, room)):
        fields = marks.hermes(plot.chance, plot.chance.choice(("docs-crawl", "refactor-auth", "triage", "summarise")))
        _member_of_killed_run(plot, crashed, fields, maker, tool="the hermes gateway")


def _forgotten(make: Callable[..., Marks], tool: str) -> Callable[[Plot, int], None]:
    def plant(plot: Plot, _room: int) -> None:
        fields = make(plot.chance)
        _member_of_killed_run(plot, plot.hours(*_FORGOTTEN_H), fields, plot.anybody(), tool=tool)

    return plant


def _lost_create(plot: Plot, _room: int) -> None:
    """A create that timed out on the client and succeeded on the server; the trial goes on in its second sandbox."""
    task, trial = marks.harbor_trial(plot.chance)
    fields, maker, age = marks.harbor(plot.chance, task, trial), plot.anybody(), plot.hours(2.2, 5)
    why = f"its create timed out; the trial got another sandbox {_in_words(age)} ago"
    plot.leak("lost-create", why, fields, maker, age=age, idle=age - 0.5)
    why = "the trial that it was made for is running in it"
    busy = plot.chance.uniform(20, 90)
    plot.alike("live", why, fields, maker, age=age - _CREATE_TIMEOUT, idle=plot.chance.uniform(0, 6), cpu_percent=busy)


def _expired_lease(plot: Plot, _room: int) -> None:
    expired = plot.hours(PATIENCE_H, 3 * 24)
    fields = crabbox(plot, expires_in=-expired, keep=False)
    why = f"its lease ended {_in_words(expired)} ago and the controller never came back"
    plot.leak("expired", why, fields, plot.anybody(), age=expired + 7 * HOUR, idle=expired + plot.hours(0.2, 6))


def crabbox(plot: Plot, *, expires_in: float, keep: bool) -> Marks:
    """Return the marks of openclaw's crabbox (``worker/src/provider-labels.ts``), a lease with an end."""
    slug, code = plot.chance.choice(("brisk-otter", "calm-heron", "dusty-maple")), plot.identifier(8)
    created, expires = -7 * HOUR + expires_in, expires_in
    labels = {
        "crabbox": "true",
        "created_by": "crabbox",
        "keep": str(keep).lower(),
        "lease": f"ls_{code}",
        "slug": slug,
        "owner": plot.chance.choice(("maria", "ci")),
        "profile": "default",
        "state": "leased",
        "created_at": str(int(plot.now.timestamp() + 60 * created)),
        "expires_at": str(int(plot.now.timestamp() + 60 * expires)),
        "ttl_secs": "25200",
        "idle_timeout_secs": "3600",
    }
    fields: Marks = {"name": f"crabbox-{slug}-{code}", "labels": marks.PYTHON | labels, "auto_stop": 0}
    return fields | {"snapshot": "daytona-medium"}


LEFT_RUNNING = (
    Scene(_killed_harbor, least=4, share=1.5),
    Scene(_killed_training, least=12, share=0.7),
    Scene(_killed_benchflow, least=3, share=0.7),
    Scene(_killed_inspect, least=4, share=0.7),
    Scene(_killed_at_its_end, share=0.2),
    Scene(_crashed_gateway),
    Scene(_forgotten(marks.openai_agents, "the program of the session")),
    Scene(_forgotten(marks.omnigent, "omnigent")),
    Scene(_forgotten(marks.wrapper, "the wrapper's caller")),
    Scene(_forgotten(marks.openhands_endless, "OpenHands"), share=0.2),
    Scene(_just_killed_harbor, least=3),
    Scene(_lost_create, least=2),
    Scene(_expired_lease, share=0.5),
)
"""What is stranded, and runs and is paid for.

Most come from killed runs, many at once (387 in benchflow 663, 579 in OpenThoughts-Agent's notes, 85 in suna 3571); the
single ones are the long tail.
"""
