"""Looking before deleting, and the rescue, through the program."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest
from tests.ui.acting_driver import asked, lasting, tasks, told
from tests.ui.conftest import OpenApp
from tests.ui.driver import Opened

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.safety import Light
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.rescue import RescueOrder
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.ui.panes.rescue_task import RescueTask
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.safety import SafetyScreen


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def unkept(opened: Opened, state: str) -> Sandbox:
    """Return a sandbox that nothing wants kept."""
    return next(each for each in lasting(opened, state, 5) if not opened.fleet.why_kept(each))


async def opened_on(opened: Opened, sandbox: Sandbox) -> SafetyScreen:
    """Put the cursor on a sandbox, ask for the check, and wait for its light."""
    await opened.go_to(sandbox.name)
    await opened.press("K")
    return await looked(opened)


async def looked(opened: Opened) -> SafetyScreen:
    await opened.until(lambda: isinstance(opened.app.screen, SafetyScreen) and opened.app.screen.report is not None)
    screen = opened.app.screen
    assert isinstance(screen, SafetyScreen)
    await opened.pilot.pause()
    return screen


async def rescued(opened: Opened) -> RescueTask:
    await opened.until(lambda: bool(tasks(opened)) and tasks(opened)[0].is_over)
    task = tasks(opened)[0]
    assert isinstance(task, RescueTask)
    await opened.settle()
    return task


def has_told(opened: Opened, said: str) -> bool:
    return said in told(opened)


async def leave_work(opened: Opened, sandbox: Sandbox) -> None:
    """Leave a repository with a commit that is nowhere else, and nothing that runs."""
    gateway = opened.screen.services.gateway
    outcome = await gateway.run(
        sandbox.id,
        "rm -rf -- * .[!.]*; git init -q -b main app && cd app && git config user.email a@b && git config user.name a"
        " && echo work > work && git add . && git commit -qm work && echo more > work",
    )
    assert outcome.exit_code == 0, outcome.output


async def test_the_key_looks_and_says_why(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)

        screen = await opened_on(opened, sandbox)

        assert screen.report is not None
        assert screen.report.light is Light.WOULD_LOSE
        assert "work would be lost" in opened.text
        assert "1 commit is not pushed" in opened.text
        assert "1 file is not committed" in opened.text
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, SafetyScreen))
        assert opened.state_of(sandbox.name) == "started"


async def test_rescue_copies_and_keeps(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        await opened_on(opened, sandbox)

        await opened.press("r")

        task = await rescued(opened)
        assert task.parts[0].status == "done", task.parts[0].detail
        assert opened.state_of(sandbox.name) == "started"
        assert (tmp_path / "rescue" / sandbox.name / "app" / "work").read_text() == "more\n"
        entries = await opened.fleet.deeds.journal.recent(5)
        assert [(entry.verb, entry.outcome) for entry in entries] == [("rescue", "done")]


async def test_rescue_and_delete(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "stopped")
        await opened.screen.services.gateway.start(sandbox.id, timeout_s=30)
        await leave_work(opened, sandbox)
        await opened.until(lambda: opened.state_of(sandbox.name) == "started")
        await opened_on(opened, sandbox)

        await opened.press("R")
        await opened.pilot.pause()
        if isinstance(opened.app.screen, ConfirmScreen):  # somebody has just used it: we
            typed = (await asked(opened)).question.typed
            await opened.press(*typed, "enter", "enter")

        task = await rescued(opened)
        assert task.parts[0].status == "done", task.parts[0].detail
        await opened.until(lambda: opened.state_of(sandbox.name) == "")
        assert (tmp_path / "rescue" / sandbox.name / "app" / ".git" / "HEAD").exists()
        entries = await opened.fleet.deeds.journal.recent(5)
        assert [entry.verb for entry in entries] == ["delete", "rescue"]


async def test_a_stopped_one_is_looked_into_and_put_back(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = next(
            each for each in lasting(opened, "stopped", 3) if each.lifetimes.auto_delete_min not in (0, None)
        )
        screen = await opened_on(opened, sandbox)
        assert "not looked into" in opened.text
        assert "it is started, and stopped again" in opened.text

        await opened.press("s")
        await opened.until(lambda: screen.report is not None and screen.report.findings.is_looked_into)

        await opened.until(lambda: opened.state_of(sandbox.name) == "stopped")
        gateway = opened.screen.services.gateway
        assert (await gateway.get(sandbox.id)).state == "stopped"


async def test_keys_that_are_not_possible_say_why(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        gateway = opened.screen.services.gateway
        await gateway.run(sandbox.id, "rm -rf -- * .[!.]*")
        await opened_on(opened, sandbox)
        assert "r rescues" not in opened.text
        assert "l looks again · D asks and deletes" in opened.text

        for key, said in (("r", "nothing to rescue"), ("R", "D deletes it"), ("s", "runs already")):
            await opened.press(key)
            await opened.until(partial(has_told, opened, said))
        assert isinstance(opened.app.screen, SafetyScreen)


async def test_a_held_one_is_rescued_and_never_deleted_by_it(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        opened.fleet.leaks.hold(await opened.screen.services.pins.hold(sandbox))
        await opened_on(opened, sandbox)
        assert "it is to be kept: held on this machine" in opened.text
        assert "R rescues and deletes" not in opened.text

        await opened.press("R")
        await opened.until(partial(has_told, opened, "it is to be kept (held on this machine): r copies it"))
        assert isinstance(opened.app.screen, SafetyScreen)
        # A hold of the meantime binds a rescue that was decided on, or is tried again, as well.
        opened.fleet.begin_rescue(RescueOrder(sandbox, tmp_path, delete=True))
        assert not tasks(opened)

        await opened.press("r")
        task = await rescued(opened)
        assert task.parts[0].status == "done", task.parts[0].detail
        assert opened.state_of(sandbox.name) == "started"


async def test_what_runs_is_asked_about_before_it_ends(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        await opened.screen.services.gateway.run(sandbox.id, "setsid tail -F app/work >/dev/null 2>&1 </dev/null &")
        await opened_on(opened, sandbox)
        assert "1 other program runs" in opened.text

        await opened.press("R")

        assert "1 other program runs" in (await asked(opened)).question.cautions
        assert not tasks(opened)


async def test_the_question_before_a_delete_names_the_hold(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = await unquestioned(opened)
        await opened.press("escape")
        opened.fleet.leaks.hold(await opened.screen.services.pins.hold(sandbox))

        await opened.press("D")

        question = (await asked(opened)).question
        assert "it is to be kept (held on this machine)" in question.cautions
        assert question.typed == sandbox.name


async def test_the_question_before_a_delete_offers_to_look_first(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await opened.go_to(sandbox.name)
        await opened.press("D")
        dialog = await asked(opened)
        assert "Check first" in opened.text

        dialog.query_one("#check").focus()
        await opened.press("enter")

        await looked(opened)
        assert opened.state_of(sandbox.name) == "started"
        await opened.press("D")
        await asked(opened)
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ConfirmScreen))
        assert opened.state_of(sandbox.name) == "started"


async def test_many_are_not_offered_a_look(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        for sandbox in lasting(opened, "stopped", 2):
            await opened.go_to(sandbox.name)
            await opened.press("space")
        await opened.press("D")
        await asked(opened)

        assert "Check first" not in opened.text


async def test_the_key_works_in_the_question_as_well(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        # Nothing has to be typed for it, so letters are keys.
        sandbox = await unquestioned(opened)
        await opened.press("K")

        screen = await looked(opened)

        assert screen.report is not None
        assert screen.report.sandbox.id == sandbox.id


async def unquestioned(opened: Opened) -> Sandbox:
    """Open the question before the delete of a sandbox for which nothing has to be typed."""
    for sandbox in lasting(opened, "stopped", 3):
        await opened.go_to(sandbox.name)
        await opened.press("D")
        if not (await asked(opened)).question.typed:
            return sandbox
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ConfirmScreen))
    raise AssertionError("something has to be typed for each of them")


async def test_a_key_that_may_change_nothing_still_looks_and_copies(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        await opened.forbid("this connection is for reading only")
        await opened_on(opened, sandbox)

        for key in ("R", "D"):
            await opened.press(key)
            await opened.until(lambda: "for reading only" in told(opened))
            assert isinstance(opened.app.screen, SafetyScreen)
        await opened.press("r")

        task = await rescued(opened)
        assert task.parts[0].status == "done", task.parts[0].detail
        assert opened.state_of(sandbox.name) == "started"


async def test_a_rescue_that_is_cancelled_deletes_nothing_and_can_be_tried_again(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = next(
            each for each in lasting(opened, "stopped", 3) if each.lifetimes.auto_delete_min not in (0, None)
        )
        gateway = opened.screen.services.gateway
        await gateway.start(sandbox.id, timeout_s=30)
        await leave_work(opened, sandbox)
        stopped = await gateway.stop(sandbox.id, timeout_s=30)
        assert stopped is not None
        await opened.until(lambda: opened.state_of(sandbox.name) == "stopped")
        opened.emulator.faults.add(FaultRule(path="*/process/execute", delay_s=60))

        opened.fleet.begin_rescue(RescueOrder(stopped, tmp_path / "rescue", delete=True, timeout_s=30))
        await opened.until(lambda: bool(tasks(opened)) and tasks(opened)[0].parts[0].detail == "looking")
        assert opened.fleet.store.pending[sandbox.id].step == "looking"  # the row says it as well
        tasks(opened)[0].cancel()
        task = await rescued(opened)

        assert task.parts[0].status == "cancelled"
        assert task.parts[0].detail == "cancelled: nothing was deleted"
        assert (await gateway.get(sandbox.id)).state == "stopped"
        assert not (tmp_path / "rescue").exists()
        opened.emulator.faults.clear()
        await opened.until(lambda: sandbox.id not in opened.fleet.store.pending)
        task.retry()
        await opened.until(lambda: len(tasks(opened)) == 2)
        assert (await rescued(opened)).parts[0].status == "done"
        await opened.until(lambda: opened.state_of(sandbox.name) == "")


async def test_a_rescue_that_is_cancelled_while_it_deletes_promises_nothing(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        opened.emulator.faults.add(FaultRule(path="/api/sandbox/*", method="DELETE", delay_s=60))

        opened.fleet.begin_rescue(RescueOrder(sandbox, tmp_path / "rescue", delete=True, timeout_s=30))
        await opened.until(lambda: bool(tasks(opened)) and tasks(opened)[0].parts[0].detail == "deleting")
        tasks(opened)[0].cancel()

        assert "while it was being deleted" in (await rescued(opened)).parts[0].detail


async def test_something_unforeseen_ends_the_task(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        monkeypatch.setattr(RescueTask, "step", lambda _task, _word: 1 // 0)

        opened.fleet.begin_rescue(RescueOrder(sandbox, tmp_path / "rescue", timeout_s=30))

        assert (await rescued(opened)).parts[0].status == "cancelled"
        assert sandbox.id not in opened.fleet.store.pending


async def test_hostile_names_are_harmless_on_the_screen(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40", size=(80, 24)) as opened:
        sandbox = unkept(opened, "started")
        await leave_work(opened, sandbox)
        name = r"esc\033[31m [bold]markup \342\200\256 wide \346\274\242\345\255\227"
        outcome = await opened.screen.services.gateway.run(sandbox.id, f"""printf x > "$(printf '{name}')" """)
        assert outcome.exit_code == 0, outcome.output

        await opened_on(opened, sandbox)

        assert "\x1b" not in opened.text
        assert "[bold]markup" in opened.text
        assert all(cell_width(line) <= 80 for line in opened.text.splitlines())


def to_start(opened: Opened) -> Sandbox:
    """Return a stopped sandbox that may be started and stopped again."""
    return next(each for each in lasting(opened, "stopped", 3) if each.lifetimes.auto_delete_min not in (0, None))


async def state_at_server(emulator: Emulator, sandbox: Sandbox) -> str:
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        return (await gateway.get(sandbox.id)).state.value
    finally:
        await gateway.close()


async def becomes(emulator: Emulator, sandbox: Sandbox, state: str) -> None:
    """Wait until a sandbox is in a state, whoever asks."""
    deadline = time.monotonic() + 20
    while (found := await state_at_server(emulator, sandbox)) != state:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


async def test_one_that_is_being_looked_into_is_put_back_when_the_check_is_closed(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox = to_start(opened)
        await opened_on(opened, sandbox)
        opened.emulator.faults.add(FaultRule(path="*/process/execute", delay_s=60))
        await opened.press("s")
        await becomes(opened.emulator, sandbox, "started")

        await opened.press("escape")

        await becomes(opened.emulator, sandbox, "stopped")


async def test_one_that_is_being_looked_into_is_put_back_when_the_program_ends(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:40") as opened:
        sandbox, emulator = to_start(opened), opened.emulator
        await opened_on(opened, sandbox)
        emulator.faults.add(FaultRule(path="*/process/execute", delay_s=60))
        await opened.press("s")
        await becomes(emulator, sandbox, "started")

    await becomes(emulator, sandbox, "stopped")
