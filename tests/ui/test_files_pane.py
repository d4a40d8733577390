"""The files pane: the tree, the preview, pulls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.screens.transfer import PullScreen

ODD_NAMES = ["two\nlines", "\x1b[31mred\x1b[0m", "[bold]markup", "rtl \u202etxt.exe", " space ", "naïve 漢字"]


def furnish(home: Path) -> None:
    (home / "src" / "deep").mkdir(parents=True)
    (home / "src" / "main.py").write_text("import sys\n\nsys.exit(0)\n")
    (home / "src" / "deep" / "data.bin").write_bytes(os.urandom(300_000))
    (home / "notes.md").write_text("# Notes\n")
    (home / ".hidden").write_text("x")
    (home / "empty").mkdir()


async def open_pull_dialog(here: Inside, key: str = "p") -> PullScreen:
    await here.opened.press(key)
    await here.opened.until(lambda: isinstance(here.opened.app.screen, PullScreen))
    screen = here.opened.app.screen
    assert isinstance(screen, PullScreen)
    return screen


async def pull_to(here: Inside, destination: Path, key: str = "p") -> None:
    screen = await open_pull_dialog(here, key)
    screen.query_one("#destination").value = str(destination)  # type: ignore[attr-defined]
    await here.opened.press("enter")
    await here.opened.until(lambda: not isinstance(here.opened.app.screen, PullScreen))


async def test_the_tree_shows_directories_first_and_opens_them_on_demand(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        assert here.names() == ["empty", "src", "notes.md"]

        await here.opened.press("l")
        await here.opened.until(lambda: "main.py" in here.names())

        assert here.names() == ["empty", "src", "deep", "main.py", "notes.md"]
        assert "▾ src/" in here.text
        assert "main.py" in here.text
        await here.opened.press("h")
        await here.opened.until(lambda: "main.py" not in here.names())
        await here.opened.press("full_stop")
        assert ".hidden" in here.names()
        assert "4 items" in here.text


async def test_hostile_names_are_shown_as_marks_and_asked_for_as_they_are(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        for name in ODD_NAMES:
            (here.home / name).write_text(f"the contents of {name!r}\n")
        await here.opened.press("2", "r")
        await here.opened.until(lambda: set(here.names()) == set(ODD_NAMES))

        assert "two␊lines" in here.text
        assert "␛[31mred␛[0m" in here.text
        assert "[bold]markup" in here.text
        assert "\u202e" not in here.text
        await here.put_cursor_on("two\nlines")
        await here.opened.press("enter")
        await here.opened.until(lambda: "the contents of 'two\\nlines'" in here.text)


async def test_a_directory_that_cannot_be_read_says_why_and_can_be_tried_again(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        fault = here.opened.emulator.faults.add(FaultRule(path="*/files", status=500))

        await here.opened.press("enter")
        await here.opened.until(lambda: "r tries again" in here.text)
        assert "notes.md" in here.names()
        here.opened.emulator.faults.remove(fault.id)
        await here.opened.press("r")

        await here.opened.until(lambda: "main.py" in here.names())


async def test_a_link_to_a_directory_opens_under_its_own_name(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        (here.home / "latest").symlink_to("src")
        await here.opened.press("2", "r")
        await here.put_cursor_on("latest")

        await here.opened.press("enter")

        await here.opened.until(lambda: "main.py" in here.names())
        assert here.names() == ["empty", "src", "latest", "deep", "main.py", "notes.md"]
        assert here.files.tree_view.has_focus
        assert "▾ latest ↪" in here.text
        await here.opened.press("enter")
        await here.opened.until(lambda: "main.py" not in here.names())


async def test_the_cursor_stays_on_its_line_while_rows_come_above_it(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        for number in range(200):
            (here.home / f"file-{number:03}").touch()
        await here.opened.press("2", "r")
        await here.put_cursor_on("file-150")
        tree = here.files.tree_view
        line = tree.cursor - tree.top

        for number in range(30):
            (here.home / f"another-{number:03}").touch()
        await here.opened.press("r")
        await here.opened.until(lambda: tree.row_count() == 230)

        assert tree.current is not None
        assert tree.current.path.endswith("/file-150")
        assert tree.cursor - tree.top == line


async def test_far_down_a_deep_tree_names_can_be_read(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        deep = here.home.joinpath(*(f"level-{number}" for number in range(60)))
        deep.mkdir(parents=True)
        (deep / "bottom.txt").touch()
        await here.opened.press("2", "r")
        await here.put_cursor_on("level-0")
        assert " ▸ level-0/" in here.text

        here.files.go_to(f"{here.files.directory}/{deep.relative_to(here.home)}/bottom.txt")
        await here.opened.until(lambda: here.files.entry and here.files.entry.name == "bottom.txt")

        assert "▾ level-58/" in here.text
        assert "  bottom.txt" in here.text
        await here.opened.press("home")
        await here.opened.until(lambda: " ▾ level-0/" in here.text)


async def test_a_directory_that_never_answers_keeps_no_other_waiting(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        (here.home / "empty" / "after-all").touch()
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        await here.opened.settle()
        here.opened.emulator.faults.add(FaultRule(path="*/files", silent=True, times=1))
        await here.opened.press("enter")
        await here.opened.until(lambda: "reading …" in here.names())

        await here.put_cursor_on("empty")
        await here.opened.press("enter")

        await here.opened.until(lambda: "after-all" in here.names())
        assert "reading …" in here.names()


async def test_a_slow_directory_says_that_it_is_being_read(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        here.opened.emulator.faults.add(FaultRule(path="*/files", delay_s=1.0, times=1))

        await here.opened.press("enter")

        await here.opened.until(lambda: "reading …" in here.names())
        await here.opened.until(lambda: "main.py" in here.names())
        assert "reading …" not in here.names()


async def test_a_click_on_a_heading_sorts_and_another_turns_it_round(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        for name, length in (("small", 1), ("large", 3000), ("middle", 200)):
            (here.home / name).write_bytes(bytes(length))
        await here.opened.press("2", "r", "plus")
        await here.opened.until(lambda: "SIZE" in here.text and len(here.names()) == 3)
        heading = here.text.splitlines()[3].index("SIZE")

        await here.opened.pilot.click("#file-tree", offset=(heading - 1, 0))
        assert here.names() == ["large", "middle", "small"]
        assert "SIZE↓" in here.text
        await here.opened.pilot.click("#file-tree", offset=(heading - 1, 0))
        assert here.names() == ["small", "middle", "large"]
        await here.opened.pilot.click("#file-tree", offset=(5, 0))
        assert here.names() == ["large", "middle", "small"]
        assert "NAME↑" in here.text


async def test_where_there_is_little_room_the_frame_keeps_the_end_of_the_path(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        deep = here.home / "a-directory" / "another-directory" / "one-more-directory"
        deep.mkdir(parents=True)
        (deep / "result.txt").write_text("x")
        await here.opened.press("2", "r")
        await here.put_cursor_on("a-directory")
        here.files.go_to(f"{here.files.directory}/a-directory/another-directory/one-more-directory/result.txt")
        await here.opened.until(lambda: here.files.entry and here.files.entry.name == "result.txt")

        await here.opened.press("v")

        await here.opened.until(lambda: "result.txt ─" in here.text)
        assert "esc Back   T As it is   p Pull" in here.text.splitlines()[-1]


async def test_enter_previews_a_text_with_line_numbers_and_escape_goes_back(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "log.txt").write_text("first\n\x1b[2Jsecond\x1b]0;title\x07\n" + "x" * 500 + "\n")
        await here.opened.press("2", "r")
        await here.put_cursor_on("log.txt")

        await here.opened.press("enter")
        await here.opened.until(lambda: "1  first" in here.text)

        assert "2  second" in here.text
        assert "\x1b" not in here.text
        assert "~/log.txt" in here.text
        await here.opened.press("escape")
        assert here.files.tree_view.has_focus


async def test_a_large_file_is_read_only_at_its_beginning(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "large.log").write_text("a line of text\n" * 3_000_000)
        await here.opened.press("2", "r")
        await here.put_cursor_on("large.log")

        await here.opened.press("v")
        await here.opened.until(lambda: "the beginning of" in here.text)

        assert here.files.preview_view.row_count() < 256 * 1024 // 15 + 3


async def test_a_binary_file_is_shown_as_bytes(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "program").write_bytes(b"\x7fELF\x02\x01" + bytes(500))
        await here.opened.press("2", "r")
        await here.put_cursor_on("program")

        await here.opened.press("enter")

        await here.opened.until(lambda: "7f 45 4c 46" in here.text)
        assert "ELF program" in here.text


async def test_a_file_that_is_gone_says_so_in_the_preview(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "short-lived").write_text("x")
        await here.opened.press("2", "r")
        await here.put_cursor_on("short-lived")
        (here.home / "short-lived").unlink()

        await here.opened.press("enter")

        await here.opened.until(lambda: "r tries again · esc goes back" in here.text)


async def test_a_pulled_file_is_the_same_byte_for_byte(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        contents = os.urandom(700_000)
        (here.home / "weights.bin").write_bytes(contents)
        await here.opened.press("2", "r")
        await here.put_cursor_on("weights.bin")
        (tmp_path / "mine").mkdir()

        await pull_to(here, tmp_path / "mine")
        await here.opened.settle()

        assert (tmp_path / "mine" / "weights.bin").read_bytes() == contents
        await here.opened.until(lambda: "Pulled" in here.notices)


@pytest.mark.parametrize(("key", "below"), [("p", "src"), ("P", "")], ids=["directory", "workspace"])
async def test_a_pulled_tree_is_the_same_byte_for_byte(open_app: OpenApp, tmp_path: Path, key: str, below: str) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        screen = await open_pull_dialog(here, key)
        assert here.sandbox.name in str(screen.draft.destination)
        await here.opened.press("escape")

        await pull_to(here, tmp_path / "mine", key)
        await here.opened.settle()

        theirs, mine = here.home / below, tmp_path / "mine"
        expected = {path.relative_to(theirs): path.read_bytes() for path in theirs.rglob("*") if path.is_file()}
        assert {path.relative_to(mine): path.read_bytes() for path in mine.rglob("*") if path.is_file()} == expected


async def test_a_cancelled_pull_leaves_nothing_and_shows_its_progress_before(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        here.opened.emulator.faults.add(FaultRule(path="*/bulk-download", delay_s=30))
        here.opened.emulator.faults.add(FaultRule(path="*/files/download", delay_s=30))
        (tmp_path / "mine").mkdir()

        await pull_to(here, tmp_path / "mine" / "src")
        await here.opened.until(lambda: "esc cancels" in here.text)
        await here.opened.press("escape")
        await here.opened.settle()

        assert not list((tmp_path / "mine").rglob("*"))
        await here.opened.until(lambda: "Pull cancelled" in here.notices)
        assert "esc cancels" not in here.text


async def test_a_destination_that_cannot_be_written_is_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("notes.md")
        (tmp_path / "a-file").write_text("in the way")

        await pull_to(here, tmp_path / "a-file" / "notes.md")
        await here.opened.settle()

        await here.opened.until(lambda: "Could not pull" in here.notices)
        assert (tmp_path / "a-file").read_text() == "in the way"


async def test_what_exists_already_is_not_overwritten_unless_asked(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("notes.md")
        mine = tmp_path / "notes.md"
        mine.write_text("mine")

        screen = await open_pull_dialog(here)
        screen.query_one("#destination").value = str(mine)  # type: ignore[attr-defined]
        await here.opened.until(lambda: "1 exists and differs: notes.md" in here.text)
        await here.opened.press("enter")
        await here.opened.until(lambda: "choose what happens to what is there already" in here.text)
        assert mine.read_text() == "mine"

        await here.opened.press("right", "space", "shift+tab", "enter")
        await here.opened.until(lambda: "Pulled" in here.notices)
        assert mine.read_text() == "# Notes\n"


async def test_a_sandbox_that_stops_while_its_files_are_shown_says_so(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")

        await here.gateway.stop(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: "stopped: files can be read while it runs" in here.text)
        assert "s starts it" in here.text
        await here.gateway.start(here.sandbox.id, timeout_s=20)

        await here.opened.until(lambda: "notes.md" in here.names())


async def test_a_sandbox_that_does_not_answer_yet_is_asked_again_without_a_key(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        asleep = "bad request: no IP address found. Is the Sandbox started?"
        body = {"statusCode": 400, "message": asleep}
        fault = here.opened.emulator.faults.add(FaultRule(path="*/files", status=400, body=body))

        await here.opened.press("2", "r")
        await here.opened.until(lambda: "r tries again" in here.text)
        here.opened.emulator.faults.remove(fault.id)

        await here.opened.until(lambda: "notes.md" in here.names())


async def test_a_sandbox_deleted_by_somebody_else_leaves_the_program_working(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")

        await here.gateway.delete(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: here.sandbox.name not in here.opened.names())
        await here.opened.until(lambda: here.files.sandbox is None or here.files.sandbox.id != here.sandbox.id)
        await here.opened.press("r", "enter", "1", "j")

        assert here.opened.app.is_running


async def test_other_sandboxes_keep_their_own_tree(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        await here.opened.press("2", "r")
        await here.put_cursor_on("src")
        await here.opened.press("l")
        await here.opened.until(lambda: "main.py" in here.names())
        other = next(name for name in here.opened.names() if name != here.sandbox.name)

        await here.opened.go_to(other)
        await here.opened.until(lambda: "main.py" not in here.names())
        await here.opened.go_to(here.sandbox.name)

        await here.opened.until(lambda: here.names() == ["empty", "src", "deep", "main.py", "notes.md"])
