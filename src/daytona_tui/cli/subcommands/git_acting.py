"""``git``: the verbs that change a repository without leaving the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar, places
from daytona_tui.cli import repositories as shared
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.git import RepositoryStatus
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


@grammar.command(
    "checkout",
    short_help="check out a branch or a commit",
    help=f"""Check out a branch, or a commit by its
    hash. A branch that only a remote has becomes a local one that follows it.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.argument("branch", metavar="BRANCH", help="a branch, or the hash of a commit")
@click.option("-b", "--create", is_flag=True, help="make the branch, of what is checked out")
@places.start_option
@grammar.form_options
def checkout(place: places.Place, branch: str, create: bool, start: bool) -> int:
    """Check out and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.operations import git_sync

        await git_sync.checkout(gateway, sandbox.id, path, branch, creates=create)
        return await show_status(gateway, sandbox, path)

    return shared.run(place, work, start=start, acts=True)


async def show_status(
    gateway: Gateway, sandbox: Sandbox, path: str, status: RepositoryStatus | None = None, done: str = ""
) -> int:
    """Write how a repository stands after an act, and return the exit code."""
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.presentation.git import dirt, standing

    status = status or await gateway.repository_status(sandbox.id, path)
    form = grammar.common().form
    if form is not Form.TEXT:
        output.as_data(shared.status_object(path, status), form)
    else:
        narration.say(f"{done or path}: {standing(status)}; {dirt(status)}")
    return ExitCode.OK


@grammar.command(
    "add",
    short_help="stage files",
    help=f"""Take files as they are now into the next commit, also that they
    are gone; without FILES all of them.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.argument("files", metavar="[FILES]...", nargs=-1, help="paths, as git status shows them")
@places.start_option
@grammar.form_options
def add(place: places.Place, files: tuple[str, ...], start: bool) -> int:
    """Stage and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        await gateway.stage(sandbox.id, path, files or ["."])
        return await show_status(gateway, sandbox, path)

    return shared.run(place, work, start=start, acts=True)


@grammar.command(
    "unstage",
    short_help="leave files out of the next commit",
    help=f"""Leave files out of the next commit
    again; without FILES all of them. The files themselves stay as they are.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.argument("files", metavar="[FILES]...", nargs=-1, help="paths, as git status shows them")
@places.start_option
@grammar.form_options
def unstage(place: places.Place, files: tuple[str, ...], start: bool) -> int:
    """Unstage and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.operations import git_acts

        staged = (await gateway.repository_status(sandbox.id, path)).staged
        if names := files or tuple(file.name for file in staged):
            await git_acts.unstage(gateway, sandbox.id, path, names)
        return await show_status(gateway, sandbox, path)

    return shared.run(place, work, start=start, acts=True)


@grammar.command(
    "commit",
    short_help="commit what is staged",
    help=f"""Commit what is staged, under the name that the
    repository's settings have, or else git's on this machine. Hooks of the repository do not run.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.option("-m", "--message", metavar="TEXT", default="", help="the message (default: standard input)")
@click.option("-a", "--all", "takes_all", is_flag=True, help="stage everything that differs first, new files too")
@click.option("--author", metavar="'NAME <ADDRESS>'", default="", help="under this name")
@click.option("--allow-empty", is_flag=True, help="also if nothing is staged")
@places.start_option
@grammar.form_options
def commit(place: places.Place, message: str, takes_all: bool, author: str, allow_empty: bool, start: bool) -> int:
    """Commit and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.cli import narration, output
        from daytona_tui.cli.exit_codes import ExitCode
        from daytona_tui.operations.git_acts import commit as make
        from daytona_tui.operations.git_person import person_of

        text = message or await _from_stdin()
        person = person_of(author) if author else None
        if takes_all:
            await gateway.stage(sandbox.id, path, ["."])
        made = await make(gateway, sandbox.id, path, text, person, allow_empty=allow_empty)
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data(commit_object(path, made.hash, made.subject, str(made.person)), form)
        else:
            output.line(made.hash)
            narration.say(f"{path}: committed {made.subject} as {made.person}")
        return ExitCode.OK

    return shared.run(place, work, start=start, acts=True)


async def _from_stdin() -> str:
    from daytona_tui.cli import stdin
    from daytona_tui.cli.trouble import Refusal

    text = b""
    if stdin.has_something(wants_terminal=False):
        async for chunk in stdin.chunks():
            text += chunk
    if not text.strip():
        raise Refusal("usage", "a commit needs a message", hint="-m TEXT, or standard input")
    return text.decode("utf-8", "replace").strip()


def commit_object(path: str, made: str, subject: str, author: str) -> dict[str, object]:
    """Return what ``git commit --json`` shows. The keys are a promise."""
    return {"path": path, "commit": made or None, "subject": subject, "author": author}
