"""Making sandboxes: what is told on the way, what is in them then, and what is left behind when it fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.conftest import OpenEmulator
from tests.support.git_server import PASSWORD, USER, git_server

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.creation import (
    BuildLog,
    CreateEvent,
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromSnapshot,
    Ignored,
    LeftBehind,
    Mount,
    Repository,
    Stage,
    StageBegun,
    Upload,
)
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    ConfigError,
    ConflictError,
    NotFoundError,
    OperationTimeoutError,
    RemoteError,
    TransferError,
    UnreachableError,
    UnsupportedError,
)
from daytona_tui.operations.create import create


class _Heard(list[CreateEvent]):
    """What was told."""

    @property
    def stages(self) -> list[Stage]:
        return [event.stage for event in self if isinstance(event, StageBegun)]

    @property
    def left(self) -> list[str]:
        return [event.sandbox.name for event in self if isinstance(event, LeftBehind)]

    @property
    def log(self) -> str:
        return "".join(event.text for event in self if isinstance(event, BuildLog))


@pytest.fixture
async def small(open_emulator: OpenEmulator) -> Emulator:
    return await open_emulator(seed="empty")


@pytest.fixture
def gateway(small: Emulator) -> Gateway:
    return open_gateway(Connection(small.api_url, Secret(small.api_key)))


@pytest.fixture(autouse=True)
async def _closed(gateway: Gateway) -> object:
    yield
    await gateway.close()


async def test_a_build_an_upload_and_a_clone(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.txt").write_text("here")
    heard = _Heard()
    async with git_server(tmp_path / "served") as server:
        url = server.make("project", {"README": "hello"})
        order = CreateOrder(
            name="whole",
            source=FromBuilder("debian:12", commands=("echo so it begins", "echo and ends")),
            uploads=(Upload(str(tmp_path / "src"), "work/"),),
            repository=Repository(url, path="here/", token_env="GIT_PASSWORD", login_user=USER),
        )
        monkeypatch.setenv("GIT_PASSWORD", PASSWORD)
        sandbox = await create(gateway, order, timeout_s=30, on_event=heard.append)
    assert sandbox.state is SandboxState.STARTED
    assert heard.stages == [Stage.ASKING, Stage.BUILDING, Stage.UPLOADING, Stage.CLONING, Stage.DONE]
    assert "so it begins\n" in heard.log
    assert "and ends\n" in heard.log
    said = await gateway.run(sandbox.id, "cat work/src/a.txt here/project/README; cat here/project/.git/config")
    assert said.output.startswith("herehello")
    assert PASSWORD not in said.output
    assert heard.left == []


async def test_what_cannot_be_is_not_asked_for(gateway: Gateway, tmp_path: Path) -> None:
    heard = _Heard()
    for order, error in (
        (CreateOrder(cpu=2), ConfigError),
        (CreateOrder(source=FromBuilder(python="2.7")), ConfigError),
        (CreateOrder(uploads=(Upload(str(tmp_path / "missing")),)), TransferError),
        (CreateOrder(source=FromSnapshot("no-such"), name="x"), RemoteError),
    ):
        with pytest.raises(error):
            await create(gateway, order, timeout_s=10, on_event=heard.append)
    made = await create(gateway, CreateOrder(name="taken"), timeout_s=10, on_event=heard.append)
    with pytest.raises(ConflictError, match="taken already exists") as raised:
        await create(gateway, CreateOrder(name="taken"), timeout_s=10, on_event=heard.append)
    assert raised.value.hint == ""  # the one of this name is not ours
    assert heard.left == []
    assert [each.id async for page in gateway.list_pages() for each in page] == [made.id]


async def test_what_a_failed_build_leaves_behind_is_named(gateway: Gateway) -> None:
    heard = _Heard()
    order = CreateOrder(source=FromDockerfile("FROM debian:12\nRUN echo last words; exit 9\n"))
    with pytest.raises(RemoteError, match="exit code 9") as raised:
        await create(gateway, order, timeout_s=20, on_event=heard.append)
    (name,) = heard.left
    left = await gateway.get(name)
    assert left.state is SandboxState.BUILD_FAILED
    assert f"{name} ({left.id}) is left behind, build failed" in raised.value.hint
    assert "last words" in heard.log


async def test_an_answer_that_is_lost_is_made_good_by_the_name(gateway: Gateway, small: Emulator) -> None:
    heard = _Heard()
    small.faults.add(FaultRule(method="POST", path="/api/sandbox", truncate=0, times=1))
    volume = await gateway.create_volume("data")
    mounted = CreateOrder(volumes=(Mount("data", "/mnt/data"),))
    sandbox = await create(gateway, mounted, timeout_s=20, on_event=heard.append)
    assert sandbox.state is SandboxState.STARTED
    assert [each.volume_id for each in await gateway.mounts(sandbox.id)] == [volume.id]
    with pytest.raises(NotFoundError, match="no volume 'other'"):
        await create(gateway, CreateOrder(volumes=(Mount("other", "/x"),)), timeout_s=20, on_event=heard.append)
    # A name of the user's may be another sandbox's: that one is named, and not taken for ours.
    small.faults.add(FaultRule(method="POST", path="/api/sandbox", truncate=0, times=1))
    with pytest.raises(Exception, match=r".") as raised:
        await create(gateway, CreateOrder(name="mine"), timeout_s=20, on_event=heard.append)
    assert heard.left == ["mine"]
    assert "mine (" in getattr(raised.value, "hint", "")


async def test_time_that_is_up_and_cancelling_name_what_is_there(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="empty", pace="natural")
    slow = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    heard = _Heard()
    order = CreateOrder(name="late", source=FromDockerfile("FROM debian:12\nRUN sleep 30\n"))
    try:
        with pytest.raises(OperationTimeoutError) as raised:
            await create(slow, order, timeout_s=0.4, on_event=heard.append)
        assert heard.left == ["late"]
        assert "late (" in raised.value.hint
        assert "daytona-tui delete" in raised.value.hint
        # One of that name was there long before: it is not what is left behind.
        emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", drop=True))
        emulator.fleet.distort((await slow.get("late")).id, {"createdAt": "2020-01-01T00:00:00Z"})
        with pytest.raises(UnreachableError) as lost:
            await create(slow, order, timeout_s=10, on_event=heard.append)
        assert "nothing called late is there yet" in lost.value.hint
        assert heard.left == ["late"]
        emulator.faults.clear()

        under_way = asyncio.Event()

        def hear(event: CreateEvent) -> None:
            heard.append(event)
            if isinstance(event, StageBegun) and event.stage is Stage.BUILDING:
                under_way.set()

        given_up = CreateOrder(name="given-up", source=order.source)
        task = asyncio.create_task(create(slow, given_up, timeout_s=20, on_event=hear))
        async with asyncio.timeout(10):
            await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert heard.left == ["late", "given-up"]
    finally:
        await slow.close()


async def test_what_an_older_server_does_not_read_is_found_out(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="empty", lacks=frozenset({"ttl", "auto-pause", "secrets"}))
    older = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    heard = _Heard()
    try:
        order = CreateOrder(ttl_min=5, auto_pause_min=5, source=FromSnapshot("daytona-vm"))
        await create(older, order, timeout_s=20, on_event=heard.append)
        with pytest.raises(UnsupportedError, match="this server has no secrets"):
            await create(older, CreateOrder(secrets={"TOKEN": "t"}), timeout_s=20, on_event=heard.append)
        assert len([each async for page in older.list_pages() for each in page]) == 1
    finally:
        await older.close()
    assert [event.field for event in heard if isinstance(event, Ignored)] == ["ttl_min", "auto_pause_min"]
