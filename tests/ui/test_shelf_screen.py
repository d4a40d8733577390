"""The shelf on the screen: its tabs, what is made and deleted there, and what a server does not have."""

from __future__ import annotations

from typing import Any

from tests.operations.shelf_helpers import sandbox_with
from tests.ui.conftest import OpenApp, Opened
from textual.widgets import Button, Input, TextArea

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.screens.build_log import BuildLogScreen
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.screens.shelf import ShelfScreen
from daytona_tui.ui.widgets.key_bar import KeyBar

VALUE = "hush-nobody-sees-this"


def shelf(opened: Opened) -> ShelfScreen:
    """The shelf, also below a dialog."""
    return next(screen for screen in opened.app.screen_stack if isinstance(screen, ShelfScreen))


def names(opened: Opened) -> list[str]:
    """The names of the rows that are seen."""
    return [row.name for row in shelf(opened).shown]


def current(opened: Opened) -> Any:
    """The row under the cursor; there is one."""
    return shelf(opened).current


async def dialog(opened: Opened, kind: type[Any]) -> Any:
    """The dialog in front, once it is there."""
    await opened.until(lambda: isinstance(opened.app.screen, kind) and opened.app.screen.query("Button, RowsView"))
    return opened.app.screen


async def fill(opened: Opened, **values: str) -> None:
    """Fill a form and submit it."""
    form = await dialog(opened, FormScreen)
    for key, text in values.items():
        entry = form.query_one(f"#entry-{key}")
        if isinstance(entry, TextArea):
            entry.text = text
        else:
            assert isinstance(entry, Input)
            entry.value = text
    await opened.pilot.pause()
    await opened.press("ctrl+s")


async def test_snapshots_are_built_switched_and_deleted(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        await opened.press("I")
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and len(names(opened)) == 7)
        assert names(opened)[0] == "harbor__9f31c0aa77e2__snapshot"
        assert "used by 3" in opened.text
        await opened.until(lambda: "7 snapshots · 1 own · 1 active" in opened.text)

        # Keys that have no effect here say why.
        await opened.press("s")
        await opened.until(lambda: any("active already" in each.message for each in opened.notices))

        await opened.press("n")
        form = await dialog(opened, FormScreen)
        assert form.query_one("#submit", Button).disabled
        await fill(opened, name="harbor__9f31c0aa77e2__snapshot", image="python:3.12", dockerfile="FROM a:1")
        assert "one with this name" in opened.text
        assert "is said already" in opened.text
        await fill(opened, name="team/base:1", image="", dockerfile="FROM python:3.12\nRUN echo built-here\n")
        log = await dialog(opened, BuildLogScreen)
        await opened.until(lambda: log.log_shown.is_over and "built-here" in opened.text)
        assert "active: sandboxes can be made from it" in opened.text
        await opened.press("escape")
        await opened.until(lambda: "team/base:1" in names(opened))
        assert current(opened).name == "team/base:1", "the new row is under the cursor"

        await opened.press("x")
        await opened.until(lambda: current(opened).state.value == "inactive")
        await opened.press("s")
        await opened.until(lambda: current(opened).state.value == "active")
        await opened.press("D")
        question = await dialog(opened, ConfirmScreen)
        assert question.focused is not None
        assert question.focused.id == "no"
        await opened.press("right", "enter")
        await opened.until(lambda: "team/base:1" not in names(opened))

        # Narrowed by words that are no commands, and from there to those who use it.
        await opened.press("slash", *"harbor", "enter")
        await opened.until(lambda: names(opened) == ["harbor__9f31c0aa77e2__snapshot"])
        await opened.press("enter")
        await opened.until(lambda: not isinstance(opened.app.screen, ShelfScreen) and len(opened.names()) == 3)
        entries = await opened.screen.fleet_pane.deeds.journal.recent(10)
        assert [entry.verb for entry in entries] == ["delete", "activate", "deactivate", "create"]
        assert {entry.name for entry in entries} == {"snapshot team/base:1"}

        # And a sandbox from it.
        await opened.press("I", "N")
        form = await dialog(opened, FormScreen)
        assert form.query_one("#entry-snapshot", Input).value == "harbor__9f31c0aa77e2__snapshot"


async def test_a_build_that_fails_is_told_and_a_refusal_brings_the_form_back(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        opened.screen.do_snapshots()
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and len(names(opened)) == 7)
        await opened.press("n")
        await fill(opened, name="broken", dockerfile="FROM python:3.12\nRUN exit 4\n")
        await opened.until(lambda: any("exit code 4" in each.message for each in opened.notices))
        await opened.until(lambda: isinstance(opened.app.screen, BuildLogScreen) and "ERROR" in opened.text)
        await opened.press("escape")
        await opened.until(lambda: "failed: RUN exit 4" in opened.text)
        await opened.press("n")
        form = await dialog(opened, FormScreen)
        assert "RUN exit 4" in form.query_one("#entry-dockerfile", TextArea).text, "nothing typed is lost"
        assert "one with this name" in opened.text
        await opened.press("escape")

        body = {"message": "Snapshot quota exceeded. Maximum allowed: 7"}
        opened.emulator.faults.add(FaultRule(method="POST", path="*/snapshots", status=400, body=body, times=1))
        await opened.press("n")
        await fill(opened, name="over", image="python:3.12", cpu="2", dockerfile="")
        await opened.until(lambda: isinstance(opened.app.screen, FormScreen) and "quota exceeded" in opened.text)
        assert opened.app.screen.query_one("#entry-image", Input).value == "python:3.12"
        assert opened.app.screen.query_one("#entry-cpu", Input).value == "2"
        await opened.press("ctrl+s")
        await opened.until(lambda: "over" in names(opened))


async def test_builds_stand_among_the_tasks_with_log_and_end_and_can_be_given_up(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        await opened.press("I")
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and len(names(opened)) == 7)
        texts = {"good": "RUN echo well; sleep 0.3", "bad": "RUN echo oh dear; exit 4", "long": "RUN echo up; sleep 60"}
        for name, text in texts.items():
            await opened.press("n")
            await fill(opened, name=name, image="", dockerfile=f"FROM python:3.12\n{text}\n")
            await dialog(opened, BuildLogScreen)
            await opened.press("escape")
            await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen))
        book = opened.screen.tasks_pane.book
        tasks = {task.parts[0].name: task for task in book.tasks}
        assert tasks.keys() == texts.keys()
        await opened.until(lambda: tasks["good"].is_over and tasks["bad"].is_over)
        assert "well" in tasks["good"].parts[0].output
        assert (tasks["good"].parts[0].status, tasks["bad"].parts[0].status) == (Status.DONE, Status.FAILED)
        assert "exit code 4" in tasks["bad"].parts[0].detail

        await opened.until(lambda: "up" in tasks["long"].parts[0].output.splitlines())
        await opened.press("escape", "w")
        await opened.until(lambda: "Snapshot long" in opened.text and "building" in opened.text)
        tasks["long"].cancel()
        await opened.until(lambda: tasks["long"].is_over)
        assert tasks["long"].parts[0].status is Status.CANCELLED
        assert "the server goes on" in tasks["long"].parts[0].detail
        await opened.until(lambda: "⊘ Snapshot long" in opened.text)


async def test_a_snapshot_of_the_sandbox_under_the_cursor(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        sandboxes = opened.screen.fleet_pane.store.fleet
        await opened.go_to(next(each.name for each in sandboxes if each.state.value == "archived"))
        await opened.press("C")
        await opened.until(lambda: any("has to be started or stopped" in each.message for each in opened.notices))
        name = next(each.name for each in sandboxes if each.state.value == "stopped")
        await opened.go_to(name)
        await opened.press("C")
        form = await dialog(opened, FormScreen)
        assert form.query_one("#entry-sandbox", Input).value == name
        await fill(opened, name="of-it", cpu="2")
        assert "leave this empty" in opened.text
        await fill(opened, name="of-it", cpu="")
        await opened.until(lambda: "of-it" in names(opened) and current(opened).name == "of-it")
        await opened.until(lambda: current(opened).state.value == "active")


async def test_volumes_tell_who_mounts_them_before_they_go(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        opened.screen.do_volumes()
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and "No volumes" in opened.text)
        await opened.press("n")
        await fill(opened, name="data")
        await opened.until(lambda: names(opened) == ["data"] and current(opened).state.value == "ready")
        volume = {"volumeId": current(opened).id, "mountPath": "/home/daytona/in"}
        await sandbox_with(opened.emulator, "reader", volumes=[volume])
        await opened.until(lambda: any(each.name == "reader" for each in opened.screen.shelf.fleet))
        await opened.press("r")
        await opened.until(lambda: "mounted by reader at /home/daytona/in" in opened.text)
        await opened.press("D")
        await opened.until(lambda: any("reader has it mounted" in each.message for each in opened.notices))
        await opened.press("enter")
        await opened.until(lambda: opened.names() == ["reader"])


async def test_secrets_show_no_value_and_who_has_them(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        opened.screen.do_secrets()
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and "No secrets" in opened.text)
        await opened.press("n")
        form = await dialog(opened, FormScreen)
        assert form.query_one("#entry-value", Input).password
        await fill(opened, name="KEY", value=VALUE, hosts="api.example.org")
        await opened.until(lambda: names(opened) == ["KEY"])
        await opened.press("c")
        form = await dialog(opened, FormScreen)
        assert form.query_one("#entry-hosts", Input).value == "api.example.org"
        await fill(opened, value=VALUE + "-2", description="changed")
        await opened.until(lambda: names(opened) == ["KEY"] and current(opened).description == "changed")
        await sandbox_with(opened.emulator, "holder", secrets=[{"TOKEN": "KEY"}])
        await opened.until(lambda: any(each.name == "holder" and each.is_running for each in opened.screen.shelf.fleet))
        await opened.press("D")
        await dialog(opened, ConfirmScreen)
        await opened.until(lambda: "holder has it in TOKEN" in opened.text)
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and "seen in holder" in opened.text)
        journal = await opened.screen.fleet_pane.deeds.journal.recent(10)
        assert VALUE not in f"{opened.text} {journal} {opened.notices} {shelf(opened).tabs[2].rows}"


async def test_what_a_server_has_not_is_said_once_and_dimmed(open_app: OpenApp) -> None:
    async with open_app(seed="demo") as opened:
        body = {"message": "Cannot GET /api/secret/paginated"}
        opened.emulator.faults.add(FaultRule(path="*/secret/*", method="GET", status=404, body=body))
        body = {"message": "You lack permission"}
        opened.emulator.faults.add(FaultRule(path="*/volumes", method="GET", status=403, body=body))
        await opened.press("I", "3")
        await opened.until(lambda: "this server has no secrets" in opened.text)
        hints = {hint.command_id: hint.reason for hint in shelf(opened).query_one(KeyBar).hints}
        assert hints["shelf-new"] == "this server has no secrets"
        assert not [each for each in opened.notices if each.severity == "error"]
        await opened.press("2")
        await opened.until(lambda: "You lack permission" in opened.text and "r asks again" in opened.text)
        await opened.press("1")
        await opened.until(lambda: len(names(opened)) == 7)
        await opened.forbid("this connection is read-only")
        await opened.press("D")
        await opened.until(lambda: any("read-only" in each.message for each in opened.notices))
        await opened.press("I")
        await opened.until(lambda: not isinstance(opened.app.screen, ShelfScreen))
