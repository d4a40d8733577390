"""Showing a file in the preview as it is, or laid out."""

from __future__ import annotations

from daytona_tui.ui.commands import files as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.file_acts import EDIT
from daytona_tui.ui.panes.files_base import FilesBase

_OF_PREVIEW = {
    commands.BACK: 1,
    commands.PLAIN: 2,
    commands.PULL: 3,
    EDIT: 4,
    commands.COPY_PATH: 5,
    commands.REFRESH_FILES: 6,
}
"""What the footer begins with while a file is seen."""
_OF_TREE = frozenset({commands.OPEN, commands.PREVIEW, commands.MARK_ENTRY, commands.HIDDEN, commands.SORT_FILES})


class FilesPreview(FilesBase):
    """Changes how the file in front is shown."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        if not reason and command is commands.OPEN and self.preview_view.entry is not None:
            return "it is open: esc goes back"
        if reason or command is not commands.PLAIN:
            return reason
        if self.preview_view.entry is None:
            return "it is for a file that is previewed: v shows one"
        return "" if self.preview_view.can_be_plain else "these are its bytes already"

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now."""
        if command is commands.PLAIN and self.preview_view.is_plain:
            return "Laid out"
        return super().title_of(command)

    def footer_of(self, command: Command) -> int:
        """Return the place of ``command`` in the footer: of a preview, how it is left and what can be done with it."""
        if self.preview_view.entry is None:
            return super().footer_of(command)
        return _OF_PREVIEW.get(command, 0 if command in _OF_TREE else super().footer_of(command))

    def do_plain(self) -> None:
        """Show the file as it is, or laid out again."""
        self.preview_view.toggle_plain()
