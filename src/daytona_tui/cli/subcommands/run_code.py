"""``run``: code from here, run in a sandbox without being a file there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar, remote_words
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.code import CodeOutcome
    from daytona_tui.domain.ports import Gateway

_LANGUAGES = ("python", "javascript", "typescript")
SUFFIXES = {".py": "python", ".js": "javascript", ".cjs": "javascript", ".mjs": "javascript", ".ts": "typescript"}
_MOST_CODE = 16 << 20


@grammar.command(
    "run",
    short_help="run code of yours in a sandbox",
    help="""Run a program that is a file here, standard input (-) or --code, in a sandbox that runs.

    Its output comes when it has ended, its charts with --charts.""",
    epilog="Returns the code's own exit code. Without --timeout only the sandbox's own limit holds, if it has one. "
    "Ctrl+c and SIGTERM end it, with everything it started.",
)
@grammar.sandbox_argument
@click.argument("file", metavar="FILE|-", required=False, help="the code, unless --code has it")
@click.argument("args", metavar="[-- ARG...]", nargs=-1, type=click.UNPROCESSED, help="its arguments")
@click.option("--code", metavar="CODE", help="run this code; all words behind the sandbox are its arguments then")
@click.option(
    "--language",
    type=click.Choice(_LANGUAGES),
    help="what it is written in (default: as the name of the file says; python for --code)",
)
@remote_words.circumstances
@click.option("--charts", metavar="DIR", type=Path, help="keep the charts that it shows here")
@grammar.form_options
def run_code(sandbox: str, file: str | None, args: tuple[str, ...], **said: Any) -> int:
    """Run and return the exit code."""
    from daytona_tui.cli import running

    wanted = sandbox
    given: str | None = said["code"]
    source, words = _source(file, args, given)
    language = _language(source, said["language"] or ("python" if given is not None else ""))

    async def executed(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli.relaying import TIMED_OUT
        from daytona_tui.cli.trouble import Refusal
        from daytona_tui.domain.code import Language
        from daytona_tui.errors import OperationTimeoutError
        from daytona_tui.operations.code import CodeOrder, outcome_of
        from daytona_tui.operations.find import find, require_running

        code = given if given is not None else await read_code(source)
        sandbox = await find(gateway, wanted)
        require_running(sandbox)
        # A script looks for its arguments behind its own name.
        argv = words if language == "python" else [source, *words]
        timeout_s = grammar.common().clock.for_program()
        envs = dict(said["env"])
        try:
            order = CodeOrder(Language(language), code, argv=argv, envs=envs, timeout_s=timeout_s)
            outcome = await outcome_of(gateway, sandbox.id, order)
        except OperationTimeoutError as error:
            if timeout_s is None:
                raise
            raise Refusal("not_settled", error.message, exit_code=TIMED_OUT) from error
        return await _tell(outcome, said["charts"], form=grammar.common().form)

    return running.run(executed, acts=True)


def _source(file: str | None, args: tuple[str, ...], code: str | None) -> tuple[str, list[str]]:
    """Return where the code is, - where it is no file, and the words that are its arguments."""
    from daytona_tui.cli.trouble import Refusal

    if code is not None:
        if not code.strip():
            raise Refusal("usage", "--code is empty")
        return "-", [*([file] if file is not None else []), *args]
    if file is None:
        raise Refusal("usage", "there is no code to run", hint="say a FILE, - for standard input, or --code CODE")
    return file, list(args)


def _language(file: str, said: str) -> str:
    from daytona_tui.cli.trouble import Refusal

    language = said or SUFFIXES.get(Path(file).suffix.lower(), "")
    if not language:
        hint = f"--language says it: {', '.join(_LANGUAGES)}"
        raise Refusal("usage", f"{file} does not tell what it is written in", hint=hint)
    return language


async def read_code(file: str) -> str:
    """Return the code.

    Raises:
        Refusal: it cannot be read, or is no code.
    """
    import asyncio

    from daytona_tui.cli import stdin
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.presentation.phrases import os_reason

    name = "standard input" if file == "-" else file
    data = b""
    try:
        if file == "-":
            async for chunk in stdin.chunks():
                data += chunk
                if len(data) > _MOST_CODE:
                    break
        else:
            data = await asyncio.to_thread(_beginning, Path(file))
        text = data.decode()
    except OSError as error:
        raise Refusal("usage", f"{name}: {os_reason(error)}") from error
    except UnicodeDecodeError as error:
        raise Refusal("usage", f"{name} is not UTF-8 text") from error
    if len(data) > _MOST_CODE:
        hint = "push it, and run it there with exec"
        raise Refusal("usage", f"{name} is larger than {_MOST_CODE >> 20} MiB", hint=hint)
    if not text.strip():
        raise Refusal("usage", f"{name} is empty")
    return text


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_CODE + 1)


async def _tell(outcome: CodeOutcome, folder: Path | None, *, form: Form) -> int:
    """Write what came of it, keep its charts, and return the exit code."""
    from daytona_tui.cli import narration, output
    from daytona_tui.cli.remote_output import RemoteOutput
    from daytona_tui.cli.subcommands.execute import exit_code
    from daytona_tui.domain.executions import Stream
    from daytona_tui.operations.chart_files import save_chart
    from daytona_tui.presentation.phrases import os_reason

    if not form.is_data:
        RemoteOutput().write(Stream.STDOUT, outcome.output)
    charts: list[dict[str, str | None]] = []
    failed = False
    for chart in outcome.charts:
        kept: Path | None = None
        if folder is not None and chart.png:
            try:
                kept = await save_chart(folder, chart)
                narration.say(f"{chart.title or 'chart'}: {kept}")
            except OSError as error:
                failed = True
                narration.say(f"{chart.title or 'chart'} is not kept: {folder}: {os_reason(error)}")
        charts.append({"title": chart.title, "kind": chart.kind, "file": str(kept) if kept is not None else None})
    if charts and folder is None:
        narration.say(f"charts it showed: {len(charts)}; --charts DIR keeps them")
    if form.is_data:
        output.as_data({"exit_code": outcome.exit_code, "output": outcome.output, "charts": charts}, form)
    code = exit_code(outcome.exit_code if outcome.exit_code >= 0 else None)
    return code or int(failed)
