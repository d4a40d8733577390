"""``git``: repositories of sandboxes, looked at and worked with."""

from __future__ import annotations

from daytona_tui.cli import grammar
from daytona_tui.cli.repositories import ABOUT
from daytona_tui.cli.subcommands import git_acting, git_looking, git_syncing


@grammar.room(
    "git",
    short_help="work with repositories of a sandbox",
    help=f"""Work with the repositories of a sandbox that runs.

    {ABOUT} Looking does not keep a sandbox awake, and runs no hook, monitor or viewer of a repository.""",
    epilog="clone makes a repository. pull, push and fetch take a login as clone does: it is sent with the one request "
    "and kept nowhere.",
)
def git() -> None:
    """Hold the verbs."""


for _verb in (
    git_looking.repositories,
    git_looking.status,
    git_looking.diff,
    git_looking.log,
    git_looking.branches,
    git_acting.checkout,
    git_acting.add,
    git_acting.unstage,
    git_acting.commit,
    git_syncing.fetch,
    git_syncing.pull,
    git_syncing.push,
    git_syncing.patch,
):
    git.add_command(_verb)
