"""Take the README's pictures from the emulator: `make screenshots` writes them beside this file.

Every picture is the real program on a real, natural-paced demonstration fleet; what stands in its logs is what its
processes have just written, so the pictures differ a little each time.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from daytona_tui.bootstrap import ScreenOpener, ScreenOptions
from daytona_tui.ui.app import DaytonaApp

HERE = Path(__file__).resolve().parent
DEADLINE_S = 20.0

Scene = Callable[[Pilot[int]], Awaitable[None]]


async def shows(pilot: Pilot[int], text: str) -> None:
    """Wait until ``text`` is on the screen."""
    end = time.monotonic() + DEADLINE_S
    while text not in pilot.app.export_screenshot(simplify=True).replace("&#160;", " "):
        if time.monotonic() > end:
            raise TimeoutError(f"{text!r} does not show")
        await pilot.pause(0.1)


async def type_in(pilot: Pilot[int], text: str) -> None:
    """Type as on a keyboard."""
    names = {" ": "space", "-": "minus", "/": "slash", ".": "full_stop", "|": "vertical_line", "_": "underscore"}
    await pilot.press(*(names.get(character, character) for character in text))


async def on(pilot: Pilot[int], name: str) -> None:
    """Put the cursor on the sandbox called ``name`` and show the whole fleet again."""
    await shows(pilot, "live")
    await pilot.press("slash")
    await type_in(pilot, name)
    await pilot.press("enter")
    await shows(pilot, "24 hidden")
    await pilot.pause(0.5)
    await pilot.press("escape")
    await pilot.pause(0.5)


async def main_screen(pilot: Pilot[int]) -> None:
    """An agent's sandbox: its files, a command run in it, its log followed."""
    await on(pilot, "scratch")
    await shows(pilot, "merge-lab")
    await pilot.press("2", "down", "down", "enter")
    await pilot.press("3")
    for command in ("cd merge-lab", "git status -sb", "git log --oneline | head -3", "python3 --version"):
        await type_in(pilot, command)
        await pilot.press("enter")
        await pilot.pause(1.5)
    await pilot.press("escape", "1", "up", "up", "space", "space")
    await pilot.pause(5)


async def deleting(pilot: Pilot[int]) -> None:
    """The dialog that asks."""
    await on(pilot, "hermes-refactor-auth")
    await pilot.press("D")
    await shows(pilot, "Cancel")


async def pulling(pilot: Pilot[int]) -> None:
    """What a pull of everything would do, over the files of a sandbox."""
    await on(pilot, "scratch")
    await shows(pilot, "merge-lab")
    await pilot.press("2", "down", "down", "enter")
    await shows(pilot, "notes.md")
    await pilot.press("P")
    await shows(pilot, "about")
    await pilot.pause(0.5)


async def narrow(pilot: Pilot[int]) -> None:
    """One pane at a time."""
    await shows(pilot, "live")
    await pilot.pause(1)


async def leaking(pilot: Pilot[int]) -> None:
    """What was left behind."""
    await shows(pilot, "live")
    await pilot.press("exclamation_mark")
    await shows(pilot, "leaks, by money")
    await pilot.pause(5)


async def helping(pilot: Pilot[int]) -> None:
    """Every key, and why it cannot now."""
    await on(pilot, "scratch")
    await pilot.press("question_mark")
    await pilot.pause(0.5)


PICTURES: dict[str, tuple[Scene, tuple[int, int], str]] = {
    "main-160x45.svg": (main_screen, (160, 45), "demo"),
    "delete-120x36.svg": (deleting, (120, 36), "demo"),
    "help-120x36.svg": (helping, (120, 36), "demo"),
    "pull-120x36.svg": (pulling, (120, 36), "demo"),
    "leaks-160x45.svg": (leaking, (160, 45), "leaky:300"),
    "narrow-80x24.svg": (narrow, (80, 24), "demo"),
}


async def take(name: str, scene: Scene, size: tuple[int, int], seed: str) -> None:
    """Run the program once and write the picture ``name``."""
    opener = ScreenOpener(ScreenOptions(local=True, seed=seed))
    opener.begin()
    app = DaytonaApp(opener)
    async with app.run_test(size=size) as pilot:
        await scene(pilot)
        picture = app.export_screenshot(title="daytona-tui")
    await opener.close()
    (HERE / name).write_text(picture, encoding="utf-8")


async def take_all() -> None:
    """Take every picture, in a home directory of its own."""
    with TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        os.chdir(home)
        for name, picture in PICTURES.items():
            await take(name, *picture)
        os.chdir(HERE)


if __name__ == "__main__":
    asyncio.run(take_all())
