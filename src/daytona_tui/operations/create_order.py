"""What an order of a sandbox needs of this machine: the order file, the Dockerfile, variables, files to upload."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from daytona_tui.domain.creation import CreateOrder, FromDockerfile, Source, Upload
from daytona_tui.domain.creation_checks import LARGEST_DOCKERFILE
from daytona_tui.errors import MisuseError, TransferError
from daytona_tui.operations.build_context import ContextWish, find_context
from daytona_tui.presentation.creation import drafted, values_from
from daytona_tui.presentation.forms import Value, Values

STDIN = "-"
_LARGEST_FILE = 4 * LARGEST_DOCKERFILE


def read_order_file(path: Path) -> dict[str, Value]:
    """Return the values of an order file; a Dockerfile or context that it names lies beside it. Blocks.

    Raises:
        MisuseError: it cannot be read, or says something else.
    """
    path = path.expanduser()
    text = _read(path)
    try:
        values = values_from(tomllib.loads(text))
    except (ValueError, tomllib.TOMLDecodeError) as error:
        raise MisuseError(f"{path}: {error}", hint="daytona-tui create … --dry-run writes such a file") from None
    for key in ("dockerfile", "context"):
        named = values.get(key)
        if isinstance(named, str) and named not in ("", STDIN):
            values[key] = str(path.parent / Path(named).expanduser())
    return values


def with_dockerfile(values: Values, *, stdin_text: str = "") -> dict[str, Value]:
    """Return ``values`` with the text of the Dockerfile that they name. Blocks.

    Raises:
        MisuseError: it cannot be read.
    """
    context = values.get("context")
    if isinstance(context, str) and context.strip():
        values = {**values, "context": str(Path(context.strip()).expanduser().absolute())}
    named = values.get("dockerfile")
    if not isinstance(named, str) or not named.strip():
        return dict(values)
    if named == STDIN:
        return {**values, "dockerfile": "", "dockerfile_text": stdin_text or " "}
    path = Path(named.strip()).expanduser().absolute()
    return {**values, "dockerfile": str(path), "dockerfile_text": _read(path) or " "}


def with_variables(values: Values, environ: Mapping[str, str]) -> dict[str, Value]:
    """Return ``values`` in which variables without a value have that of ``environ``.

    Raises:
        MisuseError: there is none.
    """
    words = values.get("env")
    if not isinstance(words, tuple):
        return dict(values)
    told = []
    for word in words:
        if "=" not in word and word not in environ:
            raise MisuseError(f"the variable {word!r} is not set here", hint=f"say {word}=VALUE, or set it")
        told.append(word if "=" in word else f"{word}={environ[word]}")
    return {**values, "env": tuple(told)}


def local_path(upload: Upload) -> str:
    """Return the path on this machine with ``~`` spelt out; a slash at its end stays, for it says something."""
    return str(Path.home()) + upload.local[1:] if upload.local.startswith("~/") else upload.local


def context_wish(source: Source) -> ContextWish:
    """Return what a source is built with; nothing of this machine, unless it is a Dockerfile."""
    if not isinstance(source, FromDockerfile):
        return ContextWish("")
    return ContextWish(source.text, source.origin, source.context, source.sends_secrets)


def check_uploads(order: CreateOrder) -> None:
    """Make sure that everything that is to be uploaded is there. Blocks.

    Raises:
        TransferError: something is not, or cannot be read.
    """
    for upload in order.uploads:
        if not os.access(local_path(upload), os.R_OK):
            raise TransferError(f"{upload.local!r} is to be uploaded and cannot be read here")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise MisuseError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > _LARGEST_FILE:
        raise MisuseError(f"{path} is too long for a Dockerfile or an order")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MisuseError(f"{path} is not text in UTF-8") from None


async def prepared(values: Values, environ: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """Return ``values`` with all that they need of this machine, and what is wrong with them by the key of the field.

    A Dockerfile's text that was written by hand stands beside no path.
    """
    if values.get("dockerfile") and values.get("dockerfile_text"):
        return dict(values), {"dockerfile_text": "there is a path of a Dockerfile already: say one of them"}
    try:
        told = with_variables(values, environ)
    except MisuseError as error:
        return dict(values), {"env": error.message}
    try:
        told = await asyncio.to_thread(with_dockerfile, told)
    except MisuseError as error:
        return told, {"dockerfile": error.message}
    order, mistakes = drafted(told)
    if not mistakes:
        try:
            await asyncio.to_thread(check_uploads, order)
        except TransferError as error:
            mistakes = {"upload": error.message}
        try:
            await find_context(context_wish(order.source))
        except MisuseError as error:
            key = "context" if values.get("context") or not values.get("dockerfile") else "dockerfile"
            mistakes = {key: "; ".join(filter(None, (error.message, error.hint)))}
    return told, mistakes
