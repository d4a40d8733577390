"""Logs on standard output: the list of them, the lines of one, and what is kept of those that are gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daytona_tui.cli import narration, output
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.grammar import Form
from daytona_tui.cli.trouble import Refusal
from daytona_tui.domain.ansi import stripped
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.operations.logs.source import Noted, Skipped, Source, SourceKind
from daytona_tui.operations.logs.sources import file_source, said_source, sources
from daytona_tui.operations.tail import Dropped, Ended
from daytona_tui.presentation.human import age, size
from daytona_tui.presentation.safe_text import safe

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.logs.kept import KeptLog, KeptLogs, KeptSandbox
    from daytona_tui.operations.logs.sifting import SiftedLine, Wish
    from daytona_tui.operations.logs.source import LogEvent

_QUIET_S = 1.0
_TITLE_CELLS = 60


@dataclass(frozen=True)
class Asked:
    """What is wanted of a log.

    Attributes:
        wish: which lines.
        follows: stay for what is added.
        form: TEXT, or else an object for each line.
    """

    wish: Wish
    follows: bool = False
    form: Form = Form.TEXT


async def show_list(gateway: Gateway, sandbox: Sandbox, kept: KeptSandbox | None, *, form: Form) -> int:
    """Write the logs of a sandbox, and after them which are ``kept``; return the exit code."""
    rows = await sources(gateway, sandbox)
    if form.is_data:
        output.as_data([*map(as_object, rows), *(_kept_objects(kept) if kept else ())], form)
        return ExitCode.OK
    if not rows and not kept:
        narration.say(f"{sandbox.name} has no logs")
    if rows:
        now = datetime.now(UTC)
        head, right = ("KIND", "STATE", "SIZE", "AGE", "SOURCE", "WHAT"), (False, False, True, True, False, False)
        output.table(head, [_row(row, now) for row in rows], right=right, room=output.room_of_terminal())
    if kept:
        narration.say(f"{_standing(sandbox)}: what was read from here is kept")
        _list_kept(kept)
    return ExitCode.OK


def _row(row: Source, now: datetime) -> list[str]:
    weight = "—" if row.size_bytes is None else size(row.size_bytes)
    begun = row.started_at or row.changed_at
    since = None if begun is None else (now - begun).total_seconds()
    title = "" if row.title == row.id else safe(" ".join(row.title.split()))
    return [row.kind.value, _state(row), weight, age(since), safe(row.id), title[:_TITLE_CELLS]]


def _state(row: Source) -> str:
    if row.exit_code is not None:
        return f"exit {row.exit_code}"
    return "runs" if row.is_running else "—"


def as_object(row: Source) -> dict[str, object]:
    """Return a log as ``logs --json`` lists it. The keys are a promise: more may come, none goes or changes."""
    return {
        "source": row.id,
        "kind": row.kind.value,
        "title": row.title,
        "session_id": row.session_id or None,
        "command_id": row.execution_id or None,
        "is_running": row.is_running,
        "exit_code": row.exit_code,
        "size_bytes": row.size_bytes,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "changed_at": row.changed_at.isoformat() if row.changed_at else None,
    }


async def meant(gateway: Gateway, sandbox: Sandbox, said: str) -> Source:
    """Return the log that ``said`` means.

    Raises:
        Refusal: there is none, or several.
    """
    from daytona_tui.cli.places import remote_path

    if said.startswith(("/", "~", "./", "../")):
        return file_source(sandbox.id, remote_path(said, await gateway.work_dir(sandbox.id)))
    rows = await sources(gateway, sandbox)
    found = said_source(rows, said)
    if found and (len(found) == 1 or said == found[0].session_id):
        return found[0]  # of a session the newest command, or one that runs
    hint = f"daytona-tui logs {sandbox.name} lists them"
    if found:
        raise Refusal("ambiguous", f"{said} means several logs", hint=hint, below=[row.id for row in found[:8]])
    if sandbox.is_running:
        path = remote_path(said, await gateway.work_dir(sandbox.id))
        if await _is_there(gateway, sandbox, path):
            return file_source(sandbox.id, path)
    raise Refusal("not_found", f"{sandbox.name} has no log {said}", hint=hint, exit_code=ExitCode.NOT_FOUND)


async def _is_there(gateway: Gateway, sandbox: Sandbox, path: str) -> bool:
    from daytona_tui.errors import NotFoundError

    try:
        await gateway.info(sandbox.id, path)
    except NotFoundError:
        return False
    return True


async def show_log(gateway: Gateway, sandbox: Sandbox, source: Source, kept: KeptLogs, asked: Asked) -> int:
    """Write the lines of a log that are wanted; return the exit code.

    Raises:
        DaytonaTuiError: it could not be read.
    """
    import time
    from contextlib import aclosing

    from daytona_tui.operations.logs.follow import Keeping, follow
    from daytona_tui.operations.logs.sifting import Sieve, Wish, sifted

    wish, start = asked.wish, await _start(gateway, source, asked.wish)
    if start is not None and wish == Wish(last=wish.last):
        wish = Wish()  # all that comes from there on
    # A glance at a few lines must not replace the many that an earlier reading kept.
    keep = Keeping(kept, sandbox.name) if asked.follows or not start else None
    events = follow(gateway, source, start=start, stays=asked.follows, keep=keep)
    tells_skipped = start is None  # who said where to begin knows that more is there
    if wish.is_everything and not asked.form.is_data and not output.is_terminal():
        return await _pass_on(events, source, tells_skipped=tells_skipped)
    sieve = Sieve(wish, time.time)
    there_bytes = await _there(gateway, source, start, wish)
    lines = sifted(events, sieve, wish, there_bytes=there_bytes, quiet_s=_QUIET_S, is_marked=bool(source.execution_id))
    async with aclosing(lines) as told:
        async for each in told:
            if isinstance(each, list):
                _write(each, source.id, as_json=asked.form.is_data)
            elif tells_skipped or not isinstance(each, Skipped):
                _narrate(each, source)
    if wish.since is not None and not sieve.has_times:
        narration.say("no line of this log tells a time, so none is known to be from then on")
    return ExitCode.OK


async def _start(gateway: Gateway, source: Source, wish: Wish) -> int | None:
    from daytona_tui.operations.logs.files import start_of_last, start_since

    if source.kind is not SourceKind.FILE:
        return None
    if wish.since is not None:
        return await start_since(gateway, source, wish.since)
    if wish.last is not None and wish.matches is None and wish.until is None:
        return await start_of_last(gateway, source, wish.last)
    return 0 if wish.matches is not None or wish.until is not None else None


async def _there(gateway: Gateway, source: Source, start: int | None, wish: Wish) -> int | None:
    """Return how many bytes come that were there before; None where nobody can know."""
    if source.kind is not SourceKind.FILE or wish.last is None:
        return source.size_bytes
    return max(0, (await gateway.info(source.sandbox_id, source.id)).size_bytes - (start or 0))


async def _pass_on(events: AsyncGenerator[LogEvent], source: Source, *, tells_skipped: bool) -> int:
    """Write everything as it comes."""
    from contextlib import aclosing

    async with aclosing(events):
        async for event in events:
            if isinstance(event, OutputChunk):
                await output.write_bytes(event.text.encode("utf-8", "surrogatepass"))
            elif tells_skipped or not isinstance(event, Skipped):
                _narrate(event, source)
    return ExitCode.OK


def _write(lines: Iterable[SiftedLine], source_id: str, *, as_json: bool) -> None:
    import json

    if as_json:
        output.write("".join(json.dumps(_line_object(line, source_id), ensure_ascii=True) + "\n" for line in lines))
    elif output.is_terminal():
        output.write("".join(safe(stripped(line.text.expandtabs(8))) + "\n" for line in lines))
    else:
        output.write("".join(line.text + "\n" for line in lines))


def _line_object(line: SiftedLine, source_id: str) -> dict[str, object]:
    """Return a line as ``logs SOURCE --json`` shows it. The keys are a promise, as above."""
    at = None if line.at is None else datetime.fromtimestamp(line.at, UTC).isoformat(timespec="milliseconds")
    return {"source": source_id, "at": at, "stream": line.stream.value, "text": line.text}


def _narrate(event: LogEvent, source: Source) -> None:
    match event:
        case Dropped(reason=reason):
            narration.say(f"the connection is lost ({reason}); trying again")
        case Noted(text=text):
            narration.say(text)
        case Skipped(size_bytes=skipped):
            narration.say(f"the {size(skipped)} before this are left out: --tail says how many lines, cat shows all")
        case Ended(exit_code=code) if code:
            narration.say(f"{source.title} ended: exit {code}")


def show_kept(kept: KeptSandbox, said: str | None, why: str, asked: Asked) -> int:
    """Write what is kept of a log, or of which logs something is; return the exit code.

    Raises:
        Refusal: nothing is kept of the log that is meant.
    """
    if said is None:
        narration.say(f"{why}: what was read from here is kept")
        if asked.form.is_data:
            output.as_data(_kept_objects(kept), asked.form)
        else:
            _list_kept(kept)
        return ExitCode.OK
    logs = [log.source for log in kept.logs]
    found = said_source(logs, said) or tuple(log for log in logs if log.id.endswith(f"/{said}"))
    log = next((log for log in kept.logs if found and log.source.id == found[0].id), None)
    if log is None:
        raise Refusal(
            "not_found",
            f"{why}, and nothing is kept of {said}",
            hint=f"daytona-tui logs {kept.name or kept.id} lists what is",
            exit_code=ExitCode.NOT_FOUND,
        )
    when = log.read_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    narration.say(f"{why}: these are its last lines as they were read on {when}, without what looks like a secret")
    _write(_sifted_kept(log, asked.wish), log.source.id, as_json=asked.form.is_data)
    return ExitCode.OK


def _standing(sandbox: Sandbox) -> str:
    return f"{sandbox.name} is {sandbox.state_word or sandbox.state.value}"


def _kept_objects(kept: KeptSandbox) -> list[dict[str, object]]:
    return [{**as_object(log.source), "read_at": log.read_at.isoformat(), "lines": len(log.lines)} for log in kept.logs]


def _list_kept(kept: KeptSandbox) -> None:
    now = datetime.now(UTC)
    rows_of_cells = [
        [
            log.source.kind.value,
            _state(log.source),
            str(len(log.lines)),
            age((now - log.read_at).total_seconds()),
            safe(log.source.id),
            "" if log.source.title == log.source.id else safe(" ".join(log.source.title.split()))[:_TITLE_CELLS],
        ]
        for log in kept.logs
    ]
    head, right = ("KIND", "STATE", "LINES", "READ", "SOURCE", "WHAT"), (False, False, True, True, False, False)
    output.table(head, rows_of_cells, right=right, room=output.room_of_terminal())


def _sifted_kept(log: KeptLog, wish: Wish) -> list[SiftedLine]:
    from daytona_tui.operations.logs.sifting import Sieve

    sieve = Sieve(wish, log.read_at.timestamp())
    lines = sieve.feed(OutputChunk(Stream.STDOUT, "".join(f"{line}\n" for line in log.lines)))
    return lines if wish.last is None else lines[len(lines) - min(wish.last, len(lines)) :]
