"""The user's own commands on the screen: keys, footer, help, refusals, questions, and what comes of them."""

from __future__ import annotations

from pathlib import Path

from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp
from tests.ui.test_profiles_screen import write_config

from daytona_tui.presentation.tasks import Status
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.help import HelpScreen
from daytona_tui.ui.screens.results import ResultsScreen

CONFIG = """
[[commands]]
name = "Note"
key = "f7"
run = "printf '%s\\\\n' $NAME >> {file}; echo noted $STATE"
background = true
marked = true
confirm = true

[[commands]]
name = "Team"
key = "f8"
scope = "sandboxes"
run = "echo $LABEL_no_such_team"
background = true

[[commands]]
name = "Where"
key = "f9"
remote = "printf 'I am %s' $NAME; exit 3"

[[commands]]
name = "Taken"
key = "q"
run = "true"

[[commands]]
name = "Editor"
key = "f6"
scope = "logs"
run = "true"
reads = true
"""


async def test_commands_of_ones_own_are_found_asked_about_run_and_refused(open_app: OpenApp, tmp_path: Path) -> None:
    file = tmp_path / "noted"
    write_config(CONFIG.replace("{file}", str(file)))
    async with open_app(size=(200, 45), pace="instant") as opened:
        assert "commands, number 4 ('Taken'): q is the key of" in told(opened)

        # Here, for all that are marked, after a question
        await opened.go_to("scratch")
        await opened.press("space", "down", "space")
        marked = [each.name for each in opened.fleet.targets]
        await opened.press("f7")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert "Note?" in opened.text
        await opened.press("escape")
        assert not file.exists()
        await opened.press("f7")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        await opened.press("right", "enter")
        book = opened.screen.tasks_pane.book
        await opened.until(lambda: book.tasks and book.tasks[0].is_over)
        assert sorted(file.read_text().split()) == sorted(marked)
        assert [part.status for part in book.tasks[0].parts] == [Status.DONE] * 2
        assert all(part.output.startswith("noted ") for part in book.tasks[0].parts)
        await opened.press("escape")

        # Refused for a reason, by key and in the help; in the place of its scope alone
        await opened.press("f8")
        await opened.until(lambda: "it has no label no_such_team" in told(opened))
        await opened.press("f6")
        await opened.press("question_mark")
        await opened.until(lambda: isinstance(opened.app.screen, HelpScreen))
        await opened.press(*"yours")
        await opened.until(lambda: "not now: it has no label no_such_team" in opened.text)
        assert "Yours" in opened.text
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))

        # In the sandbox, with its output at once
        await opened.go_to("scratch")
        await opened.press("f9")
        await opened.until(lambda: isinstance(opened.app.screen, ResultsScreen))
        await opened.until(lambda: "I am scratch" in opened.text)
        assert "exit 3" in opened.text
        await opened.forbid("read-only by a test")
        await opened.press("escape", "f7")
        await opened.until(lambda: "reads = true" in told(opened))

        # In the footer of its pane
        await opened.press("4")
        await opened.until(lambda: "f6 Editor" in opened.text)
        await opened.press("f6")
        await opened.until(lambda: "no terminal to lend" in told(opened))
