"""The manual page ``daytona-tui(1)`` in roff, from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from daytona_tui import __version__
from daytona_tui.cli.exit_codes import MEANINGS
from daytona_tui.cli.grammar import Common
from daytona_tui.cli.parsing import whole

NAME = "daytona-tui"


def page() -> str:
    """Return the page."""
    group = whole()
    with click.Context(group, info_name=NAME, obj=Common()) as context:
        lines = [
            f'.TH DAYTONA-TUI 1 "" "{NAME} {__version__}" "User commands"',
            ".SH NAME",
            f"{_text(NAME)} \\- see, enter, empty and clean up Daytona sandboxes",
            ".SH SYNOPSIS",
            f".B {_text(NAME)}",
            _text(" ".join(group.collect_usage_pieces(context))),
            ".SH DESCRIPTION",
            *_paragraphs(group.help),
            ".SH OPTIONS",
            *_parameters(group, context),
            ".SH SUBCOMMANDS",
        ]
        for name in group.list_commands(context):
            below = group.get_command(context, name)
            assert below is not None
            lines += _command(below, click.Context(below, context, name), name)
        lines += [".SH EXIT STATUS"]
        for code, meaning in MEANINGS.items():
            lines += [".TP", f".B {int(code)}", _text(f"{meaning[0].upper()}{meaning[1:]}.")]
        lines += [".SH ENVIRONMENT", *_paragraphs(group.epilog)]
    return "\n".join(lines) + "\n"


def _command(command: click.Command, context: click.Context, name: str) -> Iterator[str]:
    yield f'.SS "{_text(" ".join([name, *command.collect_usage_pieces(context)]))}"'
    yield from _paragraphs(command.help)
    yield from _parameters(command, context)
    yield from _paragraphs(command.epilog)
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            below = command.get_command(context, verb)
            assert below is not None
            yield from _command(below, click.Context(below, context, verb), f"{name} {verb}")


_EVERYWHERE = ("--profile", "--read-only", "--help")


def _parameters(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the parameters; those that every subcommand has are told once, of the whole."""
    for each in command.get_params(context):
        if context.parent is not None and any(flag in _EVERYWHERE for flag in each.opts):
            continue
        told = each.get_help_record(context)
        if told is None and isinstance(each, click.Argument) and getattr(each, "help", None):
            told = each.make_metavar(context), each.help or ""
        if told is not None:
            yield ".TP"
            yield f".B {_text(told[0])}"
            yield _text(told[1])


def _paragraphs(text: str | None) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
        if paragraph:
            yield ".PP"
            yield _text(" ".join(paragraph.split()))


def _text(words: str) -> str:
    """Return words that roff takes for nothing but words."""
    told = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace('"', "\\(dq")
    told = told.replace("^", "\\(ha").replace("~", "\\(ti").replace("…", "...")
    return f"\\&{told}" if told.startswith((".", "\\(aq")) else told
