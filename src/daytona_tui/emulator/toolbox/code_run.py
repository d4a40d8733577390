"""One program in Python, JavaScript or TypeScript, run to its end: ``process/code-run``."""

from __future__ import annotations

import asyncio
import base64
import errno
import re
import secrets
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import StartError
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.toolbox.charts import take_charts
from daytona_tui.emulator.toolbox.execute import timeout_field
from daytona_tui.emulator.toolbox.requests import Resolve, env_field, json_body, routes_with, text_field
from daytona_tui.emulator.toolbox.running import Order, Outcome, run

CHART_WATCHER = Path(__file__).with_name("chart_watcher.py")
_PLOTS = re.compile(r"^[^#\n]*\b(?:import|from)\b[^#\n]*\bmatplotlib\b|__import__\(\s*['\"]matplotlib", re.MULTILINE)
_NO_FILE = "process.argv.splice(1, 1); "
"""Put before scripts, on their first line: their arguments begin where the daemon's do."""

_TRANSLATED = """\
code=$(esbuild --loader=ts --format=cjs --log-level=error <"$1") || exit
shift
printf '%s\\n' "$code" | node - "$@"
"""
"""Runs a file by translating it first."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A program that runs code: from standard input, or from a file whose name it is given in place of ``FILE``.

    Attributes:
        argv: the program with what comes before the code's own arguments.
        probe: arguments with which it ends well if it is new enough; empty when any version will do.
        name: what is missing where it cannot run; by default the program.
    """

    argv: Sequence[str]
    probe: Sequence[str] = ()
    name: str = ""


FILE = "FILE"
RUNNERS: dict[str, tuple[Runner, ...]] = {
    "python": (Runner(["python3", "-u", "-"]), Runner(["python", "-u", "-"]), Runner([sys.executable, "-u", "-"])),
    "javascript": (Runner(["node", "-"]), Runner(["bun", "run", FILE]), Runner(["deno", "run", "-A", FILE])),
    "typescript": (
        Runner(["ts-node", "-T", "-O", '{"module":"CommonJS"}', FILE]),  # what the daemon takes
        Runner(["tsx", FILE]),
        Runner(
            ["node", "--no-warnings", "--experimental-strip-types", FILE],
            ["--experimental-strip-types", "--eval", ""],  # from 22.6 on
        ),
        Runner(["bun", "run", FILE]),
        Runner(["deno", "run", "-A", FILE]),
        Runner(["sh", "-c", _TRANSLATED, "sh", FILE], ["-c", "command -v esbuild && command -v node"], "esbuild"),
    ),
}
"""What runs a language: the first that is there."""
SUFFIXES = {"javascript": ".cjs", "typescript": ".ts"}


def code_run_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the route of code."""
    return [routes_with(resolve)(web.post, "/process/code-run", code_run)]


async def code_run(request: web.Request, box: Box) -> web.Response:
    """Run code and answer its exit code, what it printed, and the charts it showed."""
    body = await json_body(request)
    language = text_field(body, "language")
    if language not in RUNNERS:
        raise daemon_error(400, f"unsupported language: {language}")
    code = text_field(body, "code", required=True)
    order = Order(
        argv=_argv(body),
        timeout_s=timeout_field(body),
        env=env_field(body, "envs"),
        is_merged=True,
        outlives_client=True,  # the daemon looks after its clients for terminals and logs alone
    )
    mark = ""
    if language != "python":
        code = _NO_FILE + code
    elif _PLOTS.search(code):
        mark = secrets.token_hex(16)
        code = await _watched(code, mark)
    outcome = await _run(request, box, language, code, order)
    result, charts = take_charts(outcome.output.decode("utf-8", "replace"), mark)
    answer: dict[str, object] = {"exitCode": outcome.code, "result": result}
    return web.json_response({**answer, **({"artifacts": {"charts": charts}} if charts else {})})


def _argv(body: dict[str, Any]) -> list[str]:
    argv = body.get("argv") or []
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        raise daemon_error(400, "argv must be a list of strings")
    return argv


async def _watched(code: str, mark: str) -> str:
    """Return a program that runs ``code`` and describes its charts between two ``mark``s."""
    watcher = await asyncio.to_thread(CHART_WATCHER.read_text, encoding="utf-8")
    packed = base64.b64encode(code.encode("utf-8", "replace")).decode()
    return f"{watcher}\n\nwatch({packed!r}, {mark!r})\n"


async def _run(request: web.Request, box: Box, language: str, code: str, order: Order) -> Outcome:
    """Run code with the first program that can."""
    place = box.root / "run" / f"code-{uuid.uuid4().hex}{SUFFIXES.get(language, '')}"
    inside = f"{box.run_dir}/{place.name}"
    try:
        for runner in RUNNERS[language]:
            if not await _can_run(request, box, runner):
                continue
            is_filed = FILE in runner.argv
            if is_filed:
                await asyncio.to_thread(place.write_text, code, encoding="utf-8")
            argv = [inside if word == FILE else word for word in runner.argv]
            given = b"" if is_filed else code.encode("utf-8", "replace")
            try:
                return await run(request, box, replace(order, argv=[*argv, *order.argv], given=given))
            except StartError as error:
                if error.stage != "exec" or error.number not in (errno.ENOENT, errno.EACCES):
                    raise daemon_error(400, f"the code cannot be started: {error}") from error
    finally:
        await asyncio.to_thread(place.unlink, missing_ok=True)
    names = ", ".join(dict.fromkeys(runner.name or Path(runner.argv[0]).name for runner in RUNNERS[language]))
    raise daemon_error(400, f"{language} cannot be run in this sandbox: it needs one of {names} that understands it")


async def _can_run(request: web.Request, box: Box, runner: Runner) -> bool:
    """Whether a program is new enough; one that is not there at all is noticed when it is started."""
    if not runner.probe:
        return True
    try:
        outcome = await run(request, box, Order(argv=[runner.argv[0], *runner.probe], timeout_s=30))
    except StartError:
        return False
    return outcome.code == 0
