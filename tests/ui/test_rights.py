"""What a key may do, what the fleet costs, and what the organisation may use: told on the status line."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp, Opened, call
from tests.ui.test_profiles_screen import profile, write_config

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.ports import Identity
from daytona_tui.emulator.accounts.quotas import Quota
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.commands import acts
from daytona_tui.ui.panes.accounts import why_read_only
from daytona_tui.ui.panes.fleet_acts import VERBS

OpenEmulator = Callable[..., Awaitable[Emulator]]

READER = "dtn_reader_0123456789abcdef"


def key_file(directory: Path, *permissions: str) -> Path:
    """Write a file with a key that may only do what is named."""
    file = directory / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": READER, "permissions": list(permissions)}]))
    return file


def status(opened: Opened) -> str:
    return opened.text.splitlines()[0]


async def test_a_key_that_may_not_write_makes_the_program_read_only(
    open_app: OpenApp, open_emulator: OpenEmulator, tmp_path: Path
) -> None:
    emulator = await open_emulator(seed="demo", keys=key_file(tmp_path, "read:volumes"))
    async with open_app(emulator=emulator, key=READER) as opened:
        await opened.until(lambda: "read-only" in status(opened))
        await opened.until(lambda: "lacks the permission write:sandboxes" in told(opened))

        await opened.go_to("scratch")
        await opened.press("x")

        await opened.until(lambda: "Stop: not now" in told(opened))
        assert not opened.fleet.store.pending
        assert opened.state_of("scratch") == "started"


async def test_a_key_that_may_write_leaves_everything_possible(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.until(lambda: "today" in status(opened))

        assert "read-only" not in status(opened)


async def test_a_read_only_profile_refuses_before_anything_is_asked(
    open_app: OpenApp, open_emulator: OpenEmulator
) -> None:
    emulator = await open_emulator(seed="demo")
    write_config(profile("safe", emulator, "read_only = true"))
    async with open_app(emulator=emulator, profile="safe") as opened:
        await opened.go_to("scratch")
        await opened.press("x")

        await opened.until(lambda: "read-only by profile safe" in told(opened))
        assert opened.state_of("scratch") == "started"
        for command in opened.fleet.COMMANDS:
            if command.id in VERBS and VERBS[command.id] is not Verb.PULL and command.id != "execute":
                assert opened.fleet.refusal(command) == "read-only by profile safe", command.id
        assert opened.fleet.refusal(acts.UNDO) == "read-only by profile safe"


@pytest.mark.parametrize(
    ("identity", "is_read_only"),
    [
        (Identity(), False),
        (Identity(key_name="k", permissions=("write:sandboxes",)), False),
        (Identity(key_name="k", permissions=("delete:sandboxes",)), False),
        (Identity(key_name="k", permissions=("read:limits",)), True),
        (Identity(key_name="k"), True),
        (Identity(organization_id="o"), False),
    ],
)
def test_only_what_is_told_makes_read_only(identity: Identity, *, is_read_only: bool) -> None:
    assert bool(why_read_only(identity)) is is_read_only


async def test_quotas_burn_and_costs_are_told(open_app: OpenApp, open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="demo", quota=Quota(cpu=250, memory=500, disk=2000))
    async with open_app(emulator=emulator, size=(160, 45)) as opened:
        await opened.go_to("scratch")
        await opened.until(lambda: "/250" in status(opened) and "today" in status(opened))

        assert "≈ $" in status(opened)
        assert "us vCPU" in status(opened)
        assert "/500" in status(opened)

        before = status(opened).split("≈ ")[1].split("/h")[0]
        sandbox = next(each for each in opened.fleet.store.fleet if each.name == "scratch")
        assert await call(emulator, "POST", f"/sandbox/{sandbox.id}/stop") < 300
        await opened.until(lambda: f"≈ {before}/h" not in status(opened))


async def test_without_the_right_to_read_quotas_the_rows_are_added_up(
    open_app: OpenApp, open_emulator: OpenEmulator, tmp_path: Path
) -> None:
    emulator = await open_emulator(seed="demo", keys=key_file(tmp_path, "write:sandboxes"))
    async with open_app(emulator=emulator, key=READER) as opened:
        await opened.until(lambda: "us vCPU" in status(opened))

        held = sum(
            sandbox.resources.cpu or 0
            for sandbox in opened.fleet.store.fleet
            if sandbox.region == "us" and sandbox.is_running
        )
        assert f"us vCPU {held} (sum)" in status(opened)


async def test_what_matters_less_leaves_a_narrow_line_first(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as opened:
        await opened.until(lambda: "≈ $" in status(opened))

        assert "today" not in status(opened)
        await opened.until(lambda: "● live" in status(opened) or "◐ polling" in status(opened))
