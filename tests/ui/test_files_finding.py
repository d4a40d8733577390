"""Finding in the files pane: marks, order, letters of a path, lines, paths, sizes, ages, recipes, git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.panes.spots import Spot
from daytona_tui.ui.screens.finding import GoToScreen, SearchScreen, SpotScreen


def furnish(home: Path) -> None:
    (home / "src" / "deep").mkdir(parents=True)
    (home / "src" / "main.py").write_text("import sys\n\nsys.exit(0)  # the needle\n")
    (home / "src" / "deep" / "data.bin").write_bytes(os.urandom(300_000))
    (home / "notes.md").write_text("# Notes\n")
    (home / ".config").mkdir()
    (home / ".config" / "settings.toml").write_text("[x]\n")
    for age, name in enumerate(("notes.md", "src/main.py", "src/deep/data.bin", ".config/settings.toml")):
        os.utime(home / name, (1_700_000_000 - age * 60, 1_700_000_000 - age * 60))


def begin_repository(home: Path) -> None:
    subprocess.run(["git", "-C", home, "init", "-q"], check=True)


def spots(here: Inside) -> list[Spot]:
    screen = here.opened.app.screen
    return list(screen.spots.shown) if isinstance(screen, SpotScreen | GoToScreen) else []


async def enter_files(here: Inside, *, then: str = "notes.md") -> None:
    furnish(here.home)
    await here.opened.press("2", "r")
    await here.put_cursor_on(then)


async def until_at(here: Inside, path: str) -> None:
    def is_there() -> bool:
        row = here.files.tree_view.current
        return row is not None and row.path.endswith(path)

    await here.opened.until(is_there)


async def test_letters_of_a_path_lead_to_a_file_deep_below(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("slash", *"data")
        await here.opened.until(lambda: [spot.title for spot in spots(here)] == ["src/deep/data.bin"])
        await here.opened.press("enter")

        await until_at(here, "/src/deep/data.bin")
        assert here.names() == ["src", "deep", "data.bin", "main.py", "notes.md"]


async def test_a_hidden_file_that_is_found_is_shown(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("slash", *"settings")
        await here.opened.until(lambda: len(spots(here)) == 1)
        await here.opened.press("enter")

        await until_at(here, "/.config/settings.toml")


async def test_keys_typed_before_the_list_is_there_are_letters(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)
        here.opened.emulator.faults.add(FaultRule(path="*/process/execute", delay_s=0.5, times=1))

        here.opened.burst("slash", "m", "a", "i", "n")
        await here.opened.until(lambda: "src/main.py" in [spot.title for spot in spots(here)])

        assert [spot.title for spot in spots(here)] == ["src/main.py"]


async def test_what_cannot_be_looked_at_is_said_in_the_dialog(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)
        here.opened.emulator.faults.add(FaultRule(path="*/process/execute", status=500))

        await here.opened.press("slash")

        await here.opened.until(lambda: "An unexpected error occurred" in here.text)
        await here.opened.press("enter", "escape")
        assert here.files.tree_view.has_focus


async def test_the_newest_come_first(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+n")

        expected = ["notes.md", "src/main.py", "src/deep/data.bin", ".config/settings.toml"]
        await here.opened.until(lambda: [spot.title for spot in spots(here)] == expected)


async def test_what_is_big_is_told_and_stays_beside_the_directories(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("percent_sign")
        await here.opened.until(lambda: spots(here) and spots(here)[0].title == "src/")
        assert "in all" in here.text
        await here.opened.press("enter")

        await until_at(here, "/src")
        await here.opened.until(lambda: "main.py" in here.names())
        row = next(line for line in here.text.splitlines() if "src/" in line)
        assert "K" in row.split("src/")[1]


async def test_a_text_is_looked_for_and_its_line_shown(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+f", *"needle", "enter")
        await here.opened.until(lambda: len(spots(here)) == 1)
        assert spots(here)[0].title == "src/main.py:3"
        assert "the needle" in here.text
        await here.opened.press("enter")

        await here.opened.until(
            lambda: "sys.exit(0)" in here.text and not isinstance(here.opened.app.screen, SpotScreen)
        )
        await here.opened.until(lambda: here.files.preview_view.cursor == 2)
        await here.opened.press("escape")
        await until_at(here, "/src/main.py")
        await here.opened.press("ctrl+f")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, SearchScreen) and len(spots(here)) == 1)


async def test_of_a_long_line_what_was_found_is_seen(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)
        (here.home / "packed.js").write_text("x" * 900 + " the treasure " + "y" * 900)

        await here.opened.press("ctrl+f", *"treasure", "enter")
        await here.opened.until(lambda: "packed.js:1  …" in here.text)
        assert "the treasure yyy" in here.text
        await here.opened.press("enter")

        await here.opened.until(
            lambda: "the treasure yyy" in here.text and not isinstance(here.opened.app.screen, SpotScreen)
        )


async def test_a_line_far_down_a_long_file_is_shown(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)
        (here.home / "long.txt").write_text("a line of text\n" * 40_000 + "the far end\n")

        await here.opened.press("ctrl+f", *"far", "enter")
        await here.opened.until(lambda: [spot.title for spot in spots(here)] == ["long.txt:40001"])
        await here.opened.press("enter")

        await here.opened.until(lambda: "40001  the far end" in here.text)


async def test_a_text_that_nothing_has_is_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+f", *"nowhere", "enter")

        await here.opened.until(lambda: "no line has nowhere" in here.text)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("src/deep", "/src/deep"),
        ("src/../notes.md", "/notes.md"),
        ("~/src/main.py", "/src/main.py"),
        (".config", "/.config"),
    ],
)
async def test_a_path_is_gone_to(open_app: OpenApp, tmp_path: Path, typed: str, place: str) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+g", "ctrl+u")
        entry = here.opened.app.screen.query_one("Input")
        entry.value = typed  # type: ignore[attr-defined]
        await here.opened.press("enter")

        await until_at(here, place)


async def test_a_path_that_is_not_there_is_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+g")
        here.opened.app.screen.query_one("Input").value = "src/nowhere"  # type: ignore[attr-defined]
        await here.opened.press("enter")

        await here.opened.until(lambda: "it is not there" in here.notices)


async def test_a_path_outside_is_gone_to_and_left_again(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+g")
        here.opened.app.screen.query_one("Input").value = "/etc/passwd"  # type: ignore[attr-defined]
        await here.opened.press("enter")

        await here.opened.until(lambda: here.files.remote is not None and here.files.remote.root == "/etc")
        await here.opened.press("minus")
        await until_at(here, "/notes.md")
        await here.opened.press("ctrl+g")
        here.opened.app.screen.query_one("Input").value = "~"  # type: ignore[attr-defined]
        await here.opened.press("enter")
        await here.opened.until(lambda: "notes.md" in here.names())


async def test_tab_completes_a_path_and_goes_on_below_it(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)

        await here.opened.press("ctrl+g", *"sr")
        await here.opened.until(lambda: [spot.title for spot in spots(here)] == ["src/"])
        await here.opened.press("tab")
        await here.opened.until(lambda: [spot.title for spot in spots(here)] == ["deep/", "main.py"])
        await here.opened.press("down", "enter")

        await until_at(here, "/src/main.py")


async def test_marks_are_counted_copied_and_cleared(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here, then="src")

        await here.opened.press("space")
        await here.opened.press("space")
        await here.opened.until(lambda: "2 marked" in here.text)
        assert "✓" in here.text
        assert [entry.name for entry in here.files.targets] == ["src", "notes.md"]
        await here.opened.press("y")
        assert here.opened.app.clipboard.splitlines() == [entry.path for entry in here.files.targets]
        await here.opened.press("asterisk")
        assert not here.files.remote or not here.files.remote.marks
        await here.opened.press("ctrl+a")
        await here.opened.until(lambda: "2 marked" in here.text)
        await here.opened.press("escape")
        await here.opened.until(lambda: "marked" not in here.text)


async def test_files_are_sorted_by_size_and_age_and_the_other_way_round(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        for at, (name, length) in enumerate((("a", 10), ("b", 3000), ("c", 500))):
            (here.home / name).write_bytes(b"x" * length)
            os.utime(here.home / name, (1_700_000_000 - at, 1_700_000_000 - at))
        (here.home / "z").mkdir()
        await here.opened.press("2", "r")
        await here.put_cursor_on("a")

        await here.opened.press("o")
        assert here.names() == ["z", "b", "c", "a"]
        assert "by size ↓" in here.text
        await here.opened.press("O")
        assert here.names() == ["z", "a", "c", "b"]
        await here.opened.press("o")
        assert here.names() == ["z", "a", "b", "c"]
        assert "by age ↓" in here.text
        await here.opened.press("o")
        assert here.names() == ["z", "a", "b", "c"]
        assert "by " not in str(here.files.border_subtitle)
        row = here.files.tree_view.current
        assert row is not None
        assert row.path.endswith("/a")
        assert "MODE" not in here.text
        await here.opened.press("plus", "o")
        await here.opened.until(lambda: "MODE" in here.text and "SIZE↓" in here.text)


async def test_git_marks_what_differs_where_a_repository_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        begin_repository(here.home)
        (here.home / ".gitignore").write_text("*.bin\n")
        await here.opened.press("2", "r")
        await here.put_cursor_on("notes.md")

        await here.opened.until(lambda: any("notes.md" in line and " ?" in line for line in here.text.splitlines()))


async def test_no_program_runs_in_a_sandbox_before_the_user_goes_to_its_files(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        begin_repository(here.home)
        here.opened.emulator.faults.add(FaultRule(path="*/process/execute", status=500))
        here.files.read_again()
        await here.opened.until(lambda: "notes.md" in here.names())
        await here.opened.settle()
        assert not here.files._asked

        await here.opened.press("2")

        await here.opened.until(lambda: here.files._asked)


async def test_ten_thousand_entries_are_opened_and_gone_through(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        furnish(here.home)
        (here.home / "many").mkdir()
        for number in range(10_000):
            (here.home / "many" / f"{number:05}.txt").touch()
        await here.opened.press("2", "r")
        await here.put_cursor_on("many")

        await here.opened.press("enter")
        await here.opened.until(lambda: here.files.tree_view.row_count() == 10_003)
        await here.opened.press("end", "k", "k")

        await until_at(here, "/many/09999.txt")
        assert "10,000 items" in here.text
        await here.opened.press("h", "h")
        await here.opened.until(lambda: here.files.tree_view.row_count() == 3)


async def test_recipes_say_so_where_nothing_is_kept(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await enter_files(here)
        (here.home / ".claude" / "projects" / "x").mkdir(parents=True)
        (here.home / ".claude" / "projects" / "x" / "session.jsonl").write_text("{}\n")

        await here.opened.press("J")
        await here.opened.until(lambda: any("Claude session" in spot.title for spot in spots(here)))
        await here.opened.press(*"claude", "enter")

        await until_at(here, "/.claude/projects/x/session.jsonl")
