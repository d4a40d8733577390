"""``doctor``: looks at all that a connection needs, says what to do, and what a bug report needs. Never a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.checkup import Finding
    from daytona_tui.operations.checkup import TerminalFacts

_TAIL_LINES = 10
_LEAST_ROOM = 20
"""Cells in which wrapped words can still be read."""


@grammar.command(
    "doctor",
    short_help="look at credential, connection, server and terminal, and say what to do",
    help="""Look at what a connection needs, and say what to do.

    Which credential is used and where it was found, the address, proxies and netrc, whether the server answers, its
    version and clock, what it lacks, what the key may do, whether news arrive, what the terminal can do, and how
    sandboxes of --local are kept apart. Each is ok, warn or fail; nothing is changed by looking. Before them stands
    what a bug report needs. Holds no credential, so that it can be posted.

    The exit code is that of the first failure: 2 settings or credential, 3 no answer, 4 the key is refused, 1 anything
    else. Warnings count with --strict only, as 1.""",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where there is nothing but warnings.")
@grammar.form_options
def doctor(strict: bool) -> int:
    """Examine and return the exit code."""
    import asyncio

    from daytona_tui import bootstrap
    from daytona_tui.cli import bug_report, running
    from daytona_tui.config.settings import Settings, read_settings
    from daytona_tui.domain.checkup import exit_code_of
    from daytona_tui.errors import ConfigError
    from daytona_tui.operations.checkup import settings_trouble
    from daytona_tui.presentation.phrases import phrase

    arguments = grammar.common()
    trouble = ""
    findings: tuple[Finding, ...] = ()
    try:
        settings = read_settings(profile=arguments.profile, flags={"read_only": arguments.read_only})
    except ConfigError as error:
        settings, trouble, findings = Settings(), phrase(error).line, (settings_trouble(error),)
    diagnostics = bootstrap.start_diagnostics(settings)
    before = diagnostics.tail(_TAIL_LINES)
    if not trouble:
        findings = asyncio.run(running.in_time(_of_connection(settings)))
    findings = (*findings, *_of_machine(settings))
    report = {**bug_report.sections(settings, diagnostics, trouble), "diagnostics": before or ["(nothing)"]}
    code = exit_code_of(findings, is_strict=strict)
    form = grammar.common().form
    if form.is_data:
        from daytona_tui.cli import output

        output.as_data(as_object(findings, report, code), form)
    else:
        _show(findings, report)
    return code


async def _of_connection(settings: Settings) -> tuple[Finding, ...]:
    from datetime import UTC, datetime
    from importlib import metadata

    from daytona_tui import bootstrap
    from daytona_tui.domain.checkup import Grade
    from daytona_tui.errors import ConfigError
    from daytona_tui.operations.checkup import credential_findings, server_findings, settings_trouble

    findings = credential_findings(settings, datetime.now(UTC))
    try:
        if not any(each.grade is Grade.FAIL for each in findings):
            async with bootstrap.headless(settings) as gateway:
                findings = (
                    *findings, *await server_findings(gateway, sdk_version=metadata.version("daytona"))
                )  # fmt: skip
    except ConfigError as error:  # the keyring, or an address that is none
        findings = (*findings, settings_trouble(error))
    return findings


def _of_machine(settings: Settings) -> tuple[Finding, ...]:
    import os
    from pathlib import Path

    from daytona_tui.operations.checkup import hazard_findings, program_findings, terminal_findings

    return (
        *hazard_findings(settings.api_url, os.environ, Path.home(), Path.cwd()),
        *terminal_findings(_terminal()),
        *program_findings(),
        _isolation(),
    )


def _terminal() -> TerminalFacts:
    import locale
    import os
    import shutil
    import sys

    from daytona_tui.operations.checkup import TerminalFacts

    streams = (sys.stdout, sys.stderr, sys.stdin)  # the first may be a pipe, and the terminal there all the same
    terminals = [stream.fileno() for stream in streams if stream is not None and stream.isatty()]
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    size = os.get_terminal_size(terminals[0]) if terminals else shutil.get_terminal_size()
    return TerminalFacts(os.environ, bool(terminals), (size.columns, size.lines), encoding, _clipboard_of_tmux())


def _clipboard_of_tmux() -> str:
    import os
    import subprocess

    if not os.environ.get("TMUX"):
        return ""
    words = ("tmux", "show-options", "-gsv", "set-clipboard")
    try:
        told = subprocess.run(words, capture_output=True, timeout=2, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.decode("utf-8", "replace").strip()[:20]


def _isolation() -> Finding:
    from daytona_tui.domain.checkup import ok, warn
    from daytona_tui.emulator.body.isolation import detect_isolation

    isolation = detect_isolation()
    words = f"sandboxes of --local are isolated by {isolation.name}"
    if isolation.is_isolated:
        return ok("isolation", words)
    return warn(
        "isolation", f"{words}: {isolation.reason}", "install bubblewrap, or run nothing there you do not trust"
    )


def as_object(findings: Sequence[Finding], report: Mapping[str, Sequence[str]], code: int) -> dict[str, object]:
    """Return what ``doctor --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "exit_code": code,
        "findings": [
            {
                "check": each.check,
                "grade": each.grade.value,
                "words": each.words,
                "todo": each.todo,
                "exit_code": each.exit_code,
            }
            for each in findings
        ],
        "report": {title: list(lines) for title, lines in report.items()},
    }


def _show(findings: Sequence[Finding], report: Mapping[str, Sequence[str]]) -> None:
    from daytona_tui.cli import output
    from daytona_tui.presentation.safe_text import safe

    room = _room()
    for title, lines in report.items():
        output.write(f"{title}\n" + "".join(f"  {safe(line)}\n" for line in lines))
    width = max(len(each.check) for each in findings)
    output.write("findings\n")
    for each in findings:
        output.write(_wrapped(f"  {each.grade.value:4}  {each.check:{width}}  ", safe(each.words), room))
        if each.todo:
            output.write(_wrapped(f"  {'':4}  {'':{width}}  → ", safe(each.todo), room))
    output.write(f"  {_summary(findings)}\n\n")


def _room() -> int:
    """Return the cells of a line; 0 where nobody reads them from a terminal, and programs look for whole lines."""
    import shutil
    import sys

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _wrapped(head: str, words: str, room: int) -> str:
    """Return words behind ``head``, in as many lines as they need; long ones such as paths stay whole."""
    import textwrap

    if room < len(head) + _LEAST_ROOM:
        return f"{head}{words}\n"
    width = room - len(head)
    lines = textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False) or [""]
    return f"{head}{lines[0]}\n" + "".join(f"{' ' * len(head)}{line}\n" for line in lines[1:])


def _summary(findings: Sequence[Finding]) -> str:
    from daytona_tui.domain.checkup import Grade

    failed = sum(each.grade is Grade.FAIL for each in findings)
    warned = sum(each.grade is Grade.WARN for each in findings)
    if not failed and not warned:
        return "everything is in order"
    parts = [f"{failed} failed"] * bool(failed) + [f"{warned} to know of"] * bool(warned)
    return ", ".join(parts)
