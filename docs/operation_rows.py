"""Every operation of the platform: its subcommands, its commands on the screen, and the tests that show it.

The README's table is made of these rows; a subcommand, command or test that does not exist is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daytona_tui.cli.catalogue import CATALOGUE
from daytona_tui.ui.commands.catalog import COMMANDS

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """An operation.

    Attributes:
        name: for people.
        subcommands: names; of a noun its verbs may follow: ``git status``.
        commands: ids of commands of the screen.
        tests: files below ``tests`` that show it, without ``test_`` and ending.
        without: why there is nothing on the screen, where that is so.
    """

    name: str
    subcommands: tuple[str, ...]
    commands: tuple[str, ...]
    tests: tuple[str, ...]
    without: str = ""


def row(name: str, subcommands: str, commands: str, tests: str, without: str = "") -> Row:
    """Return a row; several things of a kind stand between commas or blanks."""
    named = tuple(each.strip() for each in subcommands.split(","))
    return Row(name, named, tuple(commands.split()), tuple(tests.split()), without)


ROWS = (
    row("list", "list", "filter sort group refresh", "cli/list cli/list_narrowed contract/listing"),
    row("get", "get", "focus-details copy-record", "cli/list_narrowed ui/details_pane"),
    row(
        "create sandbox",
        "create",
        "new new-like",
        "cli/create contract/creation ui/create operations/create operations/build_context unit/creation_checks",
    ),
    row("start, resume, restore", "start, resume, restore", "start", "cli/act cli/lives ui/fleet_deeds"),
    row("stop, force stop", "stop, force-stop", "stop force-stop", "cli/act cli/lives contract/lives"),
    row("pause", "pause", "pause", "cli/lives contract/lives"),
    row("archive", "archive", "archive", "cli/act ui/fleet_deeds"),
    row("recover", "recover", "recover", "cli/lives contract/lives"),
    row("resize", "resize", "resize", "cli/lives contract/sizes_and_forks operations/resize_and_fork ui/growth"),
    row("fork", "fork", "fork", "cli/lives contract/sizes_and_forks operations/resize_and_fork ui/growth"),
    row("delete", "delete", "delete bin undo", "cli/act ui/hold_and_bin"),
    row("execute", "exec", "execute type", "cli/exec cli/write operations/execute ui/console_pane"),
    row("run code", "run", "console-mode", "cli/run operations/code ui/console_code"),
    row("upload, write a file", "push, write", "push edit", "cli/push_command cli/write ui/transfers"),
    row("download, read a file", "pull, cat", "pull preview", "cli/pull_command cli/looking_commands ui/preview_pane"),
    row(
        "list and find files",
        "ls, find, du",
        "find-file search-files big-files",
        "cli/looking_commands ui/files_finding",
    ),
    row("download the workspace", "pull", "pull-workspace pull-marked results", "cli/pull_command ui/pull_many"),
    row("git clone", "clone", "clone", "cli/git contract/git ui/git_pane"),
    row(
        "git credentials",
        "clone, git pull, git push, git fetch",
        "clone git-pull git-push fetch",
        "contract/git cli/git operations/git_logins",
    ),
    row(
        "git",
        "git repositories, git status, git diff, git log, git branches, git checkout, git add, git unstage, "
        "git commit, git patch",
        "focus-git stage commit git-log branches take-patch",
        "cli/git operations/git contract/git ui/git_pane",
    ),
    row(
        "sessions",
        "sessions",
        "run-in-session answer-log end-session focus-logs",
        "cli/sessions ui/logs_sessions contract/programs contract/output_so_far",
    ),
    row(
        "PTY",
        "shell, pty",
        "terminal list-terminals watch-terminals close-terminal",
        "cli/shell cli/sessions contract/ptys",
    ),
    row("snapshots", "snapshots", "shelf snapshots capture", "cli/shelf_rooms contract/shelves ui/shelf_screen"),
    row("volumes", "volumes", "shelf volumes", "cli/shelf_rooms contract/shelves ui/shelf_screen"),
    row("secrets", "secrets", "shelf secrets", "cli/shelf_rooms contract/shelves ui/shelf_screen"),
    row(
        "preview", "ports, preview", "focus-ports open-port sign-link show-code revoke-link", "cli/ports ui/ports_pane"
    ),
    row("SSH", "ssh", "ssh", "cli/ports contract/ssh operations/ssh_access"),
    row(
        "regions, quotas, usage, audit",
        "regions, quotas, usage, audit",
        "shelf regions quotas usage audit",
        "cli/account contract/accounts ui/shelf_account",
    ),
    row("health check", "doctor", "", "cli/doctor unit/checkup operations/checkup", "asks about the terminal itself"),
    row("run once", "run-once", "run-once", "cli/run_once contract/guardian ui/run_once"),
    row("log in", "login, logout", "profiles", "cli/login ui/login_screen"),
    row("logs", "logs", "focus-logs open-log merge-logs", "cli/logs ui/logs_pane ui/logs_reading"),
    row("tape", "tape", "focus-tape", "cli/tape ui/tape_pane"),
    row("leaks and sweeps", "leaks, reap", "leaks sweep hold", "cli/leaks cli/reap ui/sweep_screen"),
    row("who made it", "who", "focus-details", "cli/who ui/details_who"),
    row("a Daytona of one's own", "emulator", "", "terminal/program emulator/plain_script", "`--local` opens one"),
    row("help for shells and readers", "completion, man", "help palette", "cli/completion cli/man"),
)


def mistakes() -> list[str]:
    """Return what is wrong with the rows, in words."""
    ids = {command.id for command in COMMANDS}
    told = []
    for each in ROWS:
        told += [f"{each.name}: no subcommand {word}" for word in each.subcommands if word.split()[0] not in CATALOGUE]
        told += [f"{each.name}: no command {word}" for word in each.commands if word not in ids]
        told += [f"{each.name}: no test {word}" for word in each.tests if not test_file(word).is_file()]
        if not each.commands and not each.without:
            told.append(f"{each.name}: nothing on the screen")
    covered = {word.split()[0] for each in ROWS for word in each.subcommands}
    return told + [f"no row has the subcommand {word}" for word in CATALOGUE if word not in covered]


def test_file(word: str) -> Path:
    """Return the file of tests that a row calls ``word``."""
    folder, _, name = word.partition("/")
    return ROOT / "tests" / folder / f"test_{name}.py"


def _key(label: str) -> str:
    return f"`{label}`" if label != "—" else "(palette)"


def table() -> str:
    """Return the table of operations.

    Raises:
        ValueError: a row names what there is not, or a subcommand is in no row.
    """
    if told := mistakes():
        raise ValueError("; ".join(told))
    commands = {command.id: command for command in COMMANDS}
    lines = ["| operation | subcommands | on the screen | shown by |", "| --- | --- | --- | --- |"]
    for each in ROWS:
        found = [commands[word] for word in each.commands]
        keys = ", ".join(f"{command.title} {_key(command.key_label)}" for command in found) or each.without
        shown = ", ".join(f"[{word}](tests/{test_file(word).relative_to(ROOT / 'tests')})" for word in each.tests)
        lines.append(f"| {each.name} | {', '.join(f'`{word}`' for word in each.subcommands)} | {keys} | {shown} |")
    return "\n".join(lines)
