"""What ``pull`` and ``push`` share: flags, the plan in words and as JSON, questions, progress, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from daytona_tui.cli import amounts, grammar, places
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.grammar import Said
from daytona_tui.cli.trouble import Refusal, declined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.transfers import (
        ConflictPolicy,
        PlanSummary,
        TransferItem,
        TransferOptions,
        TransferProgress,
        TransferReport,
    )

_Function = TypeVar("_Function", bound=Callable[..., Any])

_NAMED_AT_MOST = 20
_POLICIES = ("overwrite", "skip", "newer", "rename", "fail")
_WAYS = ("auto", "bulk", "stream", "tar")


EXCLUSIVE = [("conflict", "overwrite", "skip")]
"""The flags of which only one can hold."""


_FLAGS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--conflict",
        type=click.Choice(_POLICIES),
        help="what to do with a file that exists and differs: overwrite, skip, overwrite if the new one is "
        "newer, give the new one another name, or copy nothing at all (default: ask at a terminal, fail "
        "elsewhere)",
    ),
    click.option("--overwrite", is_flag=True, help="the same as --conflict overwrite"),
    click.option("--skip", is_flag=True, help="the same as --conflict skip"),
    click.option(
        "--ignore",
        metavar="PATTERN",
        multiple=True,
        help="leave this out, as in a .gitignore; may be repeated",
    ),
    click.option("--gitignore", is_flag=True, help="leave out what the .gitignore files on the way say"),
    click.option(
        "--everything",
        is_flag=True,
        help="also what can be had again, such as caches and installed packages",
    ),
    click.option(
        "--equal",
        type=click.Choice(["time", "checksum", "never"]),
        default="time",
        help="what is not copied again: the same size and time, the same size and SHA-256, or nothing (default: time)",
    ),
    click.option(
        "--way",
        type=click.Choice(_WAYS),
        default="auto",
        help="how it travels (default: whatever is quickest)",
    ),
    click.option("--no-checksum", is_flag=True, help="verify sizes only, not SHA-256"),
    click.option("--no-resume", is_flag=True, help="begin anew, and keep nothing when interrupted"),
    click.option("--max-files", metavar="N", type=amounts.count_of, help="ask before copying more files"),
    click.option("--max-size", metavar="SIZE", type=amounts.size_of, help="ask before copying more: 10G"),
    click.option("--yes", is_flag=True, help="do not ask"),
    click.option("--dry-run", is_flag=True, help="only say what would be copied"),
    grammar.form_options,
    click.option("-q", "--quiet", is_flag=True, help="say nothing on the way"),
    places.start_option,
)


def flags(function: _Function) -> _Function:
    """Give a subcommand the flags that say how to copy; ``said`` makes one thing of them."""
    for option in reversed(_FLAGS):
        function = option(function)
    return function


def said(words: dict[str, Any]) -> Said:
    """Return the words of a subcommand that has these flags: ``conflict`` is whichever was said."""
    policy = words["conflict"] or ("overwrite" if words["overwrite"] else "skip" if words["skip"] else None)
    return Said(**{**words, "conflict": policy, "form": grammar.common().form})


def options_of(arguments: Said) -> TransferOptions:
    """Return how to copy, as the command line has it."""
    from daytona_tui.domain.transfers import MAX_BYTES, MAX_FILES, ConflictPolicy, Equality, TransferOptions, Way

    return TransferOptions(
        conflict=ConflictPolicy(arguments.conflict or "fail"),
        way=Way(arguments.way),
        ignore=tuple(arguments.ignore),
        ignore_usual=not arguments.everything,
        gitignore=arguments.gitignore,
        equality=Equality(arguments.equal),
        checksums=not arguments.no_checksum,
        resume=not arguments.no_resume,
        max_files=MAX_FILES if arguments.max_files is None else arguments.max_files,
        max_bytes=MAX_BYTES if arguments.max_size is None else arguments.max_size,
    )


class Telling:
    """Progress on stderr, unless nobody wants it."""

    def __init__(self, arguments: Said) -> None:
        from daytona_tui.cli import narration

        self._is_quiet = arguments.quiet
        self._shown = narration.Progress()

    def __call__(self, progress: TransferProgress) -> None:
        """Show how far it is."""
        if not self._is_quiet:
            self._shown.show(progress_words(progress))

    def end(self) -> None:
        """Take the line away."""
        self._shown.end()


def progress_words(progress: TransferProgress) -> str:
    """Return how far a transfer is, in one line: hostile text."""
    from daytona_tui.domain.files import file_name
    from daytona_tui.presentation.human import duration, rate, size

    if progress.waiting:
        return progress.waiting
    if progress.fraction is None:
        return f"listing … {file_name(progress.current)}".rstrip()
    parts = [
        f"{progress.fraction:4.0%}",
        f"{progress.files_done:,}/{progress.files_total:,} files",
        f"{size(progress.bytes_done)} of {size(progress.bytes_total)}",
    ]
    if progress.bytes_per_s:
        parts.append(rate(progress.bytes_per_s))
    if progress.eta_s is not None:
        parts.append(f"{duration(progress.eta_s)} left")
    return "  ".join((*parts, file_name(progress.current)))


async def agreed_policy(summary: PlanSummary, arguments: Said) -> ConflictPolicy | None:
    """Ask what the plan leaves open; return the answer to its conflicts, None where that stands already.

    Raises:
        Refusal: a question was answered with no, or nobody is there to answer it.
        TransferError: files exist and differ, and nobody has said or can be asked what to do with them.
    """
    from daytona_tui.cli import asking
    from daytona_tui.domain.transfers import ConflictPolicy
    from daytona_tui.errors import TransferError
    from daytona_tui.presentation.transfers import counted

    if summary.questions and not arguments.yes:
        said = "; ".join(summary.questions)
        if not asking.can_ask():
            raise Refusal("too_many", f"nothing was copied: {said}", hint="--yes copies all of it without asking")
        if not await asking.agreed(f"{said}. Copy all of it?", "yes"):
            raise declined()
    if not summary.conflicts or arguments.conflict not in (None, "fail"):
        return None
    _name("conflict", summary.conflicts)
    found = counted(len(summary.conflicts), "file exists and differs", "files exist and differ")
    if arguments.conflict or arguments.yes or not asking.can_ask():
        hint = f"say what to do with what exists: --conflict {'|'.join(_POLICIES[:-1])}"
        raise TransferError(f"nothing was copied: {found}", hint=hint)
    answer = await asking.answer(f"{found}. Type {', '.join(_POLICIES[:-1])} to go on:")
    if answer not in _POLICIES[:-1]:
        raise declined()
    return ConflictPolicy(answer)


def show_plan(summary: PlanSummary, arguments: Said, about: dict[str, object]) -> None:
    """Show what would be copied: as words, or as JSON."""
    from daytona_tui.cli import narration, output

    if arguments.form.is_data:
        output.as_data(plan_object(summary, about), arguments.form)
        return
    for line in plan_lines(summary):
        output.line(line)
    _name("conflict", summary.conflicts)
    _name("left out", summary.left_out)
    _name("cannot be copied", summary.failed)
    if summary.conflicts and arguments.conflict in (None, "fail"):
        narration.say("without --dry-run nothing would be copied: say with --conflict what to do with what exists")
    for question in summary.questions:
        narration.say(f"without --dry-run it would be asked whether that is meant: {question}")


def plan_lines(summary: PlanSummary) -> list[str]:
    """Return what would be copied, a fact a line; the destination is hostile text."""
    from daytona_tui.presentation.human import duration
    from daytona_tui.presentation.transfers import counted, spelt

    parts = [f"{counted(summary.files, 'file')}, {spelt(summary.size_bytes)}"]
    if summary.directories:
        parts.append(counted(summary.directories, "directory", "directories"))
    if summary.links:
        parts.append(counted(summary.links, "link"))
    lines = [f"would copy  {', '.join(parts)}", f"to          {summary.destination}"]
    if summary.equal:
        lines.append(f"there       {counted(summary.equal, 'file')}, the same")
    if summary.resumed_files:
        arrived = f"{counted(summary.resumed_files, 'file')}, {spelt(summary.resumed_bytes)}"
        lines.append(f"arrived     {arrived}, before the interruption")
    if summary.conflicts:
        lines.append(f"conflicts   {len(summary.conflicts):,}")
    if summary.left_out:
        lines.append(f"left out    {len(summary.left_out):,}")
    about = f", about {duration(summary.seconds)}" if summary.seconds is not None else ""
    return [*lines, f"way         {summary.way.value}{about}"]


def conclude(report: TransferReport, destination: str, arguments: Said, about: dict[str, object]) -> int:
    """Tell what came of a transfer, and return the exit code.

    Args:
        report: what came of it.
        destination: how a person says where it is now.
        arguments: of the command line.
        about: what the object begins with.
    """
    from daytona_tui.cli import narration, output

    if arguments.form.is_data:
        output.as_data(report_object(report, about), arguments.form)
    else:
        output.line(destination)
    _name("left out", report.left_out)
    _name("failed", report.failed)
    if not arguments.quiet:
        narration.say(report_words(report))
    return ExitCode.INCOMPLETE if report.failed else ExitCode.OK


def report_words(report: TransferReport) -> str:
    """Return what came of a transfer, in one line."""
    from daytona_tui.presentation.human import duration, rate
    from daytona_tui.presentation.transfers import counted, spelt

    speed = f", {rate(report.size_bytes / report.seconds)}" if report.size_bytes and report.seconds > 1 else ""
    parts = [f"{counted(report.files, 'file')}, {spelt(report.size_bytes)} in {duration(report.seconds)}{speed}"]
    if report.resumed_files:
        parts.append(f"{report.resumed_files:,} of them had arrived before")
    if report.equal:
        parts.append(f"{report.equal:,} there already")
    if report.links:
        parts.append(counted(report.links, "link"))
    if report.ways:
        parts.append(f"by {' and '.join(way.value for way in report.ways)}")
    if report.verified and report.files:
        parts.append(f"compared {report.verified}")
    return "; ".join(parts)


def about_object(sandbox: Sandbox, direction: str, source: Sequence[str]) -> dict[str, object]:
    """Return what an object of a transfer begins with."""
    return {"direction": direction, "sandbox": {"id": sandbox.id, "name": sandbox.name}, "source": list(source)}


def plan_object(summary: PlanSummary, about: dict[str, object]) -> dict[str, object]:
    """Return what ``--dry-run --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        **about,
        "destination": summary.destination,
        "is_dry_run": True,
        "files": summary.files,
        "size_bytes": summary.size_bytes,
        "directories": summary.directories,
        "links": summary.links,
        "equal": summary.equal,
        "resumed_files": summary.resumed_files,
        "resumed_bytes": summary.resumed_bytes,
        "conflicts": _items(summary.conflicts),
        "left_out": _items(summary.left_out),
        "failed": _items(summary.failed),
        "questions": list(summary.questions),
        "way": summary.way.value,
        "seconds": summary.seconds,
    }


def report_object(report: TransferReport, about: dict[str, object]) -> dict[str, object]:
    """Return what ``--json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        **about,
        "destination": report.destination,
        "is_dry_run": False,
        "files": report.files,
        "size_bytes": report.size_bytes,
        "links": report.links,
        "equal": report.equal,
        "resumed_files": report.resumed_files,
        "left_out": _items(report.left_out),
        "failed": _items(report.failed),
        "ways": [way.value for way in report.ways],
        "verified": report.verified,
        "seconds": round(report.seconds, 3),
    }


def _items(items: Sequence[TransferItem]) -> list[dict[str, str]]:
    return [{"path": item.path, "reason": item.reason} for item in items]


def _name(what: str, items: Sequence[TransferItem]) -> None:
    from daytona_tui.cli import narration

    for item in items[:_NAMED_AT_MOST]:
        narration.say(f"{what}: {item.path}: {item.reason}")
    if len(items) > _NAMED_AT_MOST:
        narration.say(f"{what}: {len(items) - _NAMED_AT_MOST} more")
