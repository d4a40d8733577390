"""``tape``: what happened to a sandbox and in it, or what an agent wrote down of its work there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daytona_tui.cli import grammar, places
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.tape import Facts, Moment
    from daytona_tui.domain.trajectories.splitting import Lines, Members
    from daytona_tui.domain.trajectories.steps import Step

_WIDTH = 120
"""Cells of a line where nobody reads in a terminal."""
_LEAST = 40
_SNIFFED = 256 * 1024
_MOST_READ = 64 << 20


@grammar.command(
    "tape",
    short_help="tell what happened to a sandbox and in it, in order",
    help="""Tell what happened to a sandbox and in it, oldest first.

    Who made it, its states, what was done to it, the commands of its sessions with exit codes and durations, ports,
    files that were written, errors. What is only inferred has a ~ before its time. With a path: what an agent wrote
    down of its work there (Claude Code, Codex, Gemini CLI, OpenHands, Harbor's trajectory.json, plain chat messages) as
    a timeline. What looks like a key is masked. Looking does not keep the sandbox awake.""",
)
@places.place_argument
@grammar.form_options
@places.start_option
def tape(place: places.Place, start: bool) -> int:
    """Tell and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.places import there

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find

        wanted, path = place

        async def work(sandbox: Sandbox) -> int:
            if path:
                return await _show_trajectory(gateway, sandbox, path, form=grammar.common().form)
            return await _show_tape(gateway, settings, sandbox, form=grammar.common().form)

        if path or start:
            return await there(gateway, settings, wanted, work, start=start)
        return await work(await find(gateway, wanted))

    return running.run(told, acts=start)


async def _show_tape(gateway: Gateway, settings: Settings, sandbox: Sandbox, *, form: Form) -> int:
    from datetime import UTC, datetime

    from daytona_tui.cli import narration, output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.keeping import journal_of
    from daytona_tui.domain.tape import tape
    from daytona_tui.operations.journal import FILE_NAME
    from daytona_tui.operations.tape import TapeReader
    from daytona_tui.operations.who import Who
    from daytona_tui.presentation.safe_text import safe

    who = Who(gateway, None, settings.mine)
    reader = TapeReader(gateway, who, journal_of(settings, FILE_NAME), lambda: datetime.now(UTC))
    facts = await reader.read(sandbox)
    moments, now = tape(facts), datetime.now(UTC)
    if form.is_data:
        output.as_data(as_object(facts, moments, now), form)
    else:
        width = max(_LEAST, output.room_of_terminal() or _WIDTH)
        _write_rows(moments, now, width)
        for untold in facts.untold:
            narration.say(f"not told: {safe(untold)}")
    return ExitCode.OK


def _write_rows(moments: tuple[Moment, ...], now: datetime, width: int) -> None:
    from daytona_tui.cli import output
    from daytona_tui.presentation.tape import row_cells

    rows = ("".join(cell.text for cell in row_cells(moment, now, width)).rstrip() for moment in moments)
    output.write("".join(f"{row}\n" for row in rows))


def as_object(facts: Facts, moments: tuple[Moment, ...], now: datetime) -> dict[str, object]:
    """Return what ``tape --json`` shows. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.presentation.tape import as_object as moment_object

    sandbox = facts.sandbox
    return {
        "id": sandbox.id,
        "name": sandbox.name,
        "state": sandbox.state.value,
        "moments": [moment_object(moment, now) for moment in moments],
        "not_told": list(facts.untold),
    }


async def _show_trajectory(gateway: Gateway, sandbox: Sandbox, said: str, *, form: Form) -> int:
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.places import remote_path
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.presentation.previews.trajectory import splitter_for
    from daytona_tui.presentation.safe_text import safe
    from daytona_tui.transfer.concurrency import closing

    path = remote_path(said, await gateway.work_dir(sandbox.id))
    head = await gateway.read_range(sandbox.id, path, 0, _SNIFFED)
    splitter = splitter_for(head)
    if splitter is None:
        hint = "daytona-tui cat shows any file; tape without a path tells what happened to the sandbox"
        raise Refusal("no_trajectory", f"{safe(path)} is no trajectory of an agent that is known here", hint=hint)
    async with closing(gateway.read(sandbox.id, path)) as chunks:
        await (_write_json(chunks, splitter, path, form) if form.is_data else _write_steps(chunks, splitter))
    return ExitCode.OK


async def _write_steps(chunks: AsyncIterator[bytes], splitter: Lines | Members) -> None:
    from daytona_tui.cli import narration, output
    from daytona_tui.presentation.previews.trajectory import TrajectoryBody

    body, written = TrajectoryBody(splitter, max(_LEAST, output.room_of_terminal() or _WIDTH), folds=False), 0
    body.limit_bytes = _MOST_READ

    def write() -> int:
        lines = ("".join(cell.text for cell in body[index]).rstrip() for index in range(written, len(body)))
        output.write("".join(f"{line}\n" for line in lines))
        return len(body)

    async for chunk in chunks:
        body.feed(chunk, is_last=False)
        written = write()
        if body.is_done:
            narration.say("there is more of it: the rest is left out")
            break
    else:
        body.feed(b"", is_last=True)
        write()
    narration.say(body.summary)


async def _write_json(chunks: AsyncIterator[bytes], splitter: Lines | Members, path: str, form: Form) -> None:
    """Write what ``tape --json`` with a path shows. The keys are a promise: more may come, none goes or changes."""
    from daytona_tui.cli import output
    from daytona_tui.domain.trajectories.records import Story

    story, steps, size = Story(), list[dict[str, object]](), 0
    async for chunk in chunks:
        size += len(chunk)
        for piece in splitter.feed(chunk, is_last=False):
            steps += map(_step_object, story.told(piece))
        if size > _MOST_READ:
            break
    else:
        for piece in splitter.feed(b"", is_last=True):
            steps += map(_step_object, story.told(piece))
    is_partial = size > _MOST_READ or splitter.is_cut
    told = {"path": path, "maker": story.maker, "agent": story.agent, "is_partial": is_partial, "steps": steps}
    spent = {"read": story.spent.read, "cached": story.spent.cached, "written": story.spent.written}
    output.as_data({**told, "tokens": spent, "dollars": story.spent.dollars}, form)


def _step_object(step: Step) -> dict[str, object]:
    from daytona_tui.domain.masking import masked

    return {
        "at": step.at.isoformat() if step.at is not None else None,
        "turn": step.turn.value,
        "title": step.title,
        "text": masked(step.text),
        "call_id": step.call_id,
        "exit_code": step.exit_code,
        "has_failed": step.has_failed,
        "tokens_read": step.spent.read,
        "tokens_written": step.spent.written,
        "dollars": step.spent.dollars,
    }
