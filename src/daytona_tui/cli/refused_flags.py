"""Flags that are known and not taken, so that whoever says one learns why, and what to say instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])


def refused(flag: str, why: str) -> click.Option:
    """Return a flag that is known and not taken: whoever says it learns the reason."""

    def refuse(context: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not context.resilient_parsing:
            raise click.UsageError(f"there is no {flag} here: {why}", context)

    return click.Option([flag], is_flag=True, expose_value=False, hidden=True, callback=refuse)


def renamed_option(old: str, new: str, why: str) -> Callable[[_Function], _Function]:
    """Give a subcommand a flag that is called ``new`` now, so that whoever says the old one is told."""

    def refuse(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None and not context.resilient_parsing:
            raise click.UsageError(f"{old} is called {new} here: {why}", context)

    return click.option(old, f"old_{old.strip('-')}", hidden=True, expose_value=False, callback=refuse)
