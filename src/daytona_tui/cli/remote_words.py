"""What is said on the command line about a program that is to run in a sandbox: variables and time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from daytona_tui.cli import grammar

_Function = TypeVar("_Function", bound=Callable[..., Any])

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def variable_of(text: str) -> tuple[str, str]:
    """Return name and value of ``NAME=VALUE``; a ``NAME`` alone has the value that it has here.

    Raises:
        click.BadParameter: it is no variable, or has no value here.
    """
    import os

    name, sign, value = text.partition("=")
    if not _NAME.fullmatch(name) or "\0" in value:
        raise click.BadParameter(f"{text!r} is not a variable, such as NAME=VALUE")
    if sign:
        return name, value
    if name not in os.environ:
        raise click.BadParameter(f"{name} has no value here: {name}=VALUE gives it one")
    return name, os.environ[name]


def circumstances(function: _Function) -> _Function:
    """Give ``exec`` and ``run`` the flags that they have in common: ``env``, and ``--timeout``."""
    function = grammar.timeout_option("until the program has ended; one that is ended so has exit code 124")(function)
    return click.option(
        "-e",
        "--env",
        metavar="NAME=VALUE",
        type=variable_of,
        multiple=True,
        help="a variable of the program; NAME alone takes the value it has here; may be repeated",
    )(function)
