"""What ``leaks`` and ``reap`` have in common: where things of a connection are kept, the look at the fleet, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.effects import Amount
    from daytona_tui.domain.leaks import Total
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.protection import Keeper
    from daytona_tui.operations.sweep import SweepRow
    from daytona_tui.operations.sweep.scanning import Scanner

NO_COST = "—"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where things of a connection are kept.

    Attributes:
        directory: for all files of it; the screen's are there, too.
        connection: its id.
        label: its name for people.
    """

    directory: Path
    connection: str
    label: str


def kept(settings: Settings) -> Kept:
    """Return where things of the connection are kept that the settings name."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    connection = shape.profile_id(settings.profile)
    return Kept(paths.profile_dir(connection), connection, shape.label)


def scanner(gateway: Gateway, settings: Settings) -> Scanner:
    """Return what looks for leaks through ``gateway``, by the rules of the settings."""
    from daytona_tui.operations.local_traces import LocalTraces
    from daytona_tui.operations.protection import FILE_NAME as PINS
    from daytona_tui.operations.protection import Pins
    from daytona_tui.operations.sweep.scanning import Scanner
    from daytona_tui.operations.trail_file import FILE_NAME as TRAILS
    from daytona_tui.operations.who import Who

    directory = kept(settings).directory
    who = Who(gateway, directory / TRAILS, settings.mine)
    traces = LocalTraces(settings.harbor_jobs or None)
    return Scanner(gateway, settings.leak_policy, settings.prices, who, Pins(directory / PINS), traces)


def keeper(settings: Settings) -> Keeper:
    """Return what tells who is to be kept, on this machine and by the rules of the settings."""
    from datetime import UTC, datetime

    from daytona_tui.operations.protection import FILE_NAME as PINS
    from daytona_tui.operations.protection import Keeper, Pins

    pins = Pins(kept(settings).directory / PINS)
    return Keeper(pins, settings.leak_policy, settings.prices, lambda: datetime.now(UTC))


def total_words(total: Total) -> str:
    """Return what leaks and suspects come to: ``23 suspects, $11.40/day, 180 GiB``."""
    from daytona_tui.presentation.leaks import total_words as words

    return words(total, is_full=True)


def cost_word(per_day: float | None) -> str:
    """Return dollars a day as a cell."""
    from daytona_tui.presentation.human import dollars

    return NO_COST if per_day is None else f"${dollars(per_day)}"


def idle_word(sandbox: Sandbox, now: datetime) -> str:
    """Return for how long nobody used a sandbox, as a cell."""
    from daytona_tui.presentation.human import age

    at = sandbox.last_activity_at
    return age(None if at is None else (now - at).total_seconds())


def name_word(sandbox: Sandbox, room: int | None) -> str:
    """Return the name as a cell; where a line has an end, an id that stands for a name is cut."""
    from daytona_tui.presentation.cells import SHORT_ID

    return sandbox.id[:SHORT_ID] if room is not None and sandbox.name == sandbox.id else sandbox.name


def owner_word(name: str, run: str, room: int | None) -> str:
    """Return the owner as a cell, with the run where there is room for it."""
    return "/".join(part for part in (name, run) if part) if room is None else name


def action_word(row: SweepRow) -> str:
    """Return what is to be done to a row, as a cell: ``ttl 24h``, ``stop = delete``."""
    from daytona_tui.domain.leaks import Action
    from daytona_tui.presentation.human import interval

    if row.action is Action.TTL:
        return f"ttl {interval(row.ttl_min)}"
    return "stop = delete" if row.destroys and row.action is Action.STOP else row.action.value


def amount_object(amount: Amount) -> dict[str, object]:
    """Return resources and money for JSON."""
    from daytona_tui.domain.cost import per_day

    return {
        "cpu": amount.cpu,
        "memory_gib": amount.memory_gib,
        "disk_gib": amount.disk_gib,
        "gpu": amount.gpu,
        "daily_usd": round(per_day(amount.hourly), 4),
    }
