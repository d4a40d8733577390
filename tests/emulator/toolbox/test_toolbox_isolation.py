"""What a program of a box can see and touch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import PLAIN, Isolation, detect_isolation

if TYPE_CHECKING:
    from daytona import AsyncSandbox


def test_detection_is_made_once() -> None:
    assert detect_isolation() is detect_isolation()
    assert detect_isolation().name in ("bubblewrap", "plain")


def test_a_refusal_has_a_reason() -> None:
    assert detect_isolation().is_isolated or detect_isolation().reason
    assert not PLAIN.is_isolated


async def test_the_environment_is_the_sandboxs_own(
    sandbox: AsyncSandbox, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYTONA_API_KEY", "secret-of-the-host")
    answer = await sandbox.process.exec("env; tr '\\0' '\\n' < /proc/1/environ 2>/dev/null")
    told = dict(line.partition("=")[::2] for line in answer.result.splitlines())
    assert told["GREETING"] == "hello"
    assert told["HOME"] == box.work_dir
    assert told["USER"] == "daytona"
    assert told["LANG"] == "C.UTF-8"
    assert told["DAYTONA_SANDBOX_ID"] == box.id
    if box.isolation.is_isolated:
        assert "secret-of-the-host" not in answer.result
        assert "VIRTUAL_ENV" not in told


async def test_the_home_is_the_boxs_own(sandbox: AsyncSandbox, box: Box) -> None:
    assert await sandbox.get_work_dir() == box.work_dir
    assert await sandbox.get_user_home_dir() == box.work_dir
    answer = await sandbox.process.exec("pwd; cd; pwd; echo x > ~/made")
    assert answer.result.splitlines() == [box.work_dir] * 2
    assert (box.home / "made").read_text() == "x\n"


@pytest.mark.parametrize("isolation", ["bubblewrap"], indirect=True)
async def test_isolated_programs_see_neither_host_nor_neighbours(
    sandbox: AsyncSandbox, box: Box, tmp_path: Path, isolation: Isolation
) -> None:
    neighbour = box.root.parent / "neighbour" / "home"
    neighbour.mkdir(parents=True)
    (neighbour / "secret").write_text("s")
    answer = await sandbox.process.exec(
        f"ls {tmp_path} {neighbour} 2>&1; ls -A /home /tmp; kill -0 {os.getpid()} 2>&1; touch /etc/mine; rm /etc/hosts"
    )
    assert "secret" not in answer.result
    assert "No such process" in answer.result
    assert "/home:\n.daytona\ndaytona\n" in answer.result
    assert answer.result.count("Read-only file system") == 2
    processes = await sandbox.process.exec("ls /proc | grep -c '^[0-9]'")
    assert int(processes.result) < 10


@pytest.mark.parametrize("isolation", ["bubblewrap"], indirect=True)
async def test_isolated_programs_cannot_undo_it(sandbox: AsyncSandbox, isolation: Isolation) -> None:
    answer = await sandbox.process.exec("mount -o remount,rw / 2>&1; touch /etc/mine 2>&1; umount /tmp 2>&1; true")
    assert "Read-only file system" in answer.result
    assert not Path("/etc/mine").exists()
