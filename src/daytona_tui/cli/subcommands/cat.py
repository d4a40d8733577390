"""``cat``: the contents of a file in a sandbox, or a part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import amounts, grammar, places
from daytona_tui.cli.grammar import Form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from daytona_tui.cli.amounts import ByteRange
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.files import FileEntry
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox

_MOST_AT_ONCE = 8 << 20
"""A part of a file up to here comes as one answer."""

_MOST_JSON = 64 << 20
_SNIFFED = 8192


@grammar.command(
    "cat",
    short_help="write a file of a sandbox to standard output",
    help="""Write a file of a sandbox that runs to standard output, byte for byte.

    A terminal gets text made harmless, and nothing that is not text. Looking does not keep the sandbox awake.""",
    epilog="A part of a file costs as much as the part, however large the file is: --range 0-99 is its first hundred "
    "bytes, 100- all but those, -500 its last five hundred.",
)
@click.argument("place", metavar="SANDBOX:PATH", type=places.place, help=places.ABOUT_PLACE)
@click.option("--range", "part", metavar="BYTES", type=amounts.range_of, help="only these bytes")
@grammar.form_options
@places.start_option
def cat(place: places.Place, part: ByteRange | None, start: bool) -> int:
    """Write and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.places import there
    from daytona_tui.cli.trouble import Refusal

    if not place.path:
        raise Refusal("usage", "cat needs the path of a file", hint="daytona-tui cat SANDBOX:PATH")

    async def shown(gateway: Gateway, settings: Settings) -> int:
        async def work(sandbox: Sandbox) -> int:
            return await show_file(gateway, sandbox, place.path, part, form=grammar.common().form)

        return await there(gateway, settings, place.sandbox, work, start=start)

    return running.run(shown, acts=start)


async def show_file(
    gateway: Gateway, sandbox: Sandbox, said: str, part: ByteRange | None = None, *, form: Form = Form.TEXT
) -> int:
    """Write a file, or the part of it that is meant, to stdout; return the exit code.

    Raises:
        TransferError: it is not a file.
        Refusal: it is nothing for a terminal, or too much for one object.
        DaytonaTuiError: it could not be read.
    """
    from daytona_tui.cli import output
    from daytona_tui.cli.amounts import ByteRange
    from daytona_tui.cli.exit_codes import ExitCode
    from daytona_tui.cli.places import remote_path
    from daytona_tui.transfer.concurrency import closing

    path = remote_path(said, await gateway.work_dir(sandbox.id))
    entry = await gateway.info(sandbox.id, path)
    _require_file(entry, path)
    first, length = _bounds(part or ByteRange(), entry.size_bytes)
    async with closing(_chunks(gateway, sandbox, path, first, length)) as chunks:
        if form.is_data:
            output.as_data(await _as_object(chunks, entry, path, first), form)
        elif output.is_terminal():
            await _to_terminal(chunks, path)
        else:
            async for chunk in chunks:
                await output.write_bytes(chunk)
    return ExitCode.OK


def _require_file(entry: FileEntry, path: str) -> None:
    from daytona_tui.errors import TransferError

    if entry.is_dir:
        raise TransferError(f"{path!r} is a directory", hint="ls shows what is in it, pull copies it")
    if entry.is_special:
        raise TransferError(f"{path!r} is not a regular file")


def _bounds(part: ByteRange, size_bytes: int) -> tuple[int, int | None]:
    """Return the first byte and how many, None for all that follow."""
    if part.first is not None:
        return part.first, part.length
    return max(0, size_bytes - (part.length or 0)), part.length


async def _chunks(
    gateway: Gateway, sandbox: Sandbox, path: str, first: int, length: int | None
) -> AsyncIterator[bytes]:
    from daytona_tui.transfer.concurrency import closing

    if length is not None and length <= _MOST_AT_ONCE:
        if length:
            yield await gateway.read_range(sandbox.id, path, first, length)
        return
    rest = length
    async with closing(gateway.read(sandbox.id, path, offset=first)) as chunks:
        async for chunk in chunks:
            yield chunk if rest is None else chunk[:rest]
            if rest is not None:
                rest -= len(chunk)
                if rest <= 0:
                    return


async def _to_terminal(chunks: AsyncIterator[bytes], path: str) -> None:
    from codecs import getincrementaldecoder

    from daytona_tui.cli import output
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.presentation.safe_text import safe

    decoder = getincrementaldecoder("utf-8")("replace")
    is_first = True
    text = ""
    async for chunk in chunks:
        if is_first and b"\0" in chunk[:_SNIFFED]:
            hint = "send it to a file or to a program, or pull it"
            raise Refusal("binary", f"{safe(path)} is not text, and this is a terminal", hint=hint)
        is_first = False
        text = safe(decoder.decode(chunk), keep_newlines=True)
        output.write(text)
    if rest := decoder.decode(b"", final=True):  # the file ends within a character
        text = rest
        output.write(rest)
    if text and not text.endswith("\n"):
        output.write("\n")


def mime_type(name: str, encoding: str) -> str:
    """Return the type of contents by the file's name, or else by whether they are text."""
    from mimetypes import guess_type

    kind, packed = guess_type(name, strict=False)
    if packed:  # the type is that of what is packed
        return "application/octet-stream" if encoding != "utf-8" else "text/plain"
    return kind or ("text/plain" if encoding == "utf-8" else "application/octet-stream")


async def _as_object(chunks: AsyncIterator[bytes], entry: FileEntry, path: str, first: int) -> dict[str, object]:
    """Return what ``cat --json`` shows. The keys are a promise: more may come, none goes or changes."""
    from base64 import b64encode

    from daytona_tui.cli.trouble import Refusal

    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > _MOST_JSON:
            hint = "ask for a part of it with --range, or leave --json out"
            raise Refusal("too_large", "that is more than 64M, too much for one object", hint=hint)
    try:
        encoding, contents = "utf-8", data.decode()
    except UnicodeDecodeError:
        encoding, contents = "base64", b64encode(data).decode()
    return {
        "path": path,
        "name": entry.name,
        "mime_type": mime_type(entry.name, encoding),
        "file_bytes": entry.size_bytes,
        "first": first,
        "size_bytes": len(data),
        "encoding": encoding,
        "contents": contents,
    }
