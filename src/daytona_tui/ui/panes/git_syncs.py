"""Bringing repositories, commits and patches to and from a sandbox."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from textual.message import Message

from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.git_address import Address
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import ConfigError, DaytonaTuiError, GitLoginError
from daytona_tui.operations import git_clone, git_logins, git_patch, git_sync
from daytona_tui.presentation.git import standing
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.git_acts import GitActs, shell_line
from daytona_tui.ui.panes.git_dialogs import CloneAnswer
from daytona_tui.ui.panes.git_task import GitTask

Work = Callable[[GitLogin | None], Awaitable[str]]
"""Does something with a git server, and returns what came of it in words."""
Sync = Callable[[Sandbox, str, git_sync.Upstream, GitLogin | None], Awaitable[str]]


class GitSyncs(GitActs):
    """Begins tasks; a git server that wants a login gets one that the user agrees to."""

    class Begun(Message):
        """Something that may take a while was begun: the screen shows it among the tasks."""

        def __init__(self, task: GitTask) -> None:
            super().__init__()
            self.begun = task

    class FilesChanged(Message):
        """Files of a sandbox may be others by now."""

        def __init__(self, sandbox: Sandbox) -> None:
            super().__init__()
            self.sandbox = sandbox

    def do_fetch(self) -> None:
        """Fetch."""
        gateway = self.services.gateway

        async def fetch(sandbox: Sandbox, path: str, there: git_sync.Upstream, login: GitLogin | None) -> str:
            return standing(await git_sync.fetch(gateway, sandbox.id, path, there, login))

        self._sync("Fetch", "fetched", fetch)

    def do_git_pull(self) -> None:
        """Pull."""
        gateway = self.services.gateway

        async def pull(sandbox: Sandbox, path: str, _there: git_sync.Upstream, login: GitLogin | None) -> str:
            return standing(await git_sync.pull(gateway, sandbox.id, path, login))

        self._sync("Pull", "pulled", pull)

    def do_git_push(self) -> None:
        """Push."""
        gateway = self.services.gateway

        async def push(sandbox: Sandbox, path: str, _there: git_sync.Upstream, login: GitLogin | None) -> str:
            return standing(await git_sync.push(gateway, sandbox.id, path, login))

        self._sync("Push", "pushed", push)

    def _sync(self, verb: str, done: str, act: Sync) -> None:
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is None or found is None:
            return
        path = found.path

        async def work() -> str:
            upstream = await git_sync.upstream_of(self.services.gateway, sandbox.id, path)
            address = upstream.address or Address("", "")
            return await self._with_login(sandbox, address, partial(act, sandbox, path, upstream))

        title = f"{verb} {safe(path.rsplit('/', 1)[-1])} of {safe(sandbox.name)}"
        line = shell_line(verb.lower(), sandbox, path)
        self._begin_task(GitTask(title, sandbox, done=done), f"git {verb.lower()}", line, work)

    def do_take_patch(self) -> None:
        """Write the patch where pulls go."""
        sandbox, found = self.sandbox, self.chosen_repository
        if sandbox is None or found is None:
            return
        directory, path = self.services.settings.pull_dir, found.path

        async def work() -> str:
            patch, saved = await git_patch.save(self.services.gateway, sandbox, path, directory)
            self.app.notify(safe(str(saved.absolute())), title="Patch taken home", markup=False, timeout=10)
            return safe(f"{patch.files} files in {saved}")

        title = f"Patch of {safe(path.rsplit('/', 1)[-1])} of {safe(sandbox.name)}"
        line = shell_line("patch", sandbox, path, "--save")
        self._begin_task(GitTask(title, sandbox, done="taken home"), "git patch", line, work)

    def do_clone(self) -> None:
        """Ask what to clone, and clone it."""
        if self.sandbox is not None:
            self._ask_clone(self.sandbox, {}, "")

    def _ask_clone(self, sandbox: Sandbox, said: Mapping[str, object], trouble: str) -> None:
        def clone(answer: CloneAnswer) -> None:
            wanted = answer.wanted

            async def make(login: GitLogin | None) -> str:
                cloned = await git_clone.clone(self.services.gateway, sandbox.id, wanted, login)
                return safe(cloned.path)

            async def work() -> str:
                try:
                    return await self._with_login(sandbox, wanted.address, make)
                except DaytonaTuiError as error:
                    self._ask_again(sandbox, answer, phrase(error).line)
                    raise

            title = f"Clone {safe(wanted.address.name)} into {safe(sandbox.name)}"
            words = ["daytona-tui", "clone", sandbox.name, wanted.address.url, *filter(None, (wanted.path,))]
            self._begin_task(GitTask(title, sandbox, done="cloned"), "git clone", shlex.join(words), work)

        self.dialogs.ask_clone(safe(sandbox.name), said, trouble, clone)

    def _ask_again(self, sandbox: Sandbox, answer: CloneAnswer, trouble: str) -> None:
        """Bring the form back as it was filled, unless the user is elsewhere by now."""
        if (
            not is_leaving(self)
            and self.has_focus_within
            and self.sandbox is not None
            and self.sandbox.id == sandbox.id
        ):
            self._ask_clone(sandbox, answer.said, trouble)

    async def _with_login(self, sandbox: Sandbox, address: Address, act: Work) -> str:
        """Return what ``act`` comes to; where the git server wants a login, one that the user agrees to."""
        try:
            return await act(None)
        except GitLoginError:
            if not address.host:
                raise
        trouble = ""
        found = await git_logins.offers(address)
        while True:
            answer = await self.dialogs.ask_login(address, safe(sandbox.name), found, trouble)
            if answer is None:
                raise GitLoginError(f"{address.host} wants a login, and none was given")
            try:
                login = answer.login
                if answer.offer is not None and answer.offer.variable:
                    login = git_logins.of_variable(answer.offer.variable, address)
                elif answer.offer is not None:
                    login = await git_logins.take(answer.offer.source, address)
                return await act(login)
            except (GitLoginError, ConfigError) as error:
                trouble = error.message

    def _begin_task(self, task: GitTask, verb: str, line: str, work: Callable[[], Awaitable[str]]) -> None:
        sandbox = task.sandbox

        async def carry_out() -> None:
            outcome, detail = "cancelled", ""
            try:
                detail = await work()
                outcome = "done"
                task.succeed(sandbox.id, detail)
            except DaytonaTuiError as error:
                outcome, detail = "failed", phrase(error).line
                task.fail(sandbox.id, error)
                if not is_leaving(self):
                    self.app.notify(detail, title=f"{task.title}: failed", severity="error", markup=False)
            except asyncio.CancelledError:
                task.give_up()
                raise
            finally:
                await self.keep(sandbox, verb, {}, (outcome, detail), line)
            self.read_again()
            self.post_message(self.FilesChanged(sandbox))

        task.worker = self.run_worker(carry_out, name=task.title, group=workers.TRANSFER, exit_on_error=False)
        self.post_message(self.Begun(task))
