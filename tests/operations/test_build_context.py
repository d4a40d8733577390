"""Sandboxes and snapshots built with files of this machine: what is told, what is in them, and what is refused."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OpenEmulator

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.build_context import BuildContext
from daytona_tui.domain.creation import BuildLog, CreateEvent, CreateOrder, FromDockerfile, Stage, StageBegun
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.snapshots import SnapshotOrder
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import AuthError, ConfigError, MisuseError, OperationTimeoutError, UnsupportedError
from daytona_tui.operations import build_context
from daytona_tui.operations.create import create
from daytona_tui.operations.snapshots import make_snapshot
from daytona_tui.transfer.context_archive import PIECE, ContextArchive
from daytona_tui.transfer.context_survey import survey

STEPS = "FROM python:3.12-slim\nWORKDIR /srv/app\nCOPY . .\nRUN cat note.txt\n"


@pytest.fixture
async def small(open_emulator: OpenEmulator) -> Emulator:
    return await open_emulator(seed="empty", pace="instant")


@pytest.fixture
async def gateway(small: Emulator) -> AsyncIterator[Gateway]:
    opened = open_gateway(Connection(small.api_url, Secret(small.api_key)))
    yield opened
    await opened.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_text("from this machine\n")
    (tmp_path / "Dockerfile").write_text(STEPS)
    return tmp_path


def order_for(project: Path, *, sends_secrets: bool = False) -> CreateOrder:
    return CreateOrder(source=FromDockerfile(STEPS, str(project / "Dockerfile"), sends_secrets=sends_secrets))


def log_of(events: list[CreateEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, BuildLog))


async def test_a_sandbox_is_built_with_files(gateway: Gateway, project: Path) -> None:
    events: list[CreateEvent] = []

    sandbox = await create(gateway, order_for(project), on_event=events.append, timeout_s=60)

    assert (await gateway.run(sandbox.id, "cat note.txt")).output == "from this machine\n"
    stages = [event.stage for event in events if isinstance(event, StageBegun)]
    assert stages[:2] == [Stage.SENDING, Stage.ASKING]
    size = len(STEPS) + len("from this machine\n")
    assert f"context: 2 files, {size} bytes, of {project}\ncontext: sent\n" in log_of(events)
    again: list[CreateEvent] = []
    await create(gateway, order_for(project), on_event=again.append, timeout_s=60)
    assert "the server has it already" in log_of(again)


async def test_a_snapshot_is_built_with_files_of_another_directory(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note.txt").write_text("elsewhere")
    heard: list[str] = []
    order = SnapshotOrder("own:1", dockerfile=STEPS, context=str(tmp_path / "files"))

    snapshot = await make_snapshot(gateway, order, on_text=heard.append, timeout_s=60)

    assert snapshot.state.value == "active"
    assert "context: sent\n" in heard
    assert "elsewhere" in "".join(heard)


async def test_what_looks_like_a_secret_is_sent_only_on_purpose(
    gateway: Gateway, small: Emulator, project: Path
) -> None:
    (project / ".env").write_text("TOKEN=x")

    with pytest.raises(MisuseError, match=r"looks like secrets: \.env"):
        await create(gateway, order_for(project), on_event=lambda _event: None)
    assert len(small.fleet.records) == 0

    events: list[CreateEvent] = []
    sandbox = await create(gateway, order_for(project, sends_secrets=True), on_event=events.append, timeout_s=60)
    assert "is sent with it: .env" in log_of(events)
    assert (await gateway.run(sandbox.id, "cat .env")).output == "TOKEN=x"


async def test_a_machine_without_certificates_says_what_to_install(
    gateway: Gateway, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)

    with pytest.raises(ConfigError, match="no certificate of an authority") as raised:
        await create(gateway, order_for(project), on_event=print, timeout_s=60)

    assert "ca-certificates" in raised.value.hint


async def test_without_a_directory_nothing_can_be_copied(gateway: Gateway) -> None:
    with pytest.raises(MisuseError, match="name the context"):
        await create(gateway, CreateOrder(source=FromDockerfile(STEPS)), on_event=lambda _event: None)


async def test_a_server_without_object_storage_is_found_out_once(open_emulator: OpenEmulator, project: Path) -> None:
    emulator = await open_emulator(seed="empty", lacks=frozenset({"object-storage"}))
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        for _ in range(2):
            with pytest.raises(UnsupportedError, match="this server has no object storage"):
                await create(gateway, order_for(project), on_event=lambda _event: None)
            emulator.faults.add(FaultRule(drop=True))  # whoever asks again meets this
        assert gateway.abilities.lacks(Ability.CONTEXTS)
        assert len(emulator.fleet.records) == 0
    finally:
        await gateway.close()


async def test_credentials_that_expire_on_the_way_are_told(
    gateway: Gateway, small: Emulator, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = small._workshop.bucket.passes.issue  # type: ignore[union-attr]

    def issue_late(organization_id: str) -> object:
        made = issue(organization_id)
        small.fleet.clock.advance(3601)
        return made

    monkeypatch.setattr(small._workshop.bucket.passes, "issue", issue_late)  # type: ignore[union-attr]

    with pytest.raises(AuthError) as caught:
        await create(gateway, order_for(project), on_event=lambda _event: None, timeout_s=60)

    assert "ASIA" not in str(caught.value)
    assert len(small.fleet.records) == 0


async def test_a_large_context_is_read_beside_the_loop(
    gateway: Gateway, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is looked for, read or packed on the loop's own thread, and little of it is held at a time."""
    with (project / "large.bin").open("wb") as file:
        file.truncate(60_000_000)
    threads: set[int] = set()
    sizes: list[int] = []
    pack, look = ContextArchive._pieces, survey

    def packed(archive: ContextArchive) -> Iterator[bytes]:
        for piece in pack(archive):
            threads.add(threading.get_ident())
            sizes.append(len(piece))
            yield piece

    def looked(*words: Any, **more: Any) -> BuildContext:
        threads.add(threading.get_ident())
        return look(*words, **more)

    monkeypatch.setattr(ContextArchive, "_pieces", packed)
    monkeypatch.setattr(build_context, "survey", looked)

    sandbox = await create(gateway, order_for(project), on_event=lambda _event: None, timeout_s=60)

    assert (await gateway.run(sandbox.id, "stat -c %s large.bin")).output == "60000000\n"
    assert threads
    assert threading.get_ident() not in threads
    assert max(sizes) < 4 * PIECE


async def test_sending_ends_when_it_is_given_up(gateway: Gateway, small: Emulator, project: Path) -> None:
    with (project / "large.bin").open("wb") as file:
        file.truncate(300_000_000)
    begun = asyncio.Event()

    def hear(event: CreateEvent) -> None:
        if isinstance(event, StageBegun) and event.stage is Stage.SENDING:
            begun.set()

    making = asyncio.create_task(create(gateway, order_for(project), on_event=hear, timeout_s=60))
    await begun.wait()
    await asyncio.sleep(0.5)
    making.cancel()

    with pytest.raises(asyncio.CancelledError):
        await making
    assert len(small.fleet.records) == 0


async def test_a_deadline_ends_it_before_anything_is_asked_for(
    gateway: Gateway, small: Emulator, project: Path
) -> None:
    with (project / "large.bin").open("wb") as file:
        file.truncate(300_000_000)

    with pytest.raises(OperationTimeoutError) as caught:
        await create(gateway, order_for(project), on_event=lambda _event: None, timeout_s=0.3)

    assert "nothing was asked for" in caught.value.hint
    assert len(small.fleet.records) == 0
