"""Pulling from the list of sandboxes: from one of them, running or not, and from all that are marked."""

from __future__ import annotations

from pathlib import Path

from tests.ui.acting_driver import lasting, mark, over
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Checkbox, Input

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.screens.many_pull import PullManyScreen
from daytona_tui.ui.screens.transfer import PullScreen


async def furnish(opened: Opened, sandboxes: list[Sandbox], text: str = "theirs") -> None:
    for each in sandboxes:
        outcome = await opened.screen.services.gateway.run(each.id, f"mkdir -p out && echo {text} > out/a.txt")
        assert outcome.exit_code == 0


def enter(opened: Opened, **texts: str) -> None:
    for name, text in texts.items():
        opened.app.screen.query_one(f"#{name}", Input).value = text


async def test_a_pull_from_many_says_what_it_comes_to_and_asks_what_becomes_of_what_is_there(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 2)
        await furnish(opened, marked)
        mine = tmp_path / marked[0].name / "out" / "a.txt"
        mine.parent.mkdir(parents=True)
        mine.write_text("mine")
        await mark(opened, marked)

        await opened.press("p")
        await opened.until(lambda: isinstance(opened.app.screen, PullManyScreen))
        enter(opened, path="out", destination=str(tmp_path))
        await opened.until(lambda: "1 file, 7 B" in opened.text and "1 exists and differs" in opened.text)
        await opened.press("enter")
        await opened.until(lambda: "choose what happens" in opened.text)
        await opened.press("right", "enter")
        task = await over(opened)

        assert [part.status for part in task.parts] == [Status.DONE] * 2
        assert mine.read_text() == "theirs\n"
        assert (tmp_path / marked[1].name / "out" / "a.txt").read_text() == "theirs\n"


async def test_where_a_pull_from_many_cannot_begin_it_says_so(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as opened:
        await mark(opened, lasting(opened, "started", 2))

        await opened.press("p")
        await opened.until(lambda: isinstance(opened.app.screen, PullManyScreen))
        enter(opened, path="nowhere", destination=str(tmp_path))
        await opened.until(lambda: "nowhere" in opened.text and "and 1 more" in opened.text)
        enter(opened, destination="")
        await opened.pilot.pause()  # what is typed is known before the key that follows it
        await opened.press("enter")
        await opened.until(lambda: "type where to copy to" in opened.text)
        await opened.press("escape")
        assert not list(tmp_path.iterdir())


async def test_any_directory_of_one_sandbox_is_pulled_and_the_place_follows_it(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app() as opened:
        (sandbox,) = lasting(opened, "started", 1)
        await furnish(opened, [sandbox])
        await opened.go_to(sandbox.name)

        await opened.press("p")
        await opened.until(lambda: isinstance(opened.app.screen, PullScreen))
        await opened.press(*"out")
        place = opened.app.screen.query_one("#destination", Input)
        await opened.until(lambda: place.value.endswith(f"{sandbox.name}/out"))
        await opened.until(lambda: "1 file, 7 B" in opened.text)
        enter(opened, destination=str(tmp_path / "mine"))
        await opened.press("enter")
        await opened.until((tmp_path / "mine" / "a.txt").exists)


async def test_one_that_is_stopped_is_started_for_a_pull_from_the_list(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as opened:
        (sandbox,) = lasting(opened, "started", 1)
        await furnish(opened, [sandbox])
        await opened.screen.services.gateway.stop(sandbox.id, timeout_s=20)
        await opened.go_to(sandbox.name)
        await opened.until(lambda: opened.state_of(sandbox.name) == "stopped")

        await opened.press("p")
        await opened.until(lambda: "Enter will start it, pull, stop it again" in opened.text)
        enter(opened, path="out", destination=str(tmp_path / "mine"))
        await opened.press("enter")
        await opened.until((tmp_path / "mine" / "a.txt").exists)
        await opened.until(lambda: not opened.screen.files_pane.transfers.is_busy)

        assert (await opened.screen.services.gateway.get(sandbox.id)).state.value == "stopped"


async def test_those_that_are_stopped_are_started_if_that_is_ticked(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as opened:
        marked = lasting(opened, "started", 2)
        await furnish(opened, marked)
        await opened.screen.services.gateway.stop(marked[1].id, timeout_s=20)
        await opened.until(lambda: opened.state_of(marked[1].name) == "stopped")
        await mark(opened, marked)

        await opened.press("p")
        await opened.until(lambda: "start the one that does not run" in opened.text)
        enter(opened, path="out", destination=str(tmp_path))
        opened.app.screen.query_one("#wakes", Checkbox).value = True
        await opened.until(lambda: "1 file, 7 B" in opened.text and "the one that does not run yet" in opened.text)
        await opened.press("enter")
        task = await over(opened)

        assert [part.status for part in task.parts] == [Status.DONE] * 2
        assert all((tmp_path / each.name / "out" / "a.txt").read_text() == "theirs\n" for each in marked)
        assert (await opened.screen.services.gateway.get(marked[1].id)).state.value == "stopped"
