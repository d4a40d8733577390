"""Editing a file of the sandbox in the user's own editor."""

from __future__ import annotations

import asyncio
import shlex

from textual.app import SuspendNotSupported

from daytona_tui.domain.files import FileEntry, parent_path
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.operations import editing
from daytona_tui.operations.editing import Draft, There
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.presentation.phrases import os_reason, phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.commands import file_acts as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.file_dialogs import Changes, EditAnswer, FileDialogs
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.terminal import outside
from daytona_tui.ui.workers import TRANSFER


class FilesEditing(FilesBase):
    """Takes a file out, has it edited, shows what was changed, and puts it back.

    Attributes:
        dialogs: opened by the screen; set before anything can be asked for.
        journal: keeps every change; likewise.
    """

    dialogs: FileDialogs
    journal: Journal

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        if reason or command is not commands.EDIT:
            return reason
        entry = self.entry
        if self.services.read_only:
            return self.services.read_only
        if entry is None:
            return "there is no entry under the cursor"
        if entry.is_dir or entry.is_special:
            return "it is no file"
        if entry.size_bytes > editing.LARGEST_BYTES:
            return "it is too large: pull it, change it, and push it"
        return "" if editing.editor() else "no editor is known: set EDITOR"

    def do_edit(self) -> None:
        """Edit the file under the cursor."""
        if self.sandbox is not None and self.entry is not None:
            work = self._edit(self.sandbox, self.entry)
            self.run_worker(work, name=f"edit {safe(self.entry.path)}", group=TRANSFER, exit_on_error=False)

    async def _edit(self, sandbox: Sandbox, entry: FileEntry) -> None:
        draft, is_back = None, False
        try:
            draft = await editing.begin(self.services.gateway, sandbox.id, entry)
            is_back = await self._edit_until_done(draft)
            if is_back:
                await self._note_edit(sandbox, draft)
        except DaytonaTuiError as error:
            said, kept = phrase(error, f"edit {entry.path}"), ""
            if draft is not None and not await asyncio.to_thread(editing.drop_untouched, draft):
                kept = f"what you wrote is in {safe(str(draft.file))}"
            kept = kept or said.hint
            text = " · ".join(each for each in (said.detail, kept) if each)
            self.app.notify(text, title=said.title, severity="error", timeout=15, markup=False)
            return
        except asyncio.CancelledError:  # with the program, whose end waits for no thread
            if draft is not None:
                editing.drop_untouched(draft)
            raise
        if not is_leaving(self):
            await editing.drop(draft)
            if is_back:
                if self.sandbox is not None and self.sandbox.id == sandbox.id:
                    self.files_changed(parent_path(draft.path))
                self.app.notify(safe(draft.path), title="Uploaded", markup=False, timeout=3)

    async def _edit_until_done(self, draft: Draft) -> bool:
        """Return whether it was put back."""
        there, edits = There(draft.original), True
        while True:
            if edits:
                await self._open_editor(draft)
            contents = await editing.contents_now(draft)
            if contents == draft.original:
                self.app.notify("nothing was changed", title=safe(draft.path), markup=False, timeout=3)
                return False
            lines = await editing.difference_there(draft, there, contents)
            answer = await self.dialogs.show_changes(Changes(draft.path, tuple(lines), there.change))
            edits = answer is EditAnswer.EDIT
            if answer is EditAnswer.DISCARD:
                return False
            if answer is EditAnswer.UPLOAD:
                seen, there = there, await editing.look_there(self.services.gateway, draft)
                if there == seen:  # nothing is replaced that was not shown
                    await editing.upload(self.services.gateway, draft)
                    return True

    async def _open_editor(self, draft: Draft) -> None:
        try:
            code = await outside(self.app, (*editing.editor(), str(draft.file)))
        except SuspendNotSupported as error:
            raise TransferError("this terminal cannot be given to an editor") from error
        except OSError as error:
            raise TransferError(f"{editing.editor()[0]} cannot be started: {os_reason(error)}") from error
        if code != 0:
            raise TransferError(f"{editing.editor()[0]} ended with {code}")

    async def _note_edit(self, sandbox: Sandbox, draft: Draft) -> None:
        line = shlex.join(["daytona-tui", "push", draft.file.name, f"{sandbox.id}:{draft.path}"])
        parameters = {"paths": [draft.path]}
        entry = Entry(self.services.now(), "files edit", sandbox.id, sandbox.name, parameters, "done", draft.path, line)
        await self.journal.keep(entry)
