"""The files pane with care: other sandboxes, late dialogs, hostile names in entries, acts that are given up."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside
from tests.ui.test_files_editing import changes, use_editor
from tests.ui.test_transfers import pull_of, status
from textual.widgets import Input

from daytona_tui.domain.files import FileEntry
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.transferring import Direction, TransferOrder
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.panes.file_task import FileTask
from daytona_tui.ui.panes.spots import Spot
from daytona_tui.ui.screens.changes import ChangesScreen
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.paths import completed
from daytona_tui.ui.screens.text_entry import TextScreen
from daytona_tui.ui.screens.transfer import PullScreen

HOSTILE = "a\x1b]52;c;aGF4\x07\x1b[31mb"


async def begin(here: Inside, *names: str) -> None:
    for name in names:
        (here.home / name).write_text(f"{name}\n")
    await here.opened.press("2", "r")
    await here.put_cursor_on(names[0])


async def test_a_name_in_an_entry_cannot_reach_the_terminal(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, HOSTILE)

        await here.opened.press("m")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
        await here.opened.until(lambda: "␛]52" in here.text)
        assert "\x1b" not in here.text
        await here.opened.press("enter")
        await here.opened.until(lambda: "is there already" in here.notices)  # the name itself, not what is seen of it
        await here.opened.press("ctrl+g")
        await here.opened.until(lambda: "␛]52" in here.text)
        await here.opened.press("tab")
        await here.opened.pilot.pause()

        assert "\x1b" not in here.text
        assert "cannot be typed" in here.notices
        await here.opened.press("enter")
        await here.opened.until(lambda: here.files.entry is not None and here.files.entry.name == HOSTILE)


async def test_half_a_character_is_copied_as_a_mark(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        here.opened.app.copy_to_clipboard("/home/\ud800x")

        assert here.opened.app.clipboard == "/home/?x"


async def test_the_home_of_nobody_may_be_typed(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        await here.opened.press("p")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, PullScreen))
        here.opened.app.screen.query_one("#destination", Input).value = "~nobody-of-that-name/x"

        await here.opened.until(lambda: "nobody here has this home" in here.text)
        await here.opened.press("escape")

        order = pull_of(here, "notes.md", tmp_path)
        task = here.files.transfers.start(type(order)(order.direction, order.sandbox, order.sources, "~nobody-here/x"))
        await here.opened.until(lambda: task.is_over)
        assert "nobody here has this home" in task.parts[0].detail


async def test_a_key_for_a_delete_leaves_a_transfer_its_turn(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", delay_s=30))
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", delay_s=30))
        tasks = [here.files.transfers.start(pull_of(here, "notes.md", tmp_path / f"to-{n}.md")) for n in range(3)]
        await here.opened.until(lambda: status(tasks[1]) is Status.RUNNING)
        tasks[0].pause()
        await here.opened.until(lambda: status(tasks[2]) is Status.RUNNING)
        tasks[0].resume()

        await here.opened.press("D")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ConfirmScreen))
        await here.opened.press("escape")
        tasks[1].cancel()

        await here.opened.until(lambda: tasks[0].holds_slot)
        for task in tasks:
            task.cancel()
        await here.opened.until(lambda: not here.files.transfers.is_busy)


async def test_marks_that_were_set_meanwhile_stay(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "a.txt", "b.txt", "c.txt")
        slow = here.opened.emulator.faults.add(FaultRule(path="*/files/move", delay_s=0.5))
        await here.opened.press("m")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
        here.opened.app.screen.query_one("#text", Input).value = "z.txt"
        await here.opened.press("enter")
        await here.opened.until(lambda: slow.hits)

        await here.put_cursor_on("b.txt")
        await here.opened.press("space")
        await here.opened.until(lambda: "z.txt" in here.names())

        assert [entry.name for entry in here.files.targets] == ["b.txt"]
        assert here.files.entry is not None
        assert here.files.entry.name == "c.txt"


async def test_what_was_edited_changes_nothing_of_another_sandbox(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        other = next(each for each in here.opened.fleet.store.fleet if each.is_running and each.id != here.sandbox.id)
        await here.gateway.run(other.id, "touch theirs")
        use_editor(here, tmp_path, monkeypatch, 'echo more >> "$1"')
        await here.opened.press("e")
        await changes(here)
        here.opened.table.move_to(other.id)
        here.screen.show_sandbox(here.opened.fleet.select_now())
        await here.opened.until(lambda: "theirs" in here.names())
        here.files.tree_view.move_cursor(here.names().index("theirs"))
        here.files.do_mark_entry()

        await here.opened.press("enter")
        await here.opened.until(lambda: "Uploaded" in here.notices)
        await here.opened.settle()

        assert [entry.name for entry in here.files.targets] == ["theirs"]
        assert "Could not go there" not in here.notices
        assert (here.home / "notes.md").read_text() == "notes.md\nmore\n"


async def test_one_key_neither_throws_away_what_was_written_nor_what_somebody_else_has_written(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        file = here.home / "notes.md"
        use_editor(here, tmp_path, monkeypatch, 'echo mine >> "$1"')
        await here.opened.press("e")
        screen = await changes(here)
        await here.opened.press("escape")
        await here.opened.until(lambda: "esc once more throws away" in here.text)
        assert here.opened.app.screen is screen

        file.write_text("theirs\n")
        await here.opened.press("enter")
        await here.opened.until(lambda: "was changed in the sandbox meanwhile" in here.text)
        file.write_text("theirs, again\n")
        await here.opened.press("o")
        await here.opened.until(lambda: "o once more overwrites" in here.text)
        await here.opened.press("o")
        await here.opened.until(lambda: "-theirs, again" in here.text)  # it was not what had been shown
        assert file.read_text() == "theirs, again\n"
        await here.opened.press("escape", "escape")
        await here.opened.settle()

        assert file.read_text() == "theirs, again\n"


async def test_changes_are_shown_when_nothing_is_typed(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        use_editor(here, tmp_path, monkeypatch, 'echo mine >> "$1"')
        await here.opened.press("e")
        await changes(here)
        (here.home / "notes.md").write_text("theirs\n")
        slow = here.opened.emulator.faults.add(FaultRule(path="*/files/*", delay_s=0.5))
        await here.opened.press("enter")
        await here.opened.until(lambda: slow.hits)
        await here.opened.press("1", "slash", *"foo")

        await here.opened.until(lambda: "is shown when nothing is typed" in here.notices)
        assert not isinstance(here.opened.app.screen, ChangesScreen)
        assert (here.home / "notes.md").read_text() == "theirs\n"
        await here.opened.press("escape")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ChangesScreen))
        await here.opened.press("escape", "escape")
        await here.opened.settle()


async def test_an_act_that_is_given_up_stands_in_the_journal(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "a.txt", "b.txt")
        slow = here.opened.emulator.faults.add(FaultRule(path="*/files/move", delay_s=30))
        (here.home / "into").mkdir()
        await here.opened.press("space", "space", "m")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
        here.opened.app.screen.query_one("#text", Input).value = "into/"
        await here.opened.press("enter")
        await here.opened.until(lambda: slow.hits)
        (task,) = here.screen.tasks_pane.book.tasks
        task.cancel()
        await here.opened.settle()

        (entry,) = await here.files.journal.recent(5)
        assert (entry.verb, entry.outcome) == ("files move", "cancelled")
        assert ["done all the same" in part.detail for part in task.parts] == [True, False]


def test_of_what_is_given_up_the_first_may_be_done() -> None:
    task = FileTask("Delete 3", [FileEntry(name, f"/{name}", False) for name in "abc"], done="deleted")
    task.tell("/a", None)
    task.give_up()

    assert [part.status for part in task.parts] == [Status.DONE, Status.CANCELLED, Status.CANCELLED]
    assert ["may be done" in part.detail for part in task.parts] == [False, True, False]


async def test_the_history_leads_to_files_that_were_not_read_yet(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        other = next(each for each in here.opened.fleet.store.fleet if each.is_running and each.id != here.sandbox.id)
        await here.gateway.run(other.id, "mkdir -p way/down; echo x > way/down/theirs")
        source = f"{await here.gateway.work_dir(other.id)}/way/down/theirs"
        task = here.files.transfers.start(TransferOrder(Direction.PULL, other, (source,), str(tmp_path / "x")))
        await here.opened.until(lambda: task.is_over)
        await here.opened.settle()

        await here.opened.press("w", "H")
        await here.opened.until(lambda: "2 B in" in here.text)
        await here.opened.press("f")

        await here.opened.until(lambda: here.files.entry is not None and here.files.entry.path == source)


def test_nothing_is_offered_below_the_home_of_nobody() -> None:
    assert completed("~nobody-of-that-name/x") is None


async def test_leaving_takes_the_private_copy_along_that_nobody_has_changed(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        seen = use_editor(here, tmp_path, monkeypatch, f"until [ -e {tmp_path}/go ]; do sleep 0.01; done")
        await here.opened.press("e")
        await here.opened.until(lambda: seen.exists() and len(seen.read_text().splitlines()) == 2)
        directory = Path(seen.read_text().splitlines()[1].split(" ", 1)[1])
        (editing,) = [each for each in here.opened.app.workers if each.name.startswith("edit ")]
        assert directory.exists()
        editing.cancel()
        (tmp_path / "go").touch()
        await here.opened.until(lambda: editing.is_finished)

        assert not directory.exists()


async def test_a_change_of_a_mode_begins_at_the_mode_that_the_file_has_by_now(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "run.sh")
        file = here.home / "run.sh"
        file.chmod(0o640)
        root = here.files.remote.root if here.files.remote else ""
        here.files.go_to_spot(Spot(f"{root}/run.sh", "run.sh", line=1))  # as a search finds it
        await here.opened.until(lambda: here.files.preview_view.entry is not None)

        await here.opened.press("equals_sign")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
        await here.opened.until(lambda: "As a number or a change" in here.text)
        assert here.opened.app.screen.query_one("#text", Input).value == ""
        await here.opened.press(*"u+x", "enter")

        await here.opened.until(lambda: file.stat().st_mode & 0o777 == 0o740)
