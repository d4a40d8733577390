"""What the files pane does to files: new folder, move, copy, delete, mode."""

from __future__ import annotations

from pathlib import Path

from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.text_entry import TextScreen


def furnish(home: Path) -> None:
    (home / "src" / "deep").mkdir(parents=True)
    (home / "src" / "main.py").write_text("print(1)\n")
    (home / "src" / "deep" / "data.bin").write_bytes(bytes(5000))
    (home / "notes.md").write_text("# Notes\n")


async def begin(here: Inside, name: str) -> None:
    furnish(here.home)
    await here.opened.press("2", "r")
    await here.put_cursor_on(name)


async def answer(here: Inside, key: str, text: str | None) -> None:
    """Press a key that asks for a text, and type one; None takes what is proposed."""
    await here.opened.press(key)
    await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
    if text is not None:
        here.opened.app.screen.query_one("#text").value = text  # type: ignore[attr-defined]
    await here.opened.press("enter")


async def test_a_new_folder_appears_with_the_cursor_on_it(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")

        await answer(here, "n", "results/today")
        await here.opened.until((here.home / "results" / "today").is_dir)

        await here.opened.until(lambda: here.files.entry is not None and here.files.entry.name == "today")
        await answer(here, "n", "today")
        await here.opened.until(lambda: "is there already" in here.notices)


async def test_renaming_replaces_the_name_and_keeps_the_ending(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")

        await here.opened.press("m", *"memo")
        await here.opened.press("enter")
        await here.opened.until(lambda: "memo.md" in here.names())

        assert (here.home / "memo.md").read_text() == "# Notes\n"
        assert not (here.home / "notes.md").exists()
        await here.opened.until(lambda: here.files.entry is not None and here.files.entry.name == "memo.md")


async def test_nothing_is_replaced_by_a_move(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        (here.home / "other.md").write_text("other")

        await answer(here, "m", "other.md")

        await here.opened.until(lambda: "is there already" in here.notices)
        assert (here.home / "other.md").read_text() == "other"
        assert (here.home / "notes.md").exists()


async def test_marked_ones_are_moved_into_a_directory(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "a.txt").write_text("a")
        (here.home / "b.txt").write_text("b")
        await begin(here, "a.txt")
        await here.opened.press("space", "space")

        await answer(here, "m", "src/")
        await here.opened.until((here.home / "src" / "b.txt").exists)
        await here.opened.settle()

        assert {path.name for path in (here.home / "src").iterdir()} == {"a.txt", "b.txt", "main.py", "deep"}
        await here.opened.until(lambda: "a.txt" not in here.names()[-2:])


async def test_a_copy_has_the_contents_and_leaves_the_original(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")

        await answer(here, "C", "backup")
        await here.opened.until((here.home / "backup" / "deep" / "data.bin").exists)
        await here.opened.settle()

        assert (here.home / "backup" / "main.py").read_text() == "print(1)\n"
        assert (here.home / "src" / "main.py").exists()
        await here.opened.until(lambda: "backup" in here.names())


async def test_a_delete_says_how_much_goes_and_opens_on_cancel(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "src")

        await here.opened.press("D")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ConfirmScreen))
        await here.opened.until(lambda: "2 files in 2 directories" in here.text)
        await here.opened.press("enter")
        await here.opened.settle()
        assert (here.home / "src").exists()

        await here.opened.press("D")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ConfirmScreen))
        await here.opened.press("right", "enter")
        await here.opened.until(lambda: not (here.home / "src").exists())
        await here.opened.until(lambda: "src" not in here.names())
        assert (here.home / "notes.md").exists()


async def test_a_link_is_deleted_and_not_what_it_leads_to(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        (here.home / "way").symlink_to("src")
        await begin_again(here, "way")

        await here.opened.press("D")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ConfirmScreen))
        await here.opened.until(lambda: "the link itself" in here.text)
        await here.opened.press("right", "enter")
        await here.opened.until(lambda: not (here.home / "way").is_symlink())

        assert (here.home / "src" / "main.py").exists()


async def begin_again(here: Inside, name: str) -> None:
    await here.opened.press("2", "r")
    await here.put_cursor_on(name)


async def test_a_mode_is_changed_by_letters_and_nonsense_is_refused(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        (here.home / "notes.md").chmod(0o644)
        await here.opened.press("r")
        await here.opened.settle()

        await answer(here, "equals_sign", "u+rofl")
        await here.opened.until(lambda: "is no mode" in here.text)
        await here.opened.press("escape")
        await answer(here, "equals_sign", "u+x,go-r")

        await here.opened.until(lambda: (here.home / "notes.md").stat().st_mode & 0o777 == 0o700)


async def test_what_the_server_refuses_is_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        here.opened.emulator.faults.add(FaultRule(path="*/files/move", status=500))

        await answer(here, "m", "memo.md")

        await here.opened.until(lambda: "1 failed" in here.notices)
        assert (here.home / "notes.md").exists()


async def test_changes_stand_in_the_journal(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        await answer(here, "m", "memo.md")
        await here.opened.until(lambda: "memo.md" in here.names())
        await here.opened.settle()

        (entry,) = [each for each in await here.files.journal.recent(10) if each.verb == "files move"]

        assert entry.outcome == "done"
        assert "mv -n" in entry.line


async def test_with_a_read_only_connection_nothing_can_be_asked_for(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await begin(here, "notes.md")
        here.files.services.read_only = "read-only by file"

        for key in ("n", "m", "C", "D", "equals_sign"):
            await here.opened.press(key)
            assert here.opened.app.screen is here.screen

        assert here.notices.count("read-only by file") == 5
