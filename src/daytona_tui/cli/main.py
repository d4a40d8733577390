"""The command ``daytona-tui``: dispatch, and errors to exit codes.

Nothing is imported before it is needed: ``--help`` and the emulator start without SDK and screen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daytona_tui.cli import grammar

_COMPLETING = "_DAYTONA_TUI_COMPLETE"
"""As in ``completing``, which is not loaded for this."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with ``argv`` (that of the process when None) and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if asked := os.environ.get(_COMPLETING):
        return _complete(asked)
    if words[:1] == ["emulator"]:
        return _emulator(words[1:], is_own_process=argv is None)
    return _guarded(words)


def _complete(asked: str) -> int:
    """Answer a shell that asks what can stand where the cursor is."""
    from daytona_tui.cli import completing, output

    try:
        output.write(completing.answer(asked) + "\n")
    except (BrokenPipeError, output.OutputError):
        _forget_stdout()
    return 0


def _emulator(words: Sequence[str], *, is_own_process: bool) -> int:
    if is_own_process:
        from daytona_tui.emulator.starting import end_quietly_until_ready

        end_quietly_until_ready()
    try:
        from daytona_tui.emulator.command import main as emulator

        return emulator(words)
    except KeyboardInterrupt:  # before it served anything
        return 0


def _guarded(words: Sequence[str]) -> int:
    """Run and turn whatever is raised into words on stderr, an object where JSON was asked for, and an exit code."""
    from daytona_tui.cli import grammar, output, trouble
    from daytona_tui.cli.exit_codes import ExitCode

    output.begin()
    wants_json = _wants_json(words)  # as long as they are not understood
    said = grammar.Common()
    try:
        code = _understood(words, said)
    except BrokenPipeError:
        _forget_stdout()
        return ExitCode.BROKEN_PIPE
    except output.OutputError as error:
        from daytona_tui.cli import narration

        _forget_stdout()
        narration.say(f"cannot write the output: {error}")
        return ExitCode.FAILED
    except (SystemExit, KeyboardInterrupt, Exception) as error:
        if isinstance(error, SystemExit) and not isinstance(error, trouble.Misuse):
            return error.code if isinstance(error.code, int) else ExitCode.USAGE
        _say(error)
        told = trouble.trouble_of(error)
    else:
        if code != ExitCode.TERMINATED:
            return code
        told = trouble.TERMINATED
    if ((wants_json and not said.is_understood) or said.form.is_data) and not output.is_used():
        _write(trouble.as_object(trouble.with_way_on(told, said)), said.form)
    return told.exit_code


def _wants_json(words: Sequence[str]) -> bool:
    """Return whether words that are not understood ask for JSON; those of another program ask for nothing here."""
    ours = list(words[: words.index("--")] if "--" in words else words)
    if "exec" in ours or {"ssh", "connect"} <= set(ours):  # whose other words need no --
        return False
    return "--json" in ours or "--jsonl" in ours


def _say(error: BaseException) -> None:
    """Say what went wrong on stderr."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.trouble import Misuse, Refusal
    from daytona_tui.errors import DaytonaTuiError

    if isinstance(error, Refusal):
        narration.refuse(error)
    elif isinstance(error, DaytonaTuiError):
        from daytona_tui.presentation.phrases import phrase

        narration.complain(phrase(error))
    elif isinstance(error, Exception) and not isinstance(error, Misuse):
        _record(error)


def _write(told: object, form: grammar.Form) -> None:
    """Write what went wrong as JSON; if that cannot be read either, the exit code still tells."""
    from daytona_tui.cli import output

    try:
        output.as_data(told, form)
    except (BrokenPipeError, output.OutputError):
        _forget_stdout()


def _forget_stdout() -> None:
    """Give the interpreter, which flushes stdout once more on its way out, something that cannot break."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _understood(words: Sequence[str], said: grammar.Common) -> int:
    """Run what ``words`` mean and return the exit code; what is not understood is told here.

    Click's own ``main`` is not used: it would have another exit code for a reader that went away.
    """
    import click

    from daytona_tui.cli import parsing
    from daytona_tui.cli.trouble import Misuse

    whole = parsing.whole()
    try:
        with whole.make_context("daytona-tui", list(words), obj=said) as context:
            return int(whole.invoke(context) or 0)
    except click.exceptions.Exit as done:  # the help was shown
        return done.exit_code
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        raise Misuse(error.format_message()) from None


def _record(error: Exception) -> None:
    """Write a mistake of ours into the diagnostics, with its traceback, and only there."""
    import logging

    from daytona_tui.cli import narration
    from daytona_tui.config import paths
    from daytona_tui.diagnostics import Diagnostics
    from daytona_tui.presentation.phrases import phrase

    if not logging.getLogger().handlers:
        Diagnostics(paths.diagnostics_file()).start()
    logging.getLogger(__name__).error("internal error", exc_info=error)
    narration.complain(phrase(error))
    narration.say(f"diagnostics: {paths.diagnostics_file()}")
