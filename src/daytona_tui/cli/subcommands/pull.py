"""``pull``: a file or a directory out of a sandbox."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.transfers import TransferItem, TransferProgress, TransferReport

_NAMED_AT_MOST = 20


def add_to(subparsers: Any) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "pull",
        help="copy a file or a directory out of a sandbox",
        description="Copy a file or a directory out of a sandbox that runs, byte for byte; writes the destination to "
        "stdout. A pull that fails or is interrupted leaves nothing behind.",
    )
    parser.add_argument("sandbox", metavar="SANDBOX", help="id, name, or the beginning of one")
    parser.add_argument(
        "path", metavar="PATH", help="absolute, or relative to the sandbox's working directory; . is it"
    )
    parser.add_argument(
        "dest",
        metavar="DEST",
        nargs="?",
        help="as with cp: an existing directory gets it inside, any other name becomes its name (default: "
        "./SANDBOX/PATH)",
    )
    present = parser.add_mutually_exclusive_group()
    present.add_argument("--overwrite", action="store_true", help="replace files that exist (default: fail)")
    present.add_argument("--skip", action="store_true", help="leave out files that exist")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Pull and return the exit code."""
    from daytona_tui.cli import running

    async def pulled(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import narration
        from daytona_tui.domain.transfers import ConflictPolicy
        from daytona_tui.operations.copy import default_destination, pull
        from daytona_tui.operations.find import find, require_running

        sandbox = await find(gateway, arguments.sandbox)
        require_running(sandbox)
        work_dir = await gateway.work_dir(sandbox.id)
        path = remote_path(arguments.path, work_dir)
        usual = default_destination(sandbox, path, work_dir, settings.pull_dir)
        destination = usual if arguments.dest is None else _as_cp(arguments.dest, usual.name, path)
        flags = {ConflictPolicy.OVERWRITE: arguments.overwrite, ConflictPolicy.SKIP: arguments.skip}
        conflict = next((policy for policy, given in flags.items() if given), ConflictPolicy.FAIL)
        live = narration.LiveLine()
        try:
            report = await pull(
                gateway,
                sandbox.id,
                path,
                destination,
                conflict=conflict,
                on_progress=lambda progress: live.show(_progress(progress)),
            )
        finally:
            live.end()
        return _conclude(report)

    return running.run(pulled, arguments)


def remote_path(path: str, work_dir: str) -> str:
    """Return the absolute path in the sandbox that a person means by ``path``."""
    import posixpath

    return posixpath.normpath(posixpath.join(work_dir, path))


def _as_cp(dest: str, name: str, path: str) -> Path:
    from pathlib import Path

    destination = Path(dest).expanduser()
    is_inside = dest.endswith("/") or destination.is_dir()
    return destination / name if is_inside and path != "/" else destination


def _progress(progress: TransferProgress) -> str:
    from daytona_tui.presentation.human import size

    if progress.fraction is None:
        return "listing …"
    done = f"{progress.files_done}/{progress.files_total} files"
    amount = f"{size(progress.bytes_done)} of {size(progress.bytes_total)}"
    return f"{progress.fraction:4.0%}  {done}  {amount}  {progress.current}"


def _conclude(report: TransferReport) -> int:
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.presentation.human import duration, size

    output.line(report.destination)
    _name("left out", report.left_out)
    _name("failed", report.failed)
    files = f"{report.files} file{'' if report.files == 1 else 's'}"
    narration.say(f"{files}, {size(report.size_bytes)} in {duration(report.seconds)}")
    return ExitCode.INCOMPLETE if report.failed else ExitCode.OK


def _name(what: str, items: tuple[TransferItem, ...]) -> None:
    from daytona_tui.cli import narration

    for item in items[:_NAMED_AT_MOST]:
        narration.say(f"{what}: {item.path}: {item.reason}")
    if len(items) > _NAMED_AT_MOST:
        narration.say(f"{what}: {len(items) - _NAMED_AT_MOST} more")
