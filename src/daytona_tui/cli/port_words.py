"""Words of the command line about ports, tokens and how long something lasts."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST = 4096


def port_of(text: str) -> int:
    """Return a port.

    Raises:
        click.BadParameter: it is none, or one of the daemon's own.
    """
    from daytona_tui.domain.previews import port_trouble

    if trouble := port_trouble(text):
        raise click.BadParameter(f"{text!r}: {trouble}")
    return int(text)


def port_argument(function: _Function) -> _Function:
    """Give a function ``port``."""
    return click.argument("port", metavar="PORT", type=port_of, help="from 1 to 65535")(function)


def token_options(function: _Function) -> _Function:
    """Give a function ``token_env`` and ``token_stdin``: a secret is no word of the command line."""
    stdin = click.option("--token-stdin", is_flag=True, help="read the token, or the whole line or link, from stdin")
    env = click.option("--token-env", metavar="NAME", help="take it from this variable of the environment")
    return env(stdin(function))


def token_said(env: str | None, from_stdin: bool) -> str:
    """Return what the flags of ``token_options`` lead to; empty where none was given.

    Raises:
        click.UsageError: both were given, or nothing is there.
    """
    if env and from_stdin:
        raise click.UsageError("--token-stdin is not allowed with --token-env")
    if env:
        if not _VARIABLE.fullmatch(env):
            raise click.UsageError("--token-env takes the name of a variable, and not the token itself")
        if not (text := os.environ.get(env, "").strip()):
            raise click.UsageError(f"the variable {env} is not set, or empty")
        return text
    if not from_stdin:
        return ""
    text = (sys.stdin.readline(_MOST) if sys.stdin is not None else "").strip()
    if not text:
        raise click.UsageError("--token-stdin: nothing came on standard input")
    return text
