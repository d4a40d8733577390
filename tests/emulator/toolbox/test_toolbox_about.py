"""What a toolbox tells of itself: version, environment, and what it does not serve."""

from __future__ import annotations

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams
from tests.emulator.conftest import Connect

from daytona_tui.emulator.server import Emulator


@pytest.fixture
async def sandbox(emulator: Emulator, connect: Connect) -> AsyncSandbox:
    client: AsyncDaytona = await connect(emulator)
    return await client.create(CreateSandboxFromSnapshotParams(env_vars={"GIVEN": "at creation", "GONE": "soon"}))


async def _env(sandbox: AsyncSandbox) -> dict[str, str]:
    answer = await sandbox.process.exec("env")
    return dict(line.partition("=")[::2] for line in answer.result.splitlines())


async def test_what_starts_next_sees_the_new_environment(sandbox: AsyncSandbox) -> None:
    await sandbox.process.create_session("before")
    await sandbox.update_env({"NEW": "a = b", "GIVEN": "anew"}, unset=["GONE", "LANG", "NEVER"])
    env = await _env(sandbox)
    assert (env["NEW"], env["GIVEN"]) == ("a = b", "anew")
    assert not {"GONE", "LANG"} & set(env)
    from daytona import SessionExecuteRequest

    old = await sandbox.process.execute_session_command("before", SessionExecuteRequest(command="echo $GIVEN"))
    assert old.stdout == "at creation\n"
    await sandbox.update_env({"LANG": "C"})
    assert (await _env(sandbox))["LANG"] == "C"


async def test_the_environment_is_kept_and_told(sandbox: AsyncSandbox) -> None:
    await sandbox.update_env({"NEW": "value"}, unset=["GONE"])
    await sandbox.stop()
    await sandbox.start()
    env = await _env(sandbox)
    assert env["NEW"] == "value"
    assert "GONE" not in env
    await sandbox.refresh_data()
    assert sandbox.env == {"GIVEN": "at creation", "NEW": "value"}


async def test_values_with_a_prefix_are_taken_away(sandbox: AsyncSandbox, http: aiohttp.ClientSession) -> None:
    await sandbox.update_env({"A": "secret:1", "B": "secret:2", "C": "plain"})
    body = {"set": {"B": "secret:3"}, "unsetValuePrefix": "secret:"}
    async with http.post(f"/toolbox/{sandbox.id}/env", json=body) as response:
        assert response.status == 200
        assert all(isinstance(value, str) for value in (await response.json()).values())
    env = await _env(sandbox)
    assert ("A" in env, env["B"], env["C"]) == (False, "secret:3", "plain")


@pytest.mark.parametrize(
    "body",
    [
        {"set": {"A=B": "x"}},
        {"set": {"A": 1}},
        {"set": {"": "x"}},
        {"unset": "A"},
        {"unset": [1]},
        {"set": {"A": "\0"}},
    ],
)
async def test_an_impossible_environment_is_refused(
    sandbox: AsyncSandbox, http: aiohttp.ClientSession, body: dict[str, object]
) -> None:
    async with http.post(f"/toolbox/{sandbox.id}/env", json=body) as response:
        assert (response.status, (await response.json())["source"]) == (400, "DAYTONA_DAEMON")


async def test_the_version_is_the_records(sandbox: AsyncSandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"/toolbox/{sandbox.id}/version") as response:
        assert await response.json() == {"version": sandbox.daemon_version}
    assert (await sandbox.get_user_home_dir(), await sandbox.get_work_dir()) == ((await _env(sandbox))["HOME"],) * 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "lsp/start"),
        ("GET", "lsp/document-symbols"),
        ("POST", "computeruse/start"),
        ("GET", "computeruse/screenshot"),
        ("GET", "computeruse/recordings"),
        ("DELETE", "computeruse/recordings/1"),
        ("GET", "computeruse/a11y/tree"),
        ("POST", "init"),
    ],
)
async def test_what_is_not_served_is_said_with_a_reason(
    sandbox: AsyncSandbox, http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, f"/toolbox/{sandbox.id}/{path}") as response:
        answer = await response.json()
    assert (response.status, answer["code"], answer["source"]) == (501, "NOT_IMPLEMENTED", "DAYTONA_DAEMON")
    assert f"{method} /toolbox/{sandbox.id}/{path}: a local sandbox has no" in answer["message"]


async def test_no_desktop_runs(sandbox: AsyncSandbox) -> None:
    assert (await sandbox.computer_use.get_status()).status == "inactive"
