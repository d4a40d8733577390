"""``clone``: a repository into a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import git_login, grammar, places
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.git import GitLogin
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.git_clone import Cloned


@grammar.command(
    "clone",
    short_help="clone a repository into a sandbox",
    help="""Clone a repository into a sandbox that runs.

    REPOSITORY is an address, or OWNER/NAME for one on github.com. PATH is relative to the working directory; one that
    ends with / is where the repository's own directory goes. Without one that is made in the working directory.""",
    epilog="A login is sent with this one request. It is not on any command line, and nothing of it stays in the "
    "sandbox, neither in the address of the remote nor elsewhere, unless --keep-login asks for that.",
)
@grammar.sandbox_argument
@click.argument("repository", metavar="REPOSITORY", help="an address, or OWNER/NAME")
@click.argument("path", metavar="[PATH]", required=False, default="", help="where to, in the sandbox")
@click.option("-b", "--branch", metavar="NAME", default="", help="check out this branch or tag")
@click.option("--commit", metavar="HASH", default="", help="check out this commit")
@click.option("--depth", metavar="N", type=grammar.Count(), help="only the latest N commits")
@click.option("--insecure-skip-tls", is_flag=True, help="do not check the git server's certificate")
@git_login.login_options
@click.option("--keep-login", is_flag=True, help="store the login in the sandbox, in plain text, for what runs there")
@grammar.timeout_option("10 minutes")
@places.start_option
@grammar.form_options
def clone(sandbox: str, repository: str, **options: Any) -> int:
    """Clone and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.domain.git_address import address_of
    from daytona_tui.operations.git_clone import Wanted

    told, address = git_login.said(options), address_of(repository)
    git_login.warn_of_login(repository)
    wanted = Wanted(
        address,
        options["path"],
        options["branch"],
        options["commit"],
        options["depth"],
        options["insecure_skip_tls"],
    )

    async def cloned(gateway: Gateway, settings: Settings) -> int:
        async def work(found: Sandbox) -> int:
            made = await _clone(gateway, found, wanted, told, options)
            _show(found, made, grammar.common().form)
            return ExitCode.OK

        return await places.there(gateway, settings, sandbox, work, start=options["start"])

    return running.run(cloned, acts=True)


async def _clone(gateway: Gateway, sandbox: Sandbox, wanted: Any, told: git_login.Said, options: Any) -> Cloned:
    from daytona_tui.domain.ports.git import CLONE_S
    from daytona_tui.operations.git_clone import clone

    address, timeout_s = wanted.address, grammar.common().clock.taken_over(CLONE_S)

    async def act(login: GitLogin | None) -> Cloned:
        made = await clone(gateway, sandbox.id, wanted, login, timeout_s=timeout_s)
        if login is not None and options["keep_login"]:
            await gateway.keep_login(sandbox.id, login, host=address.host, protocol=address.scheme)
        return made

    return await git_login.with_login(address, told, act, f"cloning {address.url} into {sandbox.name}")


def _show(sandbox: Sandbox, cloned: Cloned, form: Form) -> None:
    from daytona_tui.cli import narration, output

    if form is not Form.TEXT:
        output.as_data(as_object(sandbox, cloned), form)
        return
    output.line(cloned.path)
    at = cloned.branch or "no branch"
    narration.say(
        f"cloned {cloned.url} into {sandbox.name} at {at}{f', {cloned.commit[:10]}' if cloned.commit else ''}"
    )


def as_object(sandbox: Sandbox, cloned: Cloned) -> dict[str, object]:
    """Return what ``clone --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "sandbox": {"id": sandbox.id, "name": sandbox.name},
        "repository": cloned.url,
        "path": cloned.path,
        "branch": cloned.branch or None,
        "commit": cloned.commit or None,
    }
