"""Changing the files of the sandbox that the files pane shows: new folder, move, copy, delete, mode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from textual.message import Message

from daytona_tui.domain.file_acts import outermost, typed_path
from daytona_tui.domain.files import FileEntry, parent_path
from daytona_tui.domain.modes import bits_of, changed_mode, spelt_mode
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations import file_acts as acts
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.presentation.file_acts import delete_question, equivalent_line, several
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.commands import file_acts as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.file_dialogs import FileDialogs, TextWish
from daytona_tui.ui.panes.file_task import FileTask
from daytona_tui.ui.panes.files_base import FilesBase
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.workers import FILE_COUNT, TRANSFER

_CHANGES = frozenset(commands.FILE_ACTS_COMMANDS) - {commands.PUSH, commands.EDIT}


@dataclass(frozen=True, slots=True)
class FileScene:
    """What an act is about; it stays so while its dialog is open, wherever the cursor is by then.

    Attributes:
        sandbox: runs.
        entries: the marked ones, or the one under the cursor; may be none.
        directory: where the cursor is in.
        home: what is written ``~``.
        marked: paths of what was marked, that in other entries too.
        seen: what the cursor was on, and what was previewed.
    """

    sandbox: Sandbox
    entries: tuple[FileEntry, ...]
    directory: str
    home: str
    marked: tuple[str, ...] = ()
    seen: tuple[str, str] = ("", "")


class FilesActs(FilesBase):
    """Asks, and carries out.

    Attributes:
        dialogs: opened by the screen; set before anything can be asked for.
        journal: keeps every act; likewise.
    """

    dialogs: FileDialogs
    journal: Journal

    class ActBegun(Message):
        """Something that may take a while was begun: the screen shows it among the tasks."""

        def __init__(self, task: Task) -> None:
            super().__init__()
            self.begun = task

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        reason = super().refusal(command)
        if reason or command not in _CHANGES:
            return reason
        if self.services.read_only:
            return self.services.read_only
        if self.remote is None or not self.remote.root:
            return "its files are not read yet"
        if command is not commands.NEW_FOLDER and not self.targets:
            return "there is no entry under the cursor"
        if command is commands.CHMOD and any(entry.is_link for entry in self.targets):
            return "a link has no mode of its own"
        return ""

    @property
    def _scene(self) -> FileScene | None:
        sandbox, tree, row = self.sandbox, self.remote, self.tree_view.current
        if sandbox is None or tree is None or not tree.root:
            return None
        directory = row.path if row is not None and row.is_open else self.directory
        marked = tuple(entry.path for entry in self.targets)
        return FileScene(sandbox, outermost(self.targets), directory, tree.home, marked, self._seen)

    @property
    def _seen(self) -> tuple[str, str]:
        row, previewed = self.tree_view.current, self.preview_view.entry
        return row.path if row else "", previewed.path if previewed else ""

    # Commands

    def do_new_folder(self) -> None:
        """Ask for the name of a directory, and make it."""
        if scene := self._scene:
            scene = replace(scene, entries=(), marked=())  # it is about none of them
            wish = TextWish(
                f"New folder in {safe(scene.directory)}",
                "Name, or a path with what is missing of it:",
                check=partial(_path_trouble, scene),
            )
            self.dialogs.ask_text(wish, partial(self._make_folder, scene))

    def do_move_files(self) -> None:
        """Ask where to, and move."""
        if (scene := self._scene) and scene.entries:
            self._ask_destination(scene, "Move", partial(self._relocate, scene, "move"))

    def do_copy_files(self) -> None:
        """Ask where to, and copy."""
        if (scene := self._scene) and scene.entries:
            self._ask_destination(scene, "Copy", partial(self._relocate, scene, "copy"))

    def do_delete_files(self) -> None:
        """Count what would go, ask, and delete."""
        if (scene := self._scene) and scene.entries:
            work = self._ask_to_delete(scene)
            self.run_worker(work, name="count files", group=FILE_COUNT, exclusive=True, exit_on_error=False)

    def do_chmod(self) -> None:
        """Ask for a mode, and set it."""
        if (scene := self._scene) and scene.entries:
            first = scene.entries[0]
            wish = TextWish(
                f"Mode of {several(scene.entries)}",
                "As a number or a change of it: 640, u+x, go-w:",
                spelt_mode(bits_of(first.mode)) if first.mode else "",
                notes=(f"now {safe(first.mode)}",) if len(scene.entries) == 1 and first.mode else (),
                check=partial(_mode_trouble, first),
            )
            self.dialogs.ask_text(wish, partial(self._change_mode, scene))

    def _ask_destination(self, scene: FileScene, verb: str, then: Callable[[str], None]) -> None:
        entries = scene.entries
        if len(entries) == 1:
            name = entries[0].name
            stem = len(name) if entries[0].is_dir else len(name) - len(_suffix(name))
            label, text, selected = "New name, or a path:", name, (0, stem)
        else:
            label, text, selected = "To which directory:", f"{scene.directory.rstrip('/')}/", None
        notes = (f"in {safe(parent_path(entries[0].path))}",) if len(entries) == 1 else ()
        wish = TextWish(f"{verb} {several(entries)}", label, text, selected, notes, partial(_path_trouble, scene))
        self.dialogs.ask_text(wish, then)

    # What was asked for

    def _make_folder(self, scene: FileScene, text: str) -> None:
        path = typed_path(text, scene.directory, scene.home).rstrip("/")

        async def make() -> str:
            await acts.make_folder(self.services.gateway, scene.sandbox.id, path)
            return path

        self._carry_out(scene, f"make {path}", make, equivalent_line("mkdir -p", path))

    def _relocate(self, scene: FileScene, verb: str, text: str) -> None:
        base = parent_path(scene.entries[0].path) if len(scene.entries) == 1 else scene.directory
        destination = typed_path(text, base, scene.home)
        if len(scene.entries) > 1 and not destination.endswith("/"):
            destination += "/"
        work = acts.move if verb == "move" else acts.copy
        title = f"{verb.capitalize()} {several(scene.entries)} in {safe(scene.sandbox.name)}"
        task = FileTask(title, scene.entries, done={"move": "moved", "copy": "copied"}[verb])
        line = equivalent_line(
            "mv -n" if verb == "move" else "cp -an", *(each.path for each in scene.entries), destination
        )

        async def go(entry: FileEntry) -> str:
            return await work(self.services.gateway, scene.sandbox.id, entry.path, destination)

        self._begin(scene, task, partial(self._each, task, scene, go), line)

    def _change_mode(self, scene: FileScene, text: str) -> None:
        async def change(entry: FileEntry) -> str:
            # As it is by now: the row may be old, and what a search found has no mode at all.
            now = await self.services.gateway.info(scene.sandbox.id, entry.path)
            mode = changed_mode(text, now.mode, is_dir=now.is_dir)
            await self.services.gateway.chmod(scene.sandbox.id, entry.path, mode)
            return entry.path

        task = FileTask(f"Change the mode of {several(scene.entries)}", scene.entries, done="changed")
        line = equivalent_line(f"chmod {text.strip()}", *(each.path for each in scene.entries))
        self._begin(scene, task, partial(self._each, task, scene, change), line)

    async def _ask_to_delete(self, scene: FileScene) -> None:
        gateway = self.services.gateway
        directories = [entry for entry in scene.entries if entry.is_dir and not entry.is_link]
        counts = await asyncio.gather(
            *(acts.count_below(gateway, scene.sandbox.id, each.path) for each in directories[:_MOST_COUNTED])
        )
        if is_leaving(self):
            return
        below = dict(zip((each.path for each in directories), counts, strict=False))
        question = delete_question(scene.sandbox, scene.entries, below)
        self.dialogs.confirm(question, partial(self._delete, scene))

    def _delete(self, scene: FileScene) -> None:
        if reason := self.services.read_only:
            self.app.notify(reason, title="Delete: not now", severity="warning", markup=False)
            return
        title = f"Delete {several(scene.entries)} in {safe(scene.sandbox.name)}"
        task = FileTask(title, scene.entries, done="deleted")
        line = equivalent_line("rm -r", *(each.path for each in scene.entries))

        async def go() -> None:
            await acts.delete(self.services.gateway, scene.sandbox.id, scene.entries, task.tell)

        self._begin(scene, task, go, line)

    # Carrying out

    def _carry_out(self, scene: FileScene, doing: str, work: Callable[[], Awaitable[str]], line: str) -> None:
        async def go() -> None:
            try:
                path = await work()
            except DaytonaTuiError as error:
                await self._keep(scene, doing.split(maxsplit=1)[0], "failed", error.message, line)
                self._tell_failure(error, doing)
                return
            await self._keep(scene, doing.split(maxsplit=1)[0], "done", path, line)
            self._show_change(scene, path)

        self.run_worker(go(), name=safe(doing), group=TRANSFER, exit_on_error=False)

    async def _each(self, task: FileTask, scene: FileScene, work: Callable[[FileEntry], Awaitable[str]]) -> None:
        for entry in scene.entries:
            try:
                task.focus_path = await work(entry)
            except DaytonaTuiError as error:
                task.tell(entry.path, error)
            else:
                task.tell(entry.path, None)

    def _begin(self, scene: FileScene, task: FileTask, work: Callable[[], Awaitable[None]], line: str) -> None:
        async def go() -> None:
            try:
                await work()
            except DaytonaTuiError as error:  # all at once: the network, the key
                for part in task.parts:
                    task.tell(part.key, error)
            finally:
                task.give_up()
                self._act_over(scene, task)
                # What was cancelled may be done in part, and stands in the journal as well.
                await self._keep(scene, task.title.split(maxsplit=1)[0].lower(), _outcome(task), task.summary, line)

        task.worker = self.run_worker(go(), name=task.title, group=TRANSFER, exit_on_error=False)
        self.post_message(self.ActBegun(task))

    def _act_over(self, scene: FileScene, task: FileTask) -> None:
        if is_leaving(self):
            return
        self._show_change(scene, task.focus_path)
        if task.tally.failed:
            self.app.notify(task.outcome, title=task.title, severity="error", timeout=8, markup=False)

    def _show_change(self, scene: FileScene, path: str) -> None:
        """Read again what may be different now, and go to what is new; the marks were for what is done.

        Whoever has gone on to something else meanwhile stays there, with the marks that are set for it.
        """
        remote = self.remote
        if is_leaving(self) or remote is None or self.sandbox is None or self.sandbox.id != scene.sandbox.id:
            return
        for each in scene.marked:
            remote.marks.pop(each, None)
        changed = {parent_path(entry.path) for entry in scene.entries} | {scene.directory}
        if path:
            changed.add(parent_path(path))
            path = path if self._seen == scene.seen else ""
        if path:
            self.go_to(path)
        # After that, for the last that is asked for is read first: a new directory is seen only where it lies.
        self.files_changed(*changed, focus_path=path)

    def _tell_failure(self, error: DaytonaTuiError, doing: str) -> None:
        if is_leaving(self):
            return
        said = phrase(error, doing)
        text = " · ".join(part for part in (said.detail, said.hint) if part)
        self.app.notify(text, title=said.title, severity="error", timeout=8, markup=False)

    async def _keep(self, scene: FileScene, verb: str, outcome: str, detail: str, line: str) -> None:
        sandbox = scene.sandbox
        parameters = {"paths": [entry.path for entry in scene.entries[:20]]}
        shell = f"daytona exec {sandbox.id} -- {line}"
        entry = Entry(
            self.services.now(), f"files {verb}", sandbox.id, sandbox.name, parameters, outcome, detail, shell
        )
        if is_leaving(self):
            self.journal.keep_now(entry)
        else:
            await self.journal.keep(entry)


_MOST_COUNTED = 8
"""Directories of which it is counted, before they are deleted, what is in them."""


def _outcome(task: FileTask) -> str:
    tally = task.tally
    return "failed" if tally.failed else "cancelled" if tally.cancelled else "done"


def _suffix(name: str) -> str:
    at = name.rfind(".")
    return name[at:] if at > 0 else ""


def _path_trouble(scene: FileScene, text: str) -> str:
    try:
        path = typed_path(text, scene.directory, scene.home)
    except ValueError as error:
        return str(error)
    if any(len(part.encode(errors="surrogateescape")) > 255 for part in path.split("/")):
        return "a name is too long: 255 bytes at most"
    return ""


def _mode_trouble(entry: FileEntry, text: str) -> str:
    try:
        changed_mode(text, entry.mode, is_dir=entry.is_dir)
    except ValueError as error:
        return str(error)
    return ""
