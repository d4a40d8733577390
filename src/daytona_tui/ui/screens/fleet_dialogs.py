"""Opens the dialogs for which the panes of the main screen ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from textual.screen import ModalScreen, Screen

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.operations.sweep import Wish
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.questions import Question, Request
from daytona_tui.ui.panes.create_task import CreateTask
from daytona_tui.ui.panes.dialogs import Checked
from daytona_tui.ui.panes.form_dialogs import FormDraft
from daytona_tui.ui.panes.growth import ForkDraft, SizeDraft
from daytona_tui.ui.panes.holds import Held, Hold
from daytona_tui.ui.panes.sweep_task import SweepOrder
from daytona_tui.ui.services import Services

Answer = TypeVar("Answer")


class FleetDialogs:
    """The dialogs over ``screen``; while one is open no other opens.

    ``focus_console`` goes to the console, ``show_logs`` to the logs; ``pull_one`` asks about a pull from one sandbox.
    """

    def __init__(
        self,
        screen: Screen[None],
        services: Services,
        focus_console: Callable[[], None],
        show_logs: Callable[[Sequence[Sandbox]], None],
        pull_one: Callable[[Sandbox], None],
    ) -> None:
        self._screen = screen
        self._services = services
        self.go_to_console = focus_console
        self.go_to_logs = show_logs
        self.pull_one = pull_one

    def confirm(self, question: Question, then: Callable[[], None], *, check: Callable[[], None] | None = None) -> None:
        """Ask a question."""
        from daytona_tui.ui.screens.confirm import ConfirmScreen

        dialog = ConfirmScreen(question, can_check=check is not None)

        def answered(yes: bool | None) -> None:
            if check is not None and dialog.wants_check:
                check()
            elif yes:
                then()

        self._open(dialog, answered)

    def check_safety(self, sandbox: Sandbox, then: Callable[[Checked], None]) -> None:
        """Look whether a sandbox is safe to delete."""
        from daytona_tui.ui.screens.safety import SafetyScreen

        self._open(SafetyScreen(self._services, sandbox), lambda answer: then(answer) if answer else None)

    def ask_command(self, title: str, notes: tuple[str, ...], then: Callable[[Deed], None]) -> None:
        """Ask which command to run."""
        from daytona_tui.ui.screens.many import RunManyScreen

        self._open(RunManyScreen(title, notes), lambda deed: then(deed) if deed else None)

    def ask_pull(self, title: str, request: Request, asleep: Sequence[Sandbox], then: Callable[[Deed], None]) -> None:
        """Ask what to pull from each of several, and where to."""
        from daytona_tui.ui.screens.many_pull import PullManyScreen

        dialog = PullManyScreen(self._services, title, request.notes, request.able, len(asleep))
        self._open(dialog, lambda deed: then(deed) if deed else None)

    def edit_lifetimes(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LifetimeEdit], None]
    ) -> None:
        """Ask for new intervals."""
        from daytona_tui.ui.screens.lifetimes import LifetimesScreen, lacking_timers

        dialog = LifetimesScreen(
            title, sandboxes, self._services.now, notes, lacking=lacking_timers(self._services.abilities)
        )
        self._open(dialog, lambda edit: then(edit) if edit else None)

    def edit_labels(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LabelEdit], None]
    ) -> None:
        """Ask for a change of labels."""
        from daytona_tui.ui.screens.labels import LabelsScreen

        self._open(LabelsScreen(title, sandboxes, notes), lambda edit: then(edit) if edit else None)

    def edit_size(self, draft: SizeDraft, then: Callable[[SizeEdit], None]) -> None:
        """Ask for other resources."""
        from daytona_tui.ui.screens.resize import ResizeScreen

        self._open(ResizeScreen(draft), lambda edit: then(edit) if edit else None)

    def ask_fork(self, draft: ForkDraft, then: Callable[[str], None]) -> None:
        """Ask how forks are to be called."""
        from daytona_tui.ui.screens.fork import ForkScreen

        self._open(ForkScreen(draft), lambda name: then(name) if name is not None else None)

    def ask_form(self, draft: FormDraft, then: Callable[[Values], None]) -> None:
        """Ask for what a form says."""
        from daytona_tui.ui.screens.form_draft import DraftScreen

        self._open(DraftScreen(draft), lambda values: then(values) if values is not None else None)

    def watch_creation(self, task: CreateTask, again: Callable[[], None]) -> None:
        """Show how a creation goes."""
        from daytona_tui.ui.screens.creating import CreatingScreen

        self._open(CreatingScreen(task), lambda is_again: again() if is_again else None)

    def plan_sweep(self, wish: Wish, then: Callable[[SweepOrder], None], *, ready: SweepOrder | None = None) -> None:
        """Plan a sweep, or show one that is planned already."""
        from daytona_tui.ui.screens.sweep import SweepScreen

        self._open(SweepScreen(self._services, wish, ready), lambda order: then(order) if order else None)

    def ask_bin(self, title: str, notes: tuple[str, ...], usual: str, then: Callable[[int], None]) -> None:
        """Ask how long the bin keeps something."""
        from daytona_tui.ui.screens.bin import BinScreen

        def answered(deed: Deed | None) -> None:
            if deed is not None and deed.lifetimes is not None and deed.lifetimes.ttl_min:
                then(deed.lifetimes.ttl_min)

        self._open(BinScreen(title, notes, usual), answered)

    def ask_hold(self, held: Held, then: Callable[[Hold], None]) -> None:
        """Ask how to hold sandboxes, or whether to let them go."""
        from daytona_tui.ui.screens.hold import HoldScreen

        self._open(
            HoldScreen(held, self._services.now().astimezone().date()), lambda hold: then(hold) if hold else None
        )

    def _open(self, dialog: ModalScreen[Answer], answered: Callable[[Answer | None], None]) -> None:
        app = self._screen.app
        if not isinstance(app.screen, ModalScreen):
            app.push_screen(dialog, answered)
