"""What the golden files of subcommands show: command lines, run against the demonstration fleet of an emulator."""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """How a subcommand is shown.

    Attributes:
        runs: command lines without the program's name, one after another.
        before: command lines that make what is needed; they have to succeed.
        untold: runs that write no data, by their first words; they are left out of the JSON.
        env: variables of all of them.
        is_vague: the values are those of this machine and moment; only shapes are compared.
        has_text: what people read is compared, too.
        not_run: why there is nothing but the help, where that is so.
    """

    runs: tuple[Words, ...] = ()
    before: tuple[Words, ...] = ()
    untold: tuple[Words, ...] = ()
    not_run: str = ""
    env: tuple[tuple[str, str], ...] = ()
    is_vague: bool = False
    has_text: bool = True


def lines(*said: str) -> tuple[Words, ...]:
    """Return command lines: words end at blanks; a word may hold ``␣`` for one."""
    return tuple(tuple(word.replace("␣", " ") for word in line.split()) for line in said)


_FILES = lines(
    "write scratch:box/a.txt --text one",
    "write scratch:box/sub/b.py --text print(1)",
)
_REPOSITORY = lines(
    "exec scratch -- git␣init␣-q␣-b␣main␣proj␣&&␣cd␣proj␣&&␣git␣config␣user.name␣me␣&&␣git␣config␣user.email␣a@b.c␣&&␣"
    "echo␣one␣>␣a␣&&␣git␣add␣a␣&&␣GIT_AUTHOR_DATE=2026-01-02T03:04:05Z␣GIT_COMMITTER_DATE=2026-01-02T03:04:05Z␣"
    "git␣commit␣-q␣-m␣first␣&&␣echo␣two␣>>␣a␣&&␣echo␣new␣>␣b",
)

_MACHINE = ("create --snapshot daytona-vm --name vm",)

CASES = {
    "list": Case(lines("list name:scratch", "list --name-prefix nobody", "list state:")),
    "get": Case(lines("get scratch", "get nobody")),
    "create": Case(
        lines(
            "create --name made --snapshot daytona-small --label a=b --auto-stop 30m",
            "create --name made",
            "create --name x --image python:3.12 --snapshot y",
        )
    ),
    "start": Case(
        lines(
            "start name:hermes-refactor-auth --yes",
            "start name:scratch --dry-run",
            "start scr --yes",
            "start h --yes",
            "start nobody --yes",
        )
    ),
    "stop": Case(lines("stop name:scratch --yes", "stop name:scratch --dry-run")),
    "archive": Case(lines("archive name:hermes-refactor-auth --yes")),
    "resume": Case(lines("resume vm --yes"), lines(*_MACHINE, "pause vm --yes")),
    "restore": Case(lines("restore hermes-refactor-auth --yes"), lines("archive hermes-refactor-auth --yes")),
    "force-stop": Case(lines("force-stop scratch --yes", "force-stop scratch --dry-run")),
    "pause": Case(lines("pause vm scratch --yes"), lines(*_MACHINE)),
    "recover": Case(lines("recover scratch --yes")),
    "resize": Case(
        lines("resize scratch --cpu 3 --dry-run", "resize scratch --cpu 3 --yes", "resize scratch --disk 99 --yes")
    ),
    "fork": Case(lines("fork vm --name twin", "fork vm --name twin", "fork scratch"), lines(*_MACHINE)),
    "delete": Case(
        lines(
            "delete hermes-refactor-auth --dry-run",
            "delete hermes-ref --yes --held",
            "delete hermes-refactor-auth --yes --held",
        )
    ),
    "exec": Case(lines("exec scratch -- echo␣one;␣echo␣two␣>&2;␣exit␣3", "exec nobody -- true")),
    "run": Case(
        lines("run scratch code.py -- a␣b", "run scratch nowhere.py"),
        before=(),
    ),
    "shell": Case(lines("shell scratch --list", "shell scratch"), untold=lines("shell scratch")),
    "logs": Case(lines("logs nightly-etl", "logs nightly-etl nothing")),
    "pull": Case(
        lines(
            "pull scratch:box here --way bulk", "pull scratch:box there --dry-run --way bulk", "pull scratch:nowhere"
        ),
        _FILES,
    ),
    "push": Case(
        lines(
            "push code.py scratch:box/ --way bulk",
            "push code.py scratch: --dry-run --way bulk",
            "push nowhere scratch:",
        )
    ),
    "write": Case(lines("write scratch:box/a.txt --text one", "write scratch:box/a.txt --text two")),
    "ls": Case(lines("ls scratch:box", "ls scratch:nowhere"), _FILES),
    "cat": Case(lines("cat scratch:box/a.txt", "cat scratch:box/a.txt --range -2", "cat scratch:box"), _FILES),
    "du": Case(lines("du scratch:box"), _FILES),
    "find": Case(lines("find scratch:box *.py", "find scratch:box --contains one"), _FILES),
    "leaks": Case(lines("leaks owner:harbor", "leaks name:scratch")),
    "reap": Case(lines("reap owner:harbor", "reap name:scratch")),
    "who": Case(lines("who hermes-docs-crawl")),
    "tape": Case(lines("tape hermes-refactor-auth")),
    "run-once": Case(lines("run-once --snapshot daytona-small -- echo␣one;␣exit␣3", "run-once")),
    "ports": Case(lines("ports scratch", "ports nobody")),
    "preview": Case(
        lines(
            "preview link scratch 3000",
            "preview signed scratch 3000 --for 1h",
            "preview public scratch",
            "preview public scratch on",
            "preview revoke scratch 3000 --token-env GOLDEN",
        ),
        env=(("GOLDEN", "none-of-them"),),
    ),
    "ssh": Case(
        lines(
            "ssh create scratch --for 1h",
            "ssh revoke scratch --token-env GOLDEN",
            "ssh connect nobody",
        ),
        untold=lines("ssh connect nobody"),
        env=(("GOLDEN", "none-of-them"),),
    ),
    "clone": Case(lines("clone scratch http://127.0.0.1:9/nobody/nothing", "clone scratch no")),
    "git": Case(
        lines(
            "git repositories scratch",
            "git status scratch:proj",
            "git log scratch:proj",
            "git branches scratch:proj",
            "git diff scratch:proj",
            "git add scratch:proj a",
            "git unstage scratch:proj a",
            "git commit scratch:proj -a -m second",
            "git checkout scratch:proj -b other",
            "git patch scratch:proj",
            "git fetch scratch:proj",
            "git pull scratch:proj",
            "git push scratch:proj",
        ),
        before=_REPOSITORY,
    ),
    "snapshots": Case(
        lines(
            "snapshots list --own",
            "snapshots create made --image python:3.12",
            "snapshots get made",
            "snapshots deactivate made",
            "snapshots activate made",
            "snapshots log made",
            "snapshots delete made --dry-run",
            "snapshots delete made --yes",
            "snapshots get nobody",
        ),
    ),
    "volumes": Case(
        lines("volumes list", "volumes create made", "volumes delete made --dry-run", "volumes delete made --yes")
    ),
    "secrets": Case(
        lines(
            "secrets create made --value-env GOLDEN --host *.example.org",
            "secrets list",
            "secrets set made --value-env GOLDEN",
            "secrets delete made --yes",
            "secrets create made --value-env MISSING",
        ),
        env=(("GOLDEN", "a-value-that-is-never-shown"),),
    ),
    "regions": Case(lines("regions")),
    "quotas": Case(lines("quotas")),
    "usage": Case(lines("usage --limit 2"), is_vague=True),
    "audit": Case(lines("audit --limit 2", "audit --action delete"), before=lines("stop name:scratch --yes")),
    "login": Case(lines("login --key-env GOLDEN"), env=(("GOLDEN", "dtn_wrong_0123456789"),)),
    "sessions": Case(
        lines(
            "sessions create scratch work",
            "sessions run scratch work -- echo␣one",
            "sessions list scratch",
            "sessions logs scratch work",
            "sessions delete scratch work --yes",
            "sessions delete scratch work --yes",
        )
    ),
    "pty": Case(
        lines(
            "pty create scratch work --size 80x24",
            "pty list scratch",
            "pty resize scratch work 100x30",
            "pty delete scratch work --yes",
        )
    ),
    "completion": Case(not_run="what it prints is for shells; test_completion.py has bash read it"),
    "man": Case(not_run="what it prints is docs/daytona-tui.1"),
    "logout": Case(lines("logout")),
    "doctor": Case(lines("doctor"), is_vague=True, has_text=False),
    "emulator": Case(not_run="it serves until it is ended; its words are told by its own help"),
}
