"""Transfers on the main screen: how far they are, what came of them, and the history of those that are over."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.operations.journal import Entry
from daytona_tui.operations.transfer_history import local_place, order_of, remote_place
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import Status
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet_jump import jump_to
from daytona_tui.ui.panes.tasks import TasksPane
from daytona_tui.ui.screens.status import FleetStatus
from daytona_tui.ui.terminal import announce
from daytona_tui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from daytona_tui.ui.screens.history import HistoryChoice

LONG_S = 10.0
"""A transfer that took as long as this may ring at its end: whoever began it looks elsewhere by then."""


class FleetTransfers(FleetStatus):
    """Hands on what the files pane tells of transfers."""

    @on(FilesPane.TransferChanged)
    def _show_transfer(self, event: FilesPane.TransferChanged) -> None:
        if not is_leaving(self):
            self.query_one(KeyBar).show_transfer(event.text)

    @on(FilesPane.TransferEnded)
    def _report_transfer(self, event: FilesPane.TransferEnded) -> None:
        task = event.ended
        part = task.parts[0]
        if task.seconds >= LONG_S and part.status is not Status.CANCELLED:
            announce(self.app, self.services.settings.transfer_end, f"{task.title}: {safe(part.detail)}")
        report = task.report
        # Not over a text that is being typed: its letters would be keys of the report.
        is_typing = isinstance(self.focused, Input) or isinstance(self.app.screen, ModalScreen)
        if report is not None and report.failed and not is_typing:
            from daytona_tui.ui.screens.pull import ReportScreen

            self.app.push_screen(ReportScreen(report))

    # The history

    @on(TasksPane.HistoryRequested)
    def _show_history(self) -> None:
        if not isinstance(self.app.screen, ModalScreen):
            from daytona_tui.ui.screens.history import HistoryScreen

            self.app.push_screen(HistoryScreen(self.files_pane.history, self.services.now()), self._chosen_of_history)

    def _chosen_of_history(self, choice: HistoryChoice | None) -> None:
        from daytona_tui.ui.screens.history import Wish

        if choice is None:
            return
        if choice.wish is Wish.OPEN:
            path = local_place(choice.entry)
            workers.start(self, partial(self._open_local, path), name="open a directory", group=workers.DIALOG)
        elif choice.wish is Wish.AGAIN:
            self._do_again(choice.entry)
        else:
            self._show_in_files(choice.entry)

    def _do_again(self, entry: Entry) -> None:
        sandbox = self.fleet_pane.store.fleet.get(SandboxId(entry.sandbox_id))
        order = order_of(entry, sandbox) if sandbox is not None else None
        if order is None:
            reason = "the sandbox is gone" if sandbox is None else "not enough of it was kept"
            self.app.notify(reason, title="Again: not now", severity="warning", markup=False)
        else:
            self.files_pane.ask_again(order)

    def _show_in_files(self, entry: Entry) -> None:
        if self.fleet_pane.store.fleet.get(SandboxId(entry.sandbox_id)) is None:
            self.app.notify("the sandbox is gone", title="Show: not now", severity="warning", markup=False)
            return
        jump_to(self.fleet_pane, SandboxId(entry.sandbox_id))
        self.go_to(self.files_pane)
        if path := remote_place(entry):
            self.files_pane.go_to(path.rstrip("/") or "/")

    async def _open_local(self, path: str) -> None:
        """Show a directory with the program that the desktop has for it; never run what came from a sandbox."""
        place = await asyncio.to_thread(_directory, path)
        program = await asyncio.to_thread(_opener)
        reason = "it is not there any more" if place is None else "there is no desktop here to open it"
        if place is not None and program is not None:
            try:
                await asyncio.create_subprocess_exec(
                    *program,
                    str(place),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                reason = f"{program[0]} cannot be started: {os_reason(error)}"
            else:
                self.app.notify(safe(str(place)), title="Opened", markup=False, timeout=3)
                return
        self.app.copy_to_clipboard(path)
        text = f"{safe(path)}: {reason}; the path is on the clipboard"
        self.app.notify(text, title="Open", severity="warning", markup=False)


def _directory(path: str) -> Path | None:
    """Return the directory of a local path that is still there."""
    place = Path(path)
    place = place if place.is_dir() else place.parent
    return place if place.is_dir() else None


def _opener() -> tuple[str, ...] | None:
    if sys.platform == "darwin":
        found = shutil.which("open")
        return (found, "-R") if found else None  # shown where it lies: a directory may be a program there
    found = shutil.which("xdg-open") if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else None
    return (found,) if found else None
