"""``AsyncDaytona``: create, find, list and end sandboxes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from daytona import (
    AsyncDaytona,
    AsyncSandbox,
    CreateSandboxFromImageParams,
    CreateSandboxFromSnapshotParams,
    DaytonaBadRequestError,
    DaytonaConflictError,
    DaytonaError,
    DaytonaNotFoundError,
    Image,
    ListSandboxesQuery,
    Resources,
)
from daytona_api_client_async import SandboxListSortDirection, SandboxListSortField, SandboxState
from tests.emulator.sdk.conftest import Shell
from tests.emulator.sdk.covering import covers


@covers(AsyncDaytona.create, AsyncDaytona.get)
async def test_a_sandbox_is_what_was_asked_for(daytona: AsyncDaytona) -> None:
    made = await daytona.create(
        CreateSandboxFromSnapshotParams(
            name="asked-for",
            snapshot="daytona-medium",
            language="javascript",
            env_vars={"GREETING": "good day"},
            labels={"team": "red"},
            auto_stop_interval=7,
            auto_archive_interval=60,
            auto_delete_interval=120,
            ttl_minutes=30,
            public=True,
        )
    )
    found = await daytona.get("asked-for")

    assert (found.id, found.state, found.cpu, found.memory) == (made.id, "started", 2, 4)
    assert found.labels == {"team": "red", "code-toolbox-language": "javascript"}
    assert (found.auto_stop_interval, found.auto_archive_interval, found.auto_delete_interval) == (7, 60, 120)
    assert found.public
    assert found.auto_destroy_at is not None
    assert (await found.process.exec("echo $GREETING")).result.strip() == "good day"
    with pytest.raises(DaytonaConflictError, match="asked-for already exists"):
        await daytona.create(CreateSandboxFromSnapshotParams(name="asked-for"))
    await made.delete(timeout=20, wait=True)


@covers(AsyncDaytona.get)
async def test_what_is_not_there_is_not_found(daytona: AsyncDaytona) -> None:
    with pytest.raises(DaytonaNotFoundError, match="nobody not found"):
        await daytona.get("nobody")
    with pytest.raises(DaytonaBadRequestError):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="nowhere"))


@covers(AsyncDaytona.create, differs="an image is one of the known bases; its RUN steps are really run in the sandbox")
async def test_an_image_is_built_and_its_log_is_streamed(daytona: AsyncDaytona) -> None:
    image = (
        Image.base("debian:12")
        .env({"BUILT_WITH": "care"})
        .run_commands("echo step one", "echo content > $HOME/made-by-build.txt")
    )
    chunks: list[str] = []

    made = await daytona.create(
        CreateSandboxFromImageParams(image=image, resources=Resources(cpu=2, memory=2, disk=5)),
        on_snapshot_create_logs=chunks.append,
    )

    assert (made.state, made.cpu, made.memory, made.disk) == ("started", 2, 2, 5)
    assert made.build_info is not None
    assert "RUN echo step one" in (made.build_info.dockerfile_content or "")
    assert "step one" in "\n".join(chunks)
    answer = await made.process.exec("cat $HOME/made-by-build.txt; echo $BUILT_WITH")
    assert answer.result.split() == ["content", "care"]
    await made.delete(timeout=20, wait=True)


@covers(AsyncDaytona.create)
async def test_an_image_whose_step_fails_leaves_a_sandbox_that_says_why(daytona: AsyncDaytona) -> None:
    image = Image.base("debian:12").run_commands("echo about to fail; exit 3")

    with pytest.raises(DaytonaError) as refusal:
        await daytona.create(CreateSandboxFromImageParams(name="badly-built", image=image))
    failed = await daytona.get("badly-built")

    assert "build" in str(refusal.value).lower()
    assert failed.state == "build_failed"
    assert failed.error_reason
    await failed.delete(timeout=20)


@covers(AsyncDaytona.list)
async def test_a_list_is_filtered_sorted_and_paged(daytona: AsyncDaytona) -> None:
    for number in range(5):
        labels = {"suite": "paging", "half": "low" if number < 3 else "high"}
        await daytona.create(CreateSandboxFromSnapshotParams(name=f"paged-{number}", labels=labels))
    stopped = await daytona.get("paged-2")
    await stopped.stop(timeout=20)

    async def names(**query: object) -> list[str]:
        asked = ListSandboxesQuery(labels={"suite": "paging"}, **query)  # type: ignore[arg-type]
        return [each.name async for each in daytona.list(asked)]

    by_name = {"sort": SandboxListSortField.NAME, "order": SandboxListSortDirection.DESC}
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert await names(limit=2, **by_name) == [f"paged-{number}" for number in (4, 3, 2, 1, 0)]
    assert await names(states=[SandboxState.STOPPED]) == ["paged-2"]
    assert await names(name="PAGED-3") == ["paged-3"]
    assert await names(id=stopped.id[:9]) == ["paged-2"]
    assert await names(min_cpu=2) == []
    assert len(await names(max_cpu=1, created_at_before=soon)) == 5
    assert await names(created_at_after=soon) == []
    high = [each.name async for each in daytona.list(ListSandboxesQuery(labels={"half": "high"}))]
    assert sorted(high) == ["paged-3", "paged-4"]


@covers(AsyncDaytona.stop, AsyncDaytona.start, AsyncDaytona.delete)
async def test_the_client_starts_stops_and_deletes(daytona: AsyncDaytona) -> None:
    made = await daytona.create()
    await made.fs.upload_file(b"stays", "kept.txt")

    await daytona.stop(made)
    assert (await daytona.get(made.id)).state == "stopped"
    await daytona.start(made)
    again = await daytona.get(made.id)
    assert again.state == "started"
    assert await again.fs.download_file("kept.txt") == b"stays"
    await daytona.delete(made, wait=True)

    assert [each.id async for each in daytona.list(ListSandboxesQuery(id=made.id))] == []


@covers(AsyncDaytona.close)
async def test_a_closed_client_streams_no_more(daytona: AsyncDaytona, sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("echo here > here.txt")
    for _ in range(2):
        await daytona.close()  # type: ignore[no-untyped-call]

    with pytest.raises(DaytonaError, match="closed"):
        await sandbox.fs.download_file("here.txt")
