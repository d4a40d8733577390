"""``write``: a text, standard input or a file of this machine becomes one file of a sandbox."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar, places
from daytona_tui.cli.grammar import Said

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.domain.transfers import TransferReport

_CHUNK = 1024 * 1024


@grammar.command(
    "write",
    short_help="write a text, standard input or a file into a file of a sandbox",
    help="""Write one file of a sandbox that runs: from standard input, or what --text or --from say.

    The file appears when it is whole; directories on the way to it are made. Where it is comes to standard output.""",
    epilog="A path with a slash at its end, or one that is a directory there, gets the file inside, called as --name "
    "says or as the file of --from is. Many files and directories are for push.",
    exclusive=[("text", "from_file"), ("conflict", "overwrite")],
)
@click.argument("place", metavar="SANDBOX:PATH", type=places.place, help=places.ABOUT_PLACE)
@click.option("--text", metavar="TEXT", help="write this text, as it is")
@click.option("--from", "from_file", metavar="FILE", type=Path, help="write what is in this file here")
@click.option("--name", metavar="NAME", type=places.file_name, default="", help="the name in the directory of the path")
@click.option(
    "--conflict",
    type=click.Choice(["fail", "overwrite", "skip"]),
    help="what to do with a file that is there (default: fail)",
)
@click.option("--overwrite", is_flag=True, help="the same as --conflict overwrite")
@grammar.form_options
@places.start_option
def write(**words: Any) -> int:
    """Write and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.trouble import Refusal

    said = Said(**words)
    name = said.name or (said.from_file.name if said.from_file else "")
    if not name and (not said.place.path or said.place.path.endswith("/")):
        raise Refusal("usage", "the file has no name", hint="say SANDBOX:PATH/NAME, or --name NAME")

    async def written(gateway: Gateway, settings: Settings) -> int:
        async def work(sandbox: Sandbox) -> int:
            return await _write(gateway, sandbox, said, name)

        return await places.there(gateway, settings, said.place.sandbox, work, start=said.start)

    return running.run(written, acts=True)


async def _write(gateway: Gateway, sandbox: Sandbox, said: Said, name: str) -> int:
    from contextlib import aclosing

    from daytona_tui.cli import narration, output
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.domain.transfers import ConflictPolicy
    from daytona_tui.operations.push import push_stream
    from daytona_tui.transfer.push_place import find_place

    whole = places.remote_path(said.place.path, await gateway.work_dir(sandbox.id))
    is_into = said.name or said.place.path.endswith("/") or not said.place.path
    if is_into or (name and (await find_place(gateway, sandbox.id, whole)).is_into):
        whole = posixpath.join(whole, name)
    policy = ConflictPolicy("overwrite" if said.overwrite else said.conflict or "fail")
    async with aclosing(_contents(said)) as chunks:
        report = await push_stream(gateway, sandbox.id, chunks, whole, conflict=policy)
    form = grammar.common().form
    if form.is_data:
        output.as_data(as_object(report, whole), form)
    else:
        output.line(f"{sandbox.name}:{whole}")
    for left_out in report.left_out:
        narration.say(f"left out: {left_out.path}: {left_out.reason}")
    return ExitCode.OK


def as_object(report: TransferReport, path: str) -> dict[str, object]:
    """Return what ``write --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "path": path,
        "name": posixpath.basename(path),
        "size_bytes": report.size_bytes,
        "written": report.files == 1,
    }


async def _contents(said: Said) -> AsyncGenerator[bytes, None]:
    """Yield what is to be written.

    Raises:
        Refusal: the file here cannot be read.
    """
    import asyncio

    from daytona_tui.cli import stdin
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.presentation.phrases import os_reason

    if said.text is not None:
        yield said.text.encode("utf-8", "surrogateescape")
    elif said.from_file is None:
        async for chunk in stdin.chunks():
            yield chunk
    else:
        try:
            file = await asyncio.to_thread(said.from_file.expanduser().open, "rb")
            try:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk
            finally:
                await asyncio.to_thread(file.close)
        except OSError as error:
            raise Refusal("usage", f"{said.from_file}: {os_reason(error)}") from error
