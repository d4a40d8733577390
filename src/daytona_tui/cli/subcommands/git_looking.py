"""``git``: the verbs that look. None of them counts as activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar, places
from daytona_tui.cli import repositories as shared
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.git import Branch, FoundRepository, GitFile
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.git_finding import Repositories
    from daytona_tui.operations.git_script import Seen


@grammar.command(
    "repositories",
    short_help="list the repositories of a sandbox",
    help="""List the repositories of a
    sandbox that runs: those below its working directory, and where images usually have one.""",
)
@grammar.sandbox_argument
@places.start_option
@grammar.form_options
def repositories(sandbox: str, start: bool) -> int:
    """List and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode

    async def listed(gateway: Gateway, settings: Settings) -> int:
        async def work(found: Sandbox) -> int:
            from daytona_tui.operations.git_finding import repositories as find

            _show_repositories(await find(gateway, found.id))
            return ExitCode.OK

        return await places.there(gateway, settings, sandbox, work, start=start)

    return running.run(listed, acts=start)


def _show_repositories(told: Repositories) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.safe_text import safe

    form = grammar.common().form
    if form is not Form.TEXT:
        output.as_data([repository_object(each) for each in told.found], form)
    elif told.found:
        rows = [
            [
                safe(each.path),
                safe(each.status.branch) or "—",
                *("—" if count is None else str(count) for count in (each.status.ahead, each.status.behind)),
                str(len(each.status.files)) + ("+" if each.is_partial else ""),
                safe(each.head.subject) if each.head is not None else "—",
            ]
            for each in told.found
        ]
        head, right = ("PATH", "BRANCH", "AHEAD", "BEHIND", "CHANGED", "LAST COMMIT"), (0, 0, 1, 1, 1, 0)
        output.table(head, rows, right=[bool(each) for each in right], room=output.room_of_terminal())
    else:
        narration.say("no repository was found")
    if told.is_partial:
        narration.say("there may be more than were looked at")


def repository_object(found: FoundRepository) -> dict[str, object]:
    """Return a repository as ``git repositories --json`` shows it. The keys are a promise."""
    from daytona_tui.domain.git_address import without_login

    return {
        **shared.status_object(found.path, found.status),
        "origin": without_login(found.origin) or None,
        "stashes": found.stashes,
        "head": shared.commit_object(found.head) if found.head is not None else None,
        "is_partial": found.is_partial,
    }


@grammar.command(
    "status",
    short_help="how a repository stands",
    help=f"""Tell how a repository stands: its branch, how
    far that is from what it follows, and every file that differs.

    {shared.ABOUT}""",
)
@shared.repository_argument
@places.start_option
@grammar.form_options
def status(place: places.Place, start: bool) -> int:
    """Tell and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.cli import output
        from daytona_tui.cli.exit_codes import ExitCode
        from daytona_tui.presentation.git import standing
        from daytona_tui.presentation.safe_text import safe

        told = await gateway.repository_status(sandbox.id, path)
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data(shared.status_object(path, told), form)
            return ExitCode.OK
        output.line(f"{safe(path)}: {standing(told)}")
        for file in told.files:
            output.line(f"{letters(file)} {safe(file.name)}{f' (was {safe(file.origin)})' if file.origin else ''}")
        return ExitCode.OK

    return shared.run(place, work, start=start)


def letters(file: GitFile) -> str:
    """Return the two letters by which git itself tells how a file differs: what is staged, and what is not."""
    from daytona_tui.presentation.git import letter

    return f"{letter(file.staged)}{letter(file.unstaged)}"


@grammar.command(
    "diff",
    short_help="what differs in a repository",
    help=f"""Write what differs, as text: all since the
    last commit with new files, or what is staged, or what is not, or what a commit changed.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.argument("files", metavar="[FILES]...", nargs=-1, help="paths, as git status shows them")
@click.option("--staged", "kind", flag_value="staged", help="only what is staged")
@click.option("--unstaged", "kind", flag_value="unstaged", help="only what is not staged, of files that git knows")
@click.option("--commit", metavar="REVISION", default="", help="what this commit changed")
@places.start_option
@grammar.form_options
def diff(place: places.Place, files: tuple[str, ...], kind: str | None, commit: str, start: bool) -> int:
    """Write and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.cli import narration, output
        from daytona_tui.cli.exit_codes import ExitCode
        from daytona_tui.operations import git_reading
        from daytona_tui.presentation.safe_text import safe

        if commit:
            seen = await git_reading.commit_diff(gateway, sandbox.id, path, commit)
        else:
            seen = await git_reading.diff(gateway, sandbox.id, path, files, kind=kind or "all")
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data(diff_object(path, commit, kind or "all", seen), form)
        else:
            output.write(safe(seen.text, keep_newlines=True) if output.is_terminal() else seen.text)
        if seen.is_partial:
            narration.say("the rest was left out; name files, or take all of it with git patch")
        return ExitCode.INCOMPLETE if seen.is_partial else ExitCode.OK

    return shared.run(place, work, start=start)


def diff_object(path: str, commit: str, kind: str, seen: Seen) -> dict[str, object]:
    """Return what ``git diff --json`` shows. The keys are a promise."""
    return {
        "path": path,
        "commit": commit or None,
        "kind": None if commit else kind,
        "is_partial": seen.is_partial,
        "text": seen.text,
    }


@grammar.command(
    "log",
    short_help="the commits of a repository",
    help=f"""List the commits that lead to the one that is
    checked out, the latest first.

    {shared.ABOUT}""",
)
@shared.repository_argument
@click.option("-n", "--limit", metavar="N", type=grammar.Count(1, 5000), default=50, help="so many (default: 50)")
@places.start_option
@grammar.form_options
def log(place: places.Place, limit: int, start: bool) -> int:
    """List and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from datetime import UTC

        from daytona_tui.cli import output
        from daytona_tui.cli.exit_codes import ExitCode
        from daytona_tui.operations.git_reading import commits
        from daytona_tui.presentation.safe_text import safe

        told = await commits(gateway, sandbox.id, path, limit)
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data([shared.commit_object(each) for each in told], form)
            return ExitCode.OK
        rows = [
            [
                safe(each.hash[:10]),
                f"{each.at.astimezone(UTC):%Y-%m-%d %H:%M}" if each.at is not None else "—",
                safe(each.author),
                safe(each.subject),
            ]
            for each in told
        ]
        output.table(
            ("COMMIT", "AT (UTC)", "AUTHOR", "SUBJECT"), rows, right=[False] * 4, room=output.room_of_terminal()
        )
        return ExitCode.OK

    return shared.run(place, work, start=start)


@grammar.command(
    "branches",
    short_help="the branches of a repository",
    help=f"""List the branches, here and on remotes as
    they were seen last; the one that is checked out has a star.

    {shared.ABOUT}""",
)
@shared.repository_argument
@places.start_option
@grammar.form_options
def branches(place: places.Place, start: bool) -> int:
    """List and return the exit code."""

    async def work(gateway: Gateway, settings: Settings, sandbox: Sandbox, path: str) -> int:
        from daytona_tui.cli import output
        from daytona_tui.cli.exit_codes import ExitCode
        from daytona_tui.operations.git_reading import branches as read
        from daytona_tui.presentation.safe_text import safe

        told = await read(gateway, sandbox.id, path)
        form = grammar.common().form
        if form is not Form.TEXT:
            output.as_data([branch_object(each) for each in told], form)
            return ExitCode.OK
        rows = [
            [
                "*" if each.is_current else "",
                safe(f"{each.remote}/{each.name}" if each.remote else each.name),
                safe(each.upstream),
                safe(each.standing),
                safe(each.subject),
            ]
            for each in told
        ]
        head = ("", "BRANCH", "FOLLOWS", "STANDS", "LAST COMMIT")
        output.table(head, rows, right=[False] * 5, room=output.room_of_terminal())
        return ExitCode.OK

    return shared.run(place, work, start=start)


def branch_object(branch: Branch) -> dict[str, object]:
    """Return a branch as ``git branches --json`` shows it. The keys are a promise."""
    return {
        "name": branch.name,
        "remote": branch.remote or None,
        "is_current": branch.is_current,
        "upstream": branch.upstream or None,
        "standing": branch.standing or None,
        "subject": branch.subject,
        "at": branch.at.isoformat() if branch.at is not None else None,
    }
