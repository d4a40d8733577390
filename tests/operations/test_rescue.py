"""Rescue before a delete, through the gateway, of real files and repositories."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.filters import parse
from daytona_tui.domain.leaks import LeakPolicy, Protect
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError, OperationTimeoutError
from daytona_tui.operations.protection import Keeper, Pins
from daytona_tui.operations.rescue import Forbids, RescueOrder, RescueOutcome, Tell, look_into, rescue
from daytona_tui.operations.rescue_copy import copy_out, differing
from daytona_tui.operations.safety import inspect
from daytona_tui.operations.waking import waking_refusal


def unheard(_step: str) -> None:
    """Take no notice."""


def git(directory: Path, *words: str, check: bool = True) -> str:
    return subprocess.run(["git", "-C", str(directory), *words], check=check, capture_output=True, text=True).stdout


def now() -> datetime:
    return datetime.now(UTC)


async def run(
    bench: Bench,
    base: Path,
    *,
    delete: bool = True,
    on_step: Callable[[str], None] = unheard,
    forbids: Forbids | None = None,
) -> RescueOutcome:
    sandbox = await bench.gateway.get(bench.sandbox.id)
    order = RescueOrder(sandbox, base, delete=delete, timeout_s=30)
    return await rescue(bench.gateway, order, now, forbids=forbids or keeper(base).why, tell=Tell(on_step))


def keeper(base: Path, *protects: str) -> Keeper:
    policy = LeakPolicy(protects=tuple(Protect(parse(text), "the core team's") for text in protects))
    return Keeper(Pins(base / "pins.json"), policy, PriceBook(), now)


async def is_gone(bench: Bench) -> bool:
    try:
        await bench.gateway.get(bench.sandbox.id)
    except NotFoundError:
        return True
    return False


async def work_in(bench: Bench) -> None:
    """Leave a repository with work in every form that git knows, and a file beside it."""
    outcome = await bench.gateway.run(
        bench.sandbox.id,
        "git init -q -b main app && cd app && git config user.email a@b && git config user.name a"
        " && echo one > one && echo two > two && git add . && git commit -qm one"
        " && echo stashed > two && git stash -q && echo changed > one && echo staged > three && git add three"
        " && echo later > three && mkdir sub && echo new > 'sub/new file' && chmod +x 'sub/new file'"
        " && echo beside > ../notes.txt",
    )
    assert outcome.exit_code == 0, outcome.output


async def test_everything_that_would_be_lost_is_here_before_it_is_deleted(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    steps: list[str] = []

    outcome = await run(bench, tmp_path / "rescue", on_step=steps.append)

    assert outcome.is_deleted, outcome.text
    assert await is_gone(bench)
    assert steps == ["looking", "copying", "verifying", "deleting"]
    assert outcome.rescued is not None
    home = outcome.rescued.destination
    assert home.parent == tmp_path / "rescue"
    assert (home / "notes.txt").read_text() == "beside\n"
    assert (home / "app/sub/new file").stat().st_mode & 0o100
    git(home / "app", "checkout-index", "--all", "--quiet", check=False)  # it says of what is there that it is
    assert (home / "app/one").read_text() == "changed\n"
    assert (home / "app/two").read_text() == "two\n"
    assert (home / "app/three").read_text() == "later\n"
    assert git(home / "app", "show", "stash@{0}:two") == "stashed\n"
    assert git(home / "app", "show", ":three") == "staged\n"
    assert "verified and deleted" in outcome.text


async def test_a_disk_that_cannot_keep_what_was_copied_keeps_the_sandbox(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.home / "notes.txt").write_text("beside\n")

    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr("daytona_tui.operations.rescue_copy.os.fsync", broken)
        outcome = await run(bench, tmp_path / "rescue")

    assert "could not keep it" in outcome.doubt
    assert not await is_gone(bench)


async def test_copying_alone_deletes_nothing_and_is_no_activity(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    before = (await bench.gateway.get(bench.sandbox.id)).last_activity_at

    first = await run(bench, tmp_path, delete=False)
    second = await run(bench, tmp_path, delete=False)

    assert first.is_success, first.text
    assert first.rescued is not None
    assert second.rescued is not None
    assert first.rescued.destination != second.rescued.destination  # what is there is never written to
    after = await bench.gateway.get(bench.sandbox.id)
    assert after.state is SandboxState.STARTED
    assert after.last_activity_at == before


async def test_nothing_to_rescue_deletes_at_once(bench: Bench, tmp_path: Path) -> None:
    outcome = await run(bench, tmp_path / "rescue")

    assert outcome.is_deleted
    assert outcome.rescued is None
    assert not (tmp_path / "rescue").exists()


async def test_a_file_that_cannot_come_along_keeps_the_sandbox(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    await bench.gateway.run(bench.sandbox.id, "cd app && ln -s /etc/passwd link")

    outcome = await run(bench, tmp_path)

    assert not outcome.is_deleted
    assert "it is a link" in outcome.doubt
    assert not await is_gone(bench)
    assert outcome.rescued is not None
    assert (outcome.rescued.destination / "notes.txt").exists()
    assert not (outcome.rescued.destination / "app/link").exists()


async def test_a_file_that_changes_meanwhile_keeps_the_sandbox(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)

    def change(step: str) -> None:
        if step == "verifying":
            (bench.home / "app/one").write_text("CHANGED\n")

    outcome = await run(bench, tmp_path, on_step=change)

    assert not outcome.is_deleted
    assert outcome.doubt == f"{bench.work_dir}/app/one is not the same here and there"
    assert not await is_gone(bench)


async def test_a_new_file_meanwhile_keeps_the_sandbox(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)

    def change(step: str) -> None:
        if step == "verifying":
            (bench.home / "more.txt").write_text("more")

    outcome = await run(bench, tmp_path, on_step=change)

    assert not outcome.is_deleted
    assert outcome.doubt == "it changed while it was looked at"


@pytest.mark.parametrize(
    "change",
    ["echo changed again > app/one", "cd app && git commit -q --amend -m another"],
    ids=["a file that was changed before", "a commit in place of another"],
)
async def test_what_changes_after_it_was_compared_keeps_the_sandbox(bench: Bench, tmp_path: Path, change: str) -> None:
    await work_in(bench)
    gateway = bench.gateway

    class Busy:
        """The gateway, with a program at work in the sandbox once the files were compared."""

        def __getattr__(self, name: str) -> Any:
            return getattr(gateway, name)

        async def look(self, sandbox_id: Any, script: str, *, timeout_s: int) -> Any:
            outcome = await gateway.look(sandbox_id, script, timeout_s=timeout_s)
            if "sha256sum" in script:
                await gateway.look(sandbox_id, change, timeout_s=30)  # a program of its own is no activity
            return outcome

    busy: Any = Busy()
    order = RescueOrder(await gateway.get(bench.sandbox.id), tmp_path, delete=True, timeout_s=30)
    outcome = await rescue(busy, order, now, forbids=keeper(tmp_path).why)

    assert outcome.doubt == "it changed while it was looked at"
    assert not await is_gone(bench)


async def test_use_by_somebody_else_keeps_the_sandbox(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    gateway = bench.gateway

    class Used:
        """The gateway, with somebody at work in the sandbox after everything was proven."""

        def __getattr__(self, name: str) -> Any:
            return getattr(gateway, name)

        async def look(self, sandbox_id: Any, script: str, *, timeout_s: int) -> Any:
            outcome = await gateway.look(sandbox_id, script, timeout_s=timeout_s)
            if "sha256sum" in script:
                await gateway.run(sandbox_id, "true")
            return outcome

    used: Any = Used()
    order = RescueOrder(await gateway.get(bench.sandbox.id), tmp_path, delete=True, timeout_s=30)
    outcome = await rescue(used, order, now, forbids=keeper(tmp_path).why)

    assert not outcome.is_deleted
    assert "used since" in outcome.kept_because
    assert not await is_gone(bench)


@pytest.mark.parametrize(
    ("labels", "protects", "said"),
    [
        ({"daytona-tui.keep": "true", "daytona-tui.keep-by": "ana"}, (), "kept by ana"),
        ({"keep": "true"}, (), "label keep=true"),
        ({"team": "core"}, ("label:team=core",), "the core team's"),
    ],
    ids=["label", "foreign mark", "rule"],
)
async def test_whoever_is_to_be_kept_is_copied_and_stays(
    bench: Bench, tmp_path: Path, labels: dict[str, str], protects: tuple[str, ...], said: str
) -> None:
    await work_in(bench)
    await bench.gateway.set_labels(bench.sandbox.id, labels)

    outcome = await run(bench, tmp_path, forbids=keeper(tmp_path, *protects).why)

    assert said in outcome.kept_because
    assert outcome.rescued is not None
    assert not outcome.is_deleted
    assert not await is_gone(bench)


async def test_whoever_is_held_meanwhile_stays(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    pins = Pins(tmp_path / "pins.json")
    holding: list[asyncio.Task[object]] = []

    def hold(step: str) -> None:
        if step == "verifying":
            holding.append(asyncio.ensure_future(pins.hold(bench.sandbox)))

    outcome = await run(bench, tmp_path, on_step=hold)
    await asyncio.gather(*holding)

    assert "held on this machine" in outcome.kept_because
    assert not await is_gone(bench)


async def test_nobody_is_deleted_while_nobody_can_tell_who_is_held(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "pins.json").write_text("{")

    outcome = await run(bench, tmp_path)

    assert "damaged" in outcome.kept_because
    assert not await is_gone(bench)


async def test_a_stopped_one_is_started_and_put_back(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    steps: list[str] = []

    outcome = await run(bench, tmp_path, delete=False, on_step=steps.append)

    assert outcome.is_success, outcome.text
    assert steps == ["starting", "looking", "copying", "verifying", "stopping"]
    assert (await bench.gateway.get(bench.sandbox.id)).state is SandboxState.STOPPED
    assert outcome.after is not None
    assert outcome.after.state is SandboxState.STOPPED


async def test_a_stopped_one_is_put_back_when_it_fails(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Exception, match="file"):
        await run(bench, tmp_path / "file")

    assert (await bench.gateway.get(bench.sandbox.id)).state is SandboxState.STOPPED


async def test_a_stopped_one_is_rescued_and_deleted(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    await bench.gateway.stop(bench.sandbox.id, timeout_s=30)

    outcome = await run(bench, tmp_path)

    assert outcome.is_deleted, outcome.text
    assert await is_gone(bench)


async def test_looking_into_a_stopped_one_puts_it_back(bench: Bench) -> None:
    await work_in(bench)
    stopped = await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    assert stopped is not None

    outcome = await look_into(bench.gateway, stopped, now, timeout_s=30)

    assert outcome.report.findings.is_looked_into
    assert outcome.after is not None
    assert outcome.after.state is SandboxState.STOPPED


async def test_one_that_stopping_would_delete_is_not_started(bench: Bench) -> None:
    stopped = await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    assert stopped is not None
    assert waking_refusal(stopped) == ""
    for minutes in (0, None):
        lifetimes = replace(stopped.lifetimes, auto_delete_min=minutes)
        assert "auto-delete" in waking_refusal(replace(stopped, lifetimes=lifetimes))
    for state in SandboxState:
        if state not in (SandboxState.STARTED, SandboxState.STOPPED, SandboxState.ARCHIVED, SandboxState.PAUSED):
            assert waking_refusal(replace(stopped, state=state, state_word=state.value)), state


async def test_the_commits_of_a_submodule_can_be_fetched(bench: Bench, tmp_path: Path) -> None:
    outcome = await bench.gateway.run(
        bench.sandbox.id,
        "git config --global user.email a@b && git config --global user.name a"
        " && git init -q -b main one && cd one && echo one > one && git add . && git commit -qm one && cd .."
        " && git init -q -b main app && cd app && git -c protocol.file.allow=always submodule --quiet add ../one sub"
        " && git commit -qm sub && cd sub && git checkout -q -b side && echo two > two && git add ."
        " && git commit -qm two",
    )
    assert outcome.exit_code == 0, outcome.output

    done = await run(bench, tmp_path)

    assert done.is_deleted, done.text
    assert done.rescued is not None
    git(tmp_path, "init", "-q", "mine")
    store = done.rescued.destination / "app/.git/modules/sub"
    git(tmp_path / "mine", "fetch", "-q", str(store), "refs/heads/*:refs/rescued/*")
    assert git(tmp_path / "mine", "show", "refs/rescued/side:two") == "two\n"


async def test_a_link_to_everything_is_not_followed(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    await bench.gateway.run(bench.sandbox.id, "cd app && ln -s / root")

    outcome = await run(bench, tmp_path)

    assert "app/root: it is a link" in outcome.doubt
    assert outcome.rescued is not None
    assert not (outcome.rescued.destination / "app/root").exists()


async def test_another_state_than_the_user_saw_is_refused(bench: Bench, tmp_path: Path) -> None:
    seen = bench.sandbox
    await bench.gateway.stop(seen.id, timeout_s=30)

    with pytest.raises(ConflictError, match="look again"):
        await rescue(bench.gateway, RescueOrder(seen, tmp_path, delete=True), now, forbids=keeper(tmp_path).why)

    assert not await is_gone(bench)


async def test_hostile_names_stay_below_the_destination(bench: Bench, tmp_path: Path) -> None:
    for name in ("-rf", "quo'te $(touch x)", "new\nline", "esc\x1b[31m"):
        (bench.home / name).write_text(name)

    outcome = await run(bench, tmp_path / "rescue")

    assert outcome.is_deleted, outcome.text
    assert outcome.rescued is not None
    assert {path.read_text() for path in outcome.rescued.destination.iterdir()} == {
        "-rf", "quo'te $(touch x)", "new\nline", "esc\x1b[31m"
    }  # fmt: skip


@pytest.mark.parametrize("path", ["*/files/*download", "*/process/execute"])
async def test_a_failure_in_the_middle_keeps_the_sandbox(bench: Bench, tmp_path: Path, path: str) -> None:
    await work_in(bench)

    def fail(step: str) -> None:
        if step == ("copying" if "files" in path else "verifying"):
            bench.emulator.faults.add(FaultRule(path=path, status=500))

    try:
        outcome = await run(bench, tmp_path, on_step=fail)
    except DaytonaTuiError:
        pass
    else:
        assert outcome.doubt
    assert not await is_gone(bench)


async def test_a_name_that_is_no_text_is_not_taken_for_another_that_looks_the_same(
    bench: Bench, tmp_path: Path
) -> None:
    (bench.home / "caf\ufffd").write_text("this is copied")
    (bench.home / "caf\udce9").write_text("this would be lost")

    outcome = await run(bench, tmp_path / "rescue")

    assert not await is_gone(bench)
    assert "UTF-8" in outcome.doubt


async def test_a_key_that_may_not_delete_keeps_what_was_copied(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    bench.emulator.faults.add(FaultRule(method="DELETE", path="*/sandbox/*", status=403))

    outcome = await run(bench, tmp_path)

    assert not outcome.is_deleted
    assert outcome.kept_because
    assert not outcome.doubt
    assert outcome.text.startswith("verified but not deleted: ")
    assert outcome.rescued is not None
    assert (outcome.rescued.destination / "notes.txt").exists()
    assert not await is_gone(bench)


async def test_a_delete_that_takes_too_long_is_told_as_that(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    gateway, fleet = bench.gateway, bench.emulator.fleet

    class Slow:
        """The gateway of a server that accepts a delete and does not come to its end."""

        def __getattr__(self, name: str) -> Any:
            return getattr(gateway, name)

        async def delete(self, sandbox_id: Any, *, timeout_s: float) -> None:
            fleet.distort(sandbox_id, {"state": "destroying"})
            raise OperationTimeoutError("deleting takes longer than expected")

    slow: Any = Slow()
    order = RescueOrder(await gateway.get(bench.sandbox.id), tmp_path, delete=True, timeout_s=30)
    outcome = await rescue(slow, order, now, forbids=keeper(tmp_path).why)

    assert outcome.text.startswith("verified but still being deleted: deleting takes longer")
    assert outcome.after is not None
    assert outcome.after.state is SandboxState.DESTROYING


async def test_one_that_was_started_and_is_deleted_meanwhile_is_told_as_gone(bench: Bench, tmp_path: Path) -> None:
    await work_in(bench)
    gateway = bench.gateway
    await gateway.stop(bench.sandbox.id, timeout_s=30)
    stopped = await gateway.get(bench.sandbox.id)

    async def somebody_deletes(_sandbox: Sandbox) -> str:
        await gateway.delete(stopped.id, timeout_s=30)
        return ""

    order = RescueOrder(stopped, tmp_path, delete=True, timeout_s=30)
    outcome = await rescue(gateway, order, now, forbids=somebody_deletes)

    assert outcome.rescued is not None
    assert outcome.after is None
    assert await is_gone(bench)


@pytest.mark.parametrize("at", ["looking", "copying", "verifying"])
async def test_given_up_half_way_it_is_put_back(bench: Bench, tmp_path: Path, at: str) -> None:
    await work_in(bench)
    await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    working = asyncio.get_running_loop().create_future()

    def give_up(step: str) -> None:
        if step == at:
            working.set_result(None)

    task = asyncio.create_task(run(bench, tmp_path / "rescue", on_step=give_up))
    await asyncio.wait_for(working, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await bench.gateway.get(bench.sandbox.id)).state is SandboxState.STOPPED


async def test_every_difference_is_found(bench: Bench, tmp_path: Path) -> None:
    for name in ("same", "same\nwith a break", "changed", "missing there", "missing here", "empty"):
        (bench.home / name).write_text("" if name == "empty" else name)
    report = await inspect(bench.gateway, bench.sandbox, now)
    rescued = await copy_out(bench.gateway, report, tmp_path, lambda _progress: None)
    assert await differing(bench.gateway, report, rescued) == ()

    (bench.home / "changed").write_text("CHANGED")
    (bench.home / "missing there").unlink()
    (rescued.destination / "missing here").unlink()
    different = await differing(bench.gateway, report, rescued)

    assert {Path(path).name for path in different} == {"changed", "missing there", "missing here"}
