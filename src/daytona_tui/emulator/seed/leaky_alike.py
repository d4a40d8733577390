"""What only looks like a leak: somebody needs it, keeps it on purpose, or it sees to itself.

Each is the other side of a leak: the same intervals, the same silence, and a reason for it. An agent that runs inside
its sandbox, or waits for its model, makes no requests for hours (Harbor's pull request 3106); programs in the
background are no activity, which is why people turn auto-stop off.
"""

from __future__ import annotations

from daytona_tui.emulator.seed import leaky_marks as marks
from daytona_tui.emulator.seed.leaky_lost import crabbox
from daytona_tui.emulator.seed.leaky_marks import DAY, HOUR, Marks
from daytona_tui.emulator.seed.leaky_plot import Plot, Scene
from daytona_tui.emulator.seed.planting import Maker


def _live(plot: Plot, fields: Marks, maker: Maker, why: str = "its run is working in it") -> None:
    age = plot.hours(0.3, 4)
    idle, busy = plot.chance.uniform(0, min(20, age - 1)), plot.chance.uniform(5, 95)
    plot.alike("live", why, fields, maker, age=age, idle=idle, cpu_percent=busy)


def _thinking(plot: Plot, room: int) -> None:
    """Several attempts at one task; one waits for its model, the others work."""
    count, maker = plot.some(2, 5, room), plot.anybody()
    task, trial = marks.harbor_trial(plot.chance)
    idle = plot.hours(0.6, 7)
    why = "its agent waits for an answer of its model; the other attempts go on"
    fields = marks.harbor(plot.chance, task, trial)
    plot.alike("thinking", why, fields, maker, age=idle + plot.hours(0.3, 2), idle=idle)
    for _ in range(count - 1):
        other = f"{task}__{marks.letters(plot.chance, 7)}"
        _live(plot, marks.harbor(plot.chance, task, other), maker)


def _installed_agent(plot: Plot, room: int) -> None:
    """The agent is installed in the sandbox and works there: no requests, a busy processor."""
    maker = plot.anybody()
    for _ in range(plot.some(1, 4, room)):
        fields = marks.harbor(plot.chance, *marks.harbor_trial(plot.chance))
        idle, busy = plot.hours(1, 8.5), plot.chance.uniform(45, 98)
        age = idle + plot.chance.uniform(3, 30)
        why = "its agent is installed inside and works there"
        plot.alike("working", why, fields, maker, age=age, idle=idle, cpu_percent=busy)


def _background_job(plot: Plot, _room: int) -> None:
    """A job that somebody started and left alone: auto-stop is off because it would stop the job."""
    idle, busy = plot.hours(2.5, 40), plot.chance.uniform(55, 97)
    if plot.chance.random() < 0.5:
        fields: Marks = {"name": f"train-{plot.identifier(6)}", "snapshot": "daytona-gpu", "auto_stop": 0}
        fields |= {"labels": marks.PYTHON | {"run": f"lora-{plot.identifier(4)}"}, "auto_delete": 0}
    else:
        fields = marks.hermes(plot.chance, "crawl")
    why = "a job runs in the background that nobody has to talk to"
    plot.alike("background", why, fields, plot.me(), age=idle + plot.hours(0.2, 1), idle=idle, cpu_percent=busy)


def _colleague(plot: Plot, _room: int) -> None:
    """Somebody else's box, open over night."""
    maker = plot.colleague()
    owner = maker.user.id if maker.user else ""
    fields: Marks = {"name": f"dev-{owner}-{plot.identifier(4)}", "auto_stop": 0, "snapshot": "daytona-medium"}
    fields["labels"] = marks.PYTHON | ({"owner": owner} if plot.chance.random() < 0.5 else {})
    idle = plot.hours(6, 60)
    why = "a colleague keeps it open for the work of tomorrow"
    plot.alike("colleague", why, fields, maker, age=idle + plot.hours(2, 60), idle=idle)


def _leased(plot: Plot, _room: int) -> None:
    fields = crabbox(plot, expires_in=plot.hours(2, 20), keep=True)
    idle = plot.hours(2.5, 30)
    plot.alike("kept", "leased, with keep set", fields, plot.anybody(), age=idle + plot.hours(0.5, 10), idle=idle)


def _labelled(plot: Plot, _room: int) -> None:
    fields = plot.chance.choice((marks.hermes(plot.chance, "demo"), marks.openai_agents(plot.chance)))
    fields["labels"] = fields["labels"] | {"daytona-tui.keep": "true", "daytona-tui.keep-by": "me"}
    idle = plot.hours(10, 20 * 24)
    plot.alike("kept", "somebody put the keep label on it", fields, plot.me(), age=idle + 90, idle=idle)


def _persistent(plot: Plot, _room: int) -> None:
    idle = plot.hours(26, 6 * 24)
    fields = marks.agno(plot.chance) | {"state": "stopped"}
    plot.alike("kept", "persistent by its own label", fields, plot.anybody(), age=idle + plot.hours(2, 50), idle=idle)


def _kept_trial(plot: Plot, _room: int) -> None:
    fields, idle = marks.harbor_kept(plot.chance, *marks.harbor_trial(plot.chance)), plot.hours(2.2, 8.5)
    why = "kept by Harbor's agent server for somebody who debugs in it"
    plot.alike("kept", why, fields, plot.anybody(), age=idle + plot.hours(0.2, 2), idle=idle)


def _warm_pool(plot: Plot, room: int) -> None:
    pool = plot.identifier(12)
    for _ in range(plot.some(1, 3, room)):
        idle = plot.hours(20, 9 * 24)
        why = "waits in a warm pool for its first use"
        fields: Marks = {"warm_pool_id": f"00000000-0000-4000-8000-{pool}", "auto_stop": 0}
        plot.alike("warm-pool", why, fields, None, age=idle + 0.2, idle=idle)


def _bounded(plot: Plot, _room: int) -> None:
    """Bound by intervals or a time to live: whatever happens, it removes itself soon."""
    kind = plot.chance.randrange(4)
    why = "removes itself by its own intervals"
    if kind == 0:
        idle = plot.chance.uniform(3, 25)
        plot.alike("bounded", why, marks.nemo_gym(plot.chance), plot.anybody(), age=idle + 40, idle=idle)
    elif kind == 1:
        idle, fields = plot.hours(0.6, 9), marks.nemo_gym(plot.chance) | {"state": "stopped"}
        plot.alike("bounded", why, fields, plot.anybody(), age=idle + 90, idle=idle)
    elif kind == 2:
        fields = marks.openenv(plot.chance, plot.identifier(8)) | {"state": "stopped"}
        idle = plot.chance.uniform(5, 110)
        plot.alike("bounded", why, fields, plot.anybody(), age=idle + 70, idle=idle)
    else:
        fields = marks.sim(plot.chance) | {"ttl": plot.chance.uniform(10, 30)}
        plot.alike("bounded", why, fields, plot.anybody(), age=7, idle=plot.chance.uniform(0, 6))


def _with_an_end(plot: Plot, _room: int) -> None:
    """Silent for long, but somebody has given it a time to live."""
    fields = plot.chance.choice((marks.openai_agents, marks.wrapper))(plot.chance)
    idle, ttl = plot.hours(9, 40), plot.hours(0.5, 20)
    why = "somebody gave it a time to live and comes back before it ends"
    plot.alike("bounded", why, fields, plot.me(), age=idle + 60, idle=idle, ttl=ttl)


def _live_inspect(plot: Plot, room: int) -> None:
    run, maker = plot.identifier(), plot.anybody()
    for sample in plot.chance.sample(range(500), plot.some(2, 7, room)):
        _live(plot, marks.inspect(plot.chance, run, "swe-bench-verified", sample), maker)


def _live_benchflow(plot: Plot, room: int) -> None:
    maker = plot.anybody()
    for _ in range(plot.some(2, 5, room)):
        _live(plot, marks.benchflow(plot.chance, "team-a"), maker)


def _notebook(plot: Plot, _room: int) -> None:
    idle = plot.chance.uniform(0, 12)
    why = "somebody works in it"
    plot.alike("live", why, marks.bare(plot.chance), plot.anybody(), age=plot.hours(0.5, 6), idle=idle)


def _new(plot: Plot, room: int) -> None:
    """Made a few minutes ago and silent since: its harness is still copying, or asking a model for the first step."""
    maker, make = plot.anybody(), plot.chance.choice((marks.harbor_unlabelled, marks.openai_agents, marks.omnigent))
    for _ in range(plot.some(1, 3, room)):
        age = plot.chance.uniform(1, 55)
        plot.alike("new", "only just made", make(plot.chance), maker, age=age, idle=max(0.1, age - 0.5))


def _resting(plot: Plot, _room: int) -> None:
    """Stopped in the evening, wanted in the morning."""
    idle, make = plot.hours(0.5, 20), plot.chance.choice((marks.pi, marks.mastra, marks.openhands, marks.rllm))
    fields = make(plot.chance) | {"state": "stopped"}
    plot.alike("resting", "stopped until its owner goes on", fields, plot.anybody(), age=idle + 300, idle=idle)


def _paused(plot: Plot, _room: int) -> None:
    fields: Marks = {"name": f"desktop-{plot.identifier(4)}", "snapshot": "daytona-vm", "target": "eu"}
    fields |= {"labels": marks.TYPESCRIPT | {"team": "browser-agents"}, "auto_stop": 0, "auto_pause": HOUR}
    idle = plot.hours(2, 3 * 24)
    why = "paused with its memory until its owner goes on"
    plot.alike("resting", why, fields | {"state": "paused"}, plot.anybody(), age=idle + 2 * DAY, idle=idle)


ALIKE = (
    Scene(_thinking, least=2, share=1.5),
    Scene(_installed_agent, share=1.5),
    Scene(_background_job),
    Scene(_colleague, share=1.5),
    Scene(_leased, share=0.5),
    Scene(_labelled, share=0.7),
    Scene(_persistent, share=0.7),
    Scene(_kept_trial, share=0.7),
    Scene(_warm_pool, share=0.3),
    Scene(_bounded, share=2),
    Scene(_with_an_end, share=0.7),
    Scene(_live_inspect, least=2),
    Scene(_live_benchflow, least=2),
    Scene(_notebook, share=2),
    Scene(_new),
    Scene(_resting, share=3),
    Scene(_paused, share=0.7),
)
"""What is in use, kept, or bounded."""
