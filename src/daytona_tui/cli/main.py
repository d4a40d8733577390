"""The command ``daytona-tui``: parser, dispatch, and errors to exit codes.

Nothing is imported before it is needed: ``--help`` and the emulator start without SDK and screen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import argparse

USAGE = (
    "daytona-tui [--local] [--profile NAME] [--read-only] | "
    "daytona-tui {list,start,stop,archive,delete,exec,pull,push,ls,cat,du,find,leaks,reap,who,doctor,emulator} …"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with ``argv`` (that of the process when None) and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["emulator"]:
        return _emulator(words[1:], is_own_process=argv is None)
    return _guarded(words)


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
    from daytona_tui.cli import output, trouble
    from daytona_tui.cli.exit_codes import ExitCode

    output.begin()
    wants_json = "--json" in words and "exec" not in words  # as long as the words are not understood
    try:
        arguments = _parser().parse_args(words)
        wants_json = trouble.wants_json(arguments)
        code = _dispatch(arguments)
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
            return error.code if isinstance(error.code, int) else ExitCode.USAGE  # the help was shown
        _say(error)
        told = trouble.trouble_of(error)
    else:
        if code != ExitCode.TERMINATED:
            return code
        told = trouble.TERMINATED
    if wants_json and not output.is_used():
        _write(trouble.as_object(told))
    return told.exit_code


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


def _write(told: object) -> None:
    """Write what went wrong as JSON; if that cannot be read either, the exit code still tells."""
    from daytona_tui.cli import output

    try:
        output.as_json(told)
    except (BrokenPipeError, output.OutputError):
        _forget_stdout()


def _forget_stdout() -> None:
    """Give the interpreter, which flushes stdout once more on its way out, something that cannot break."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: argparse.Namespace) -> int:
    run = getattr(arguments, "run", None)
    return int(run(arguments)) if run is not None else _screen(arguments)


def _screen(arguments: argparse.Namespace) -> int:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from daytona_tui.cli.trouble import Refusal

        hint = "without one there are subcommands, such as daytona-tui list"
        raise Refusal("no_terminal", "the screen needs a terminal", hint=hint)
    from daytona_tui.bootstrap import ScreenOptions, open_screen
    from daytona_tui.errors import ConfigError

    flags = {"pull_dir": arguments.pull_dir, "poll_s": arguments.poll, "read_only": arguments.read_only}
    is_local = arguments.local or arguments.seed is not None
    if is_local and arguments.profile:
        raise ConfigError("--local and --profile name two connections", hint="leave one of them out")
    options = ScreenOptions(local=is_local, seed=arguments.seed or "demo", profile=arguments.profile, flags=flags)
    return open_screen(options)


def _parser() -> argparse.ArgumentParser:
    import argparse

    from daytona_tui import __version__
    from daytona_tui.cli.subcommands import (
        act,
        cat,
        doctor,
        du,
        execute,
        find,
        leaks,
        list_fleet,
        ls,
        pull,
        push,
        reap,
        who,
    )
    from daytona_tui.cli.trouble import Misuse

    class Parser(argparse.ArgumentParser):
        """Says what it does not understand, and has the program end with it."""

        _is_mixing = False

        def error(self, message: str) -> NoReturn:
            try:
                super().error(message)
            except SystemExit:
                raise Misuse(message) from None

        def parse_known_args(  # type: ignore[override]  # the overloads say the same twice
            self, args: list[str], namespace: Any = None
        ) -> tuple[argparse.Namespace, list[str]]:
            """Take flags between words for what they are; by itself argparse ends a list of words at the first flag."""
            whole = (argparse.PARSER, argparse.REMAINDER)
            has_whole = any(action.nargs in whole for action in self._get_positional_actions())
            if self._is_mixing or has_whole or "--" in args:
                return super().parse_known_args(args, namespace)
            self._is_mixing = True
            try:
                return self.parse_known_intermixed_args(args, namespace)
            finally:
                self._is_mixing = False

    parser = Parser(
        prog="daytona-tui",
        usage=USAGE,
        description="See, enter, empty and clean up Daytona sandboxes. Without a subcommand: the screen.",
        epilog="The connection is taken from DAYTONA_API_KEY, DAYTONA_API_URL, DAYTONA_TARGET, DAYTONA_ORGANIZATION_ID "
        "and DAYTONA_JWT_TOKEN, or from the settings file that doctor names; a profile stands for all of them.",
    )
    parser.add_argument("--version", action="version", version=f"daytona-tui {__version__}")
    parser.add_argument("--local", action="store_true", help="open a local Daytona; needs no account")
    parser.add_argument(
        "--seed", metavar="SEED", type=_seed, help="its fleet: empty, demo (default), fleet:N or leaky:N; means --local"
    )
    parser.add_argument("--pull-dir", metavar="DIR", help="where pulls go (default: here)")
    parser.add_argument(
        "--poll", metavar="S", type=float, help="seconds between two listings of the fleet (default: 5)"
    )
    _add_common(parser, default=None)
    subparsers = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND", prog="daytona-tui")
    for subcommand in (list_fleet, act, execute, pull, push, ls, cat, du, find, leaks, reap, who, doctor):
        subcommand.add_to(subparsers)
    for subparser in subparsers.choices.values():
        # What stands before the subcommand must not be overwritten by what does not stand behind it.
        _add_common(subparser, default=argparse.SUPPRESS)
    # Only for the help: main() gives it its words before they are parsed.
    subparsers.add_parser("emulator", help="serve a local Daytona for other programs", add_help=False)
    return parser


def _add_common(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    """Add the flags that mean the same for the screen and for every subcommand."""
    parser.add_argument(
        "--profile",
        metavar="NAME",
        default=default,
        help="connect as this profile of the settings file, or of the daytona command (default: DAYTONA_TUI_PROFILE)",
    )
    parser.add_argument(
        "--read-only", action="store_const", const=True, default=default, help="change nothing: look, and take home"
    )


def _seed(text: str) -> str:
    import argparse
    import re

    if not re.fullmatch(r"empty|demo|fleet:[0-9]{1,6}|leaky:[0-9]{1,6}(:[0-9]{1,6})?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not empty, demo, fleet:N or leaky:N")
    return text


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
