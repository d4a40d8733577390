"""Sandboxes and snapshots made from images: built for real, with a log, or failed with a reason."""

from __future__ import annotations

import aiohttp
import pytest
from daytona import (
    AsyncDaytona,
    CreateSandboxFromImageParams,
    CreateSandboxFromSnapshotParams,
    CreateSnapshotParams,
    DaytonaConflictError,
    DaytonaError,
    Image,
)
from tests.emulator.conftest import Connect, OpenEmulator
from tests.emulator.toolbox.processes import running_with, unique_nap

from daytona_tui.emulator.workshop.dockerfile import DockerfileError, parse

FROM_IMAGE = CreateSandboxFromImageParams


async def test_an_image_is_built_step_by_step(open_emulator: OpenEmulator, connect: Connect, isolation: str) -> None:
    client = await connect(await open_emulator(isolation=isolation))
    heard: list[str] = []
    image = (
        Image.debian_slim("3.12")
        .env({"COLOUR": "deep blue"})
        .workdir("/app/in")
        .run_commands("echo first; echo $COLOUR", ["touch", "made here"])
        .cmd(["sleep", "1000"])
    )

    sandbox = await client.create(
        FROM_IMAGE(image=image, name="built"), timeout=60, on_snapshot_create_logs=heard.append
    )

    assert sandbox.state == "started"
    assert sandbox.build_info is not None
    assert sandbox.build_info.dockerfile_content == image.dockerfile()
    lines = "\n".join(heard).splitlines()
    assert lines.index("first") + 1 == lines.index("deep blue")
    assert lines[-1] == "Successfully built"
    seen = await sandbox.process.exec("ls; echo $COLOUR; basename $PWD")
    assert seen.result.splitlines() == ["made here", "deep blue", "in"]
    session = await sandbox.process.get_entrypoint_session()
    assert [command.command for command in session.commands or []] == ["sleep 1000"]


async def test_a_step_that_fails_fails_the_build(daytona: AsyncDaytona) -> None:
    heard: list[str] = []
    nap = unique_nap()
    steps = f"sleep {nap} & echo begun", f"echo it went wrong; sleep {nap} & exit 3", "touch never"
    params = FROM_IMAGE(image=Image.base("ubuntu:22.04").run_commands(*steps), name="fails")

    with pytest.raises(DaytonaError, match="exit code 3: it went wrong"):
        await daytona.create(params, timeout=60, on_snapshot_create_logs=heard.append)

    failed = await daytona.get("fails")
    assert (failed.state, failed.desired_state) == ("build_failed", "started")
    assert failed.error_reason == f"RUN {steps[1]}: exit code 3: it went wrong"
    assert "touch never" not in "\n".join(heard)
    assert running_with(nap) == []
    await failed.delete()


@pytest.mark.parametrize(
    ("dockerfile", "reason"),
    [
        ("FROM fedora:40\n", "image fedora:40 not found"),
        ("FROM python:3.12\nCOPY a /app/b\n", "a is not in the context of the build"),
        ("FROM python:3.12\nFROM node:20\n", "one stage"),
        ("FROM python:3.12\nFETCH x\n", "unknown instruction: FETCH"),
        ("RUN true\n", "begins with FROM"),
        ('FROM python:3.12\nRUN ["/no/such/program"]\n', "no such file"),
    ],
)
async def test_what_cannot_be_built_says_why(http: aiohttp.ClientSession, dockerfile: str, reason: str) -> None:
    async with http.post("/api/sandbox", json={"buildInfo": {"dockerfileContent": dockerfile}}) as answer:
        assert answer.status == 200
        body = await answer.json()
    assert body["state"] == "pending_build"

    async with http.get(f"/api/sandbox/{body['id']}/build-logs?follow=true") as log:
        said = await log.text()

    assert reason in said
    for _ in range(500):
        async with http.get(f"/api/sandbox/{body['id']}") as answer:
            body = await answer.json()
        if body["state"] != "building_snapshot":
            break
    assert body["state"] == "build_failed"
    assert reason in body["errorReason"]


async def test_a_build_log_streams_while_the_build_goes_on(http: aiohttp.ClientSession) -> None:
    steps = "FROM debian:12\nRUN echo begun; while [ ! -e $HOME/go ]; do sleep 0.02; done; echo ended\n"
    async with http.post("/api/sandbox", json={"buildInfo": {"dockerfileContent": steps}}) as answer:
        sandbox_id = (await answer.json())["id"]

    async with http.get(f"/api/sandbox/{sandbox_id}/build-logs?follow=true") as log:
        said = ""
        while "begun\n" not in said:
            said += (await log.content.readany()).decode()
        assert "ended" not in said.replace("echo ended", "")
        async with http.get(f"/api/sandbox/{sandbox_id}") as answer:
            assert (await answer.json())["state"] == "building_snapshot"
        async with http.delete(f"/api/sandbox/{sandbox_id}") as answer:
            assert answer.status == 409


async def test_a_snapshot_is_built_and_made_into_sandboxes(daytona: AsyncDaytona) -> None:
    heard: list[str] = []
    image = Image.base("python:3.12-slim").run_commands("head -c 300000 /dev/zero > $HOME/zeros").env({"KIND": "built"})

    snapshot = await daytona.snapshot.create(CreateSnapshotParams(name="own:1", image=image), on_logs=heard.append)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="own:1"))

    assert (snapshot.state, snapshot.error_reason) == ("active", None)
    assert "Successfully built" in "\n".join(heard)
    seen = await sandbox.process.exec("wc -c < zeros; echo $KIND")
    assert seen.result.splitlines() == ["300000", "built"]
    with pytest.raises(DaytonaConflictError, match="already exists"):
        await daytona.snapshot.create(CreateSnapshotParams(name="own:1", image=image))


async def test_a_snapshot_of_an_unknown_image_is_an_error(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/snapshots", json={"name": "strange", "imageName": "quay.io/some/thing:1"}) as answer:
        assert answer.status == 200
        body = await answer.json()

    assert body["state"] == "error"
    assert body["errorReason"].startswith("image quay.io/some/thing:1 not found")
    async with http.post("/api/sandbox", json={"snapshot": "strange"}) as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, "Snapshot strange is error")


async def test_a_snapshot_of_a_sandbox_keeps_its_files(
    open_emulator: OpenEmulator, connect: Connect, isolation: str
) -> None:
    client = await connect(await open_emulator(isolation=isolation))
    sandbox = await client.create()
    content = bytes(range(256)) * 500
    await sandbox.fs.upload_file(content, "deep/in/bytes.bin")
    await sandbox.process.exec("chmod 640 deep/in/bytes.bin; ln -s deep/in link; mkdir empty; touch -d @1000000 empty")

    await sandbox.create_snapshot("captured")
    await sandbox.process.exec("rm -rf deep")
    copy = await client.create(CreateSandboxFromSnapshotParams(snapshot="captured"))

    assert await copy.fs.download_file("link/bytes.bin") == content
    seen = await copy.process.exec("stat -c '%a %Y' deep/in/bytes.bin empty | cut -d' ' -f1; stat -c %Y empty")
    assert seen.result.splitlines() == ["640", "755", "1000000"]
    listed = await client.snapshot.list(source_sandbox_id=sandbox.id)
    assert [(each.name, each.state, each.source_sandbox_id) for each in listed.items] == [
        ("captured", "active", sandbox.id)
    ]
    await client.snapshot.delete(await client.snapshot.get("captured"))
    assert await copy.fs.download_file("link/bytes.bin") == content


async def test_general_snapshots_stay(http: aiohttp.ClientSession) -> None:
    async with http.delete("/api/snapshots/daytona-small") as answer:
        assert (answer.status, (await answer.json())["message"]) == (403, "You cannot delete a general snapshot")
    async with http.delete("/api/snapshots/nothing") as answer:
        assert answer.status == 404


async def test_an_inactive_snapshot_makes_no_sandboxes(daytona: AsyncDaytona, http: aiohttp.ClientSession) -> None:
    snapshot = await daytona.snapshot.create(CreateSnapshotParams(name="mine", image="python:3.12"))

    async with http.post(f"/api/snapshots/{snapshot.id}/deactivate") as answer:
        assert answer.status == 204
    with pytest.raises(DaytonaError, match="Snapshot mine is inactive"):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="mine"))

    assert (await daytona.snapshot.activate(snapshot)).state == "active"
    await daytona.create(CreateSandboxFromSnapshotParams(snapshot="mine"))
    async with http.post(f"/api/snapshots/{snapshot.id}/activate") as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, f"Snapshot {snapshot.id} is already active")


def test_a_dockerfile_replaces_variables_as_docker_does() -> None:
    text = r"""
    # a comment
    FROM python:3.12
    ARG LEVEL=1
    ENV A="/b:$PATH" B='/b:$PATH' C=\$X D=${LEVEL:-9} E=a\ b F=${NOT:-9}
    ENV OLD of style $LEVEL
    WORKDIR /srv
    WORKDIR $E
    RUN echo one \
      # between
      && echo two
    """

    read = parse(text, {"PATH": "/bin"})

    assert read.env == {
        "A": "/b:/bin",
        "B": "/b:$PATH",
        "C": "$X",
        "D": "1",
        "E": "a b",
        "F": "9",
        "OLD": "of style 1",
    }
    assert read.workdir == "/srv/a b"
    assert read.steps[-1].argv[-1].split() == ["echo", "one", "&&", "echo", "two"]
    assert read.steps[-1].env["LEVEL"] == "1"


@pytest.mark.parametrize(
    "text", ["", "FROM", "FROM a b c", "FROM python:3\nENV A", "FROM python:3\nENV A='x", "FROM $"]
)
def test_a_dockerfile_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(DockerfileError):
        parse(text)
