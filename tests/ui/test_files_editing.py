"""Editing a file of a sandbox: what is shown, what goes back, what is never lost."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.ui.screens.changes import ChangesScreen


def use_editor(here: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Have the program use a real program as its editor; there is no terminal here to be given to it."""
    seen = tmp_path / "seen"
    editor = tmp_path / "my editor"
    editor.write_text(f'#!/bin/sh\nstat -c "%a %n" "$1" "$(dirname "$1")" >> {seen}\n{script}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"'{editor}'")
    monkeypatch.setattr(here.opened.app, "suspend", nullcontext)
    return seen


async def begin(here: Inside) -> Path:
    file = here.home / "run.sh"
    file.write_text("one\ntwo\nthree\n")
    file.chmod(0o755)
    await here.opened.press("2", "r")
    await here.put_cursor_on("run.sh")
    return file


async def changes(here: Inside) -> ChangesScreen:
    await here.opened.until(lambda: isinstance(here.opened.app.screen, ChangesScreen))
    await here.opened.until(lambda: "edits on" in here.text)
    screen = here.opened.app.screen
    assert isinstance(screen, ChangesScreen)
    return screen


async def test_what_was_changed_is_shown_and_goes_back_with_its_mode(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        file = await begin(here)
        seen = use_editor(here, tmp_path, monkeypatch, 'sed -i s/two/zwei/ "$1"')

        await here.opened.press("e")
        await changes(here)
        assert "-two" in here.text
        assert "+zwei" in here.text
        assert file.read_text() == "one\ntwo\nthree\n"
        await here.opened.press("enter")
        await here.opened.until(lambda: "Uploaded" in here.notices)

        assert file.read_text() == "one\nzwei\nthree\n"
        assert file.stat().st_mode & 0o777 == 0o755
        (copy, directory) = (line.split(" ", 1) for line in seen.read_text().splitlines())
        assert (copy[0], directory[0]) == ("600", "700")
        await here.opened.settle()
        assert not Path(directory[1]).exists()
        assert "files edit" in [entry.verb for entry in await here.files.journal.recent(5)]


async def test_a_change_of_somebody_else_is_not_lost_unseen(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        file = await begin(here)
        use_editor(here, tmp_path, monkeypatch, 'sed -i s/two/zwei/ "$1"')

        await here.opened.press("e")
        await changes(here)
        file.write_text("somebody else\n")
        await here.opened.press("enter")
        await here.opened.until(lambda: "was changed in the sandbox meanwhile" in here.text)
        assert "-somebody else" in here.text
        assert "+zwei" in here.text
        await here.opened.press("enter")
        assert file.read_text() == "somebody else\n"
        await here.opened.press("o", "o")

        await here.opened.until(lambda: "Uploaded" in here.notices)
        assert file.read_text() == "one\nzwei\nthree\n"


async def test_what_is_left_as_it_was_is_not_touched(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        file = await begin(here)
        before = file.stat()
        use_editor(here, tmp_path, monkeypatch, "true")

        await here.opened.press("e")
        await here.opened.until(lambda: "nothing was changed" in here.notices)
        use_editor(here, tmp_path, monkeypatch, 'echo more >> "$1"')
        await here.opened.settle()
        await here.opened.press("e")
        await changes(here)
        await here.opened.press("escape", "escape")
        await here.opened.settle()

        assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


async def test_an_editor_that_fails_keeps_what_was_written(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        file = await begin(here)
        seen = use_editor(here, tmp_path, monkeypatch, "exit 3")
        await here.opened.press("e")
        await here.opened.until(lambda: "ended with 3" in here.notices)
        assert "what you wrote" not in here.notices
        assert not Path(seen.read_text().split()[-1]).exists()
        use_editor(here, tmp_path, monkeypatch, 'echo mine >> "$1"; exit 4')
        await here.opened.press("e")
        await here.opened.until(lambda: "ended with 4 · what you wrote is in" in here.notices)
        (kept,) = Path(seen.read_text().split()[-1]).iterdir()
        assert kept.read_text().endswith("mine\n")
        shutil.rmtree(kept.parent)
        monkeypatch.setenv("VISUAL", str(tmp_path / "no-such-editor"))
        await here.opened.press("e")
        await here.opened.until(lambda: "cannot be started" in here.notices)
        (here.home / "run.sh").write_bytes(b"\x7fELF\0\0")
        await here.opened.press("e")
        await here.opened.until(lambda: "is no text" in here.notices)

        assert file.read_bytes() == b"\x7fELF\0\0"
