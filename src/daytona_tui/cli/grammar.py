"""The grammar that all subcommands share, on click: one word for one thing wherever it is said.

``SANDBOX`` is an id, a unique beginning of one, or a name. ``--json`` and ``--jsonl`` write data for programs,
``--yes`` acts without asking, ``--timeout`` ends the whole of it, ``--profile`` names the connection; flags may stand
anywhere.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, TypeVar

import click

from daytona_tui.cli.clock import Clock
from daytona_tui.cli.refused_flags import refused

_WIDTH = 100
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH}
_Function = TypeVar("_Function", bound=Callable[..., Any])


ABOUT_SANDBOX = "its id, its name, or the beginning of one"


class Form(StrEnum):
    """How data is written on standard output."""

    TEXT = "text"
    """For people."""
    JSON = "json"
    """One value, laid out."""
    JSONL = "jsonl"
    """One value a line: each row of a list, or the one object."""

    @property
    def is_data(self) -> bool:
        """Whether a program reads it."""
        return self is not Form.TEXT


class Said(SimpleNamespace):
    """What the command line says to one subcommand, by the names of its parameters."""


@dataclass
class Common:
    """What the command line says that means the same for every subcommand.

    Attributes:
        profile: whom to connect as; None for what environment and settings say.
        read_only: True where nothing may be changed; None where the settings decide.
        form: how data is written.
        way_on: how to go on after an interruption, in words; set by what runs.
        clock: how long the whole of it may take.
        is_understood: all words were; what runs may still refuse them.
    """

    profile: str | None = None
    read_only: bool | None = None
    form: Form = Form.TEXT
    way_on: str = ""
    clock: Clock = field(default_factory=Clock)
    is_understood: bool = False


def common() -> Common:
    """Return what the command line that is being carried out says."""
    return click.get_current_context().ensure_object(Common)


def _take_profile(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Common).profile = value


def _take_read_only(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Common).read_only = True


def common_options() -> list[click.Parameter]:
    """Return the flags that mean the same for the screen and for every subcommand."""
    return [
        click.Option(
            ["--profile"],
            metavar="NAME",
            expose_value=False,
            callback=_take_profile,
            help="Connect as this profile of the settings file, or of the daytona command.",
        ),
        click.Option(
            ["--read-only"],
            is_flag=True,
            expose_value=False,
            callback=_take_read_only,
            help="Change nothing: look, and take home.",
        ),
    ]


class Subcommand(click.Command):
    """One verb. Its function returns the exit code."""

    def __init__(
        self,
        *args: Any,
        exclusive: Sequence[Sequence[str]] = (),
        is_local: bool = False,
        no_data: str = "",
        **kwargs: Any,
    ) -> None:
        """Take what click takes, and more.

        Args:
            *args: click's.
            exclusive: which parameters exclude each other: tuples of their names.
            is_local: it asks no server anything, so that no time is given to it.
            no_data: why there is no ``--json``, in words, where what is written is no data.
            **kwargs: click's.
        """
        super().__init__(*args, **_with_settings(kwargs))
        self._exclusive = exclusive
        self.short_help = self.short_help and _sentence(self.short_help)
        if no_data:
            self.params.extend(refused(f"--{form.value}", no_data) for form in (Form.JSON, Form.JSONL))
            self.epilog = f"{self.epilog or ''} There is no --json: {no_data}.".strip()
        if not is_local and not any("--timeout" in each.opts for each in self.params):
            self.params.append(click.Option(["--timeout"], **_timeout("as long as it takes")))
        self.params.extend(common_options())
        _as_sentences(self.params)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Understand the words, and refuse what makes no sense together."""
        rest = super().parse_args(ctx, args)
        if ctx.resilient_parsing:  # while it is typed
            return rest
        for names in self._exclusive:
            flags = {each.name: each.opts[-1] for each in self.params}
            said = [flags[name] for name in names if _was_said(ctx, name)]
            if len(said) > 1:
                raise click.UsageError(f"{said[1]} is not allowed with {said[0]}", ctx)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        ctx.ensure_object(Common).is_understood = True
        return super().invoke(ctx)


class Remote(Subcommand):
    """A subcommand whose words behind the first are another program's: they begin at ``--``, or at the second word.

    Flags of ours stand before them, and before or behind the first word.
    """

    OWN_WORDS = 1
    """How many words are ours before the other program's begin."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Understand our words, and leave the others as they are."""
        flags = {flag: each for each in self.get_params(ctx) if isinstance(each, click.Option) for flag in each.opts}
        words, at = 0, 0
        while at < len(args) and args[at] != "--":
            word = args[at]
            if word.startswith("-") and word != "-":
                found = flags.get(word)
                at += 1 + (found is not None and not found.is_flag and not found.count)
                continue
            words += 1
            if words > self.OWN_WORDS:
                return super().parse_args(ctx, [*args[:at], "--", *args[at:]])
            at += 1
        return super().parse_args(ctx, args)


def _behind() -> list[click.Parameter]:
    """Return flags that belong to a verb, to be refused before it."""
    return [refused(flag, "it stands behind the verb") for flag in ("--json", "--jsonl", "--yes", "--timeout")]


class Room(click.Group):
    """A noun with verbs below it, such as ``snapshots list``."""

    command_class = Subcommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_with_settings(kwargs))
        self.short_help = self.short_help and _sentence(self.short_help)
        self.params.extend([*common_options(), *_behind()])
        _as_sentences(self.params)


class Whole(click.Group):
    """Every subcommand by its name; only the one that is run, or all for the help, is loaded."""

    def __init__(self, *args: Any, catalogue: Mapping[str, str], **kwargs: Any) -> None:
        """Remember where each subcommand lies: ``module:function`` below ``cli.subcommands``."""
        super().__init__(*args, **_with_settings(kwargs))
        self._catalogue = catalogue
        self.params.extend([*common_options(), *_behind()])
        _as_sentences(self.params)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the catalogue."""
        return list(self._catalogue)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, loaded now."""
        place = self._catalogue.get(cmd_name)
        if place is None:
            return None
        module, _, function = place.partition(":")
        found = getattr(importlib.import_module(f"daytona_tui.cli.subcommands.{module}"), function)
        assert isinstance(found, click.Command)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return the subcommands that begin so, without loading any, and the flags."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name) for name in self._catalogue if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that is meant, and its words.

        Raises:
            click.exceptions.NoSuchCommand: there is none; it names those that are written much like it.
        """
        if args and args[0] not in self._catalogue and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self._catalogue, ctx=ctx)
        return super().resolve_command(ctx, args)


def _with_settings(about: dict[str, Any]) -> dict[str, Any]:
    return {**about, "context_settings": {**_SETTINGS, **(about.get("context_settings") or {})}}


def _was_said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _as_sentences(params: Sequence[click.Parameter]) -> None:
    """Let the help of every parameter begin and end as a sentence does, and let shells complete it."""
    for each in params:
        if offer := _offered(each.metavar or "", each.opts):
            # Click has no public way to say this of a parameter that is there.
            setattr(each, "shell_complete", _offering(offer))  # noqa: B010
        words = getattr(each, "help", None)
        if words:
            each.help = _sentence(words)


def _offered(metavar: str, flags: Sequence[str]) -> str:
    """Return which function of ``cli.completing`` completes what is called so; empty for none."""
    if "--profile" in flags:
        return "profiles"
    if "FILTER" in metavar:
        return "filters"
    if metavar.startswith("SRC"):
        return "files_and_sandboxes"
    if metavar.startswith("SANDBOX"):
        return "sandboxes"
    return "files" if metavar in ("FILE", "DIR", "FILE|-", "[DEST]") else ""


def _offering(what: str) -> Callable[[click.Context, str], Any]:
    """Return what completes; the module is loaded when a shell asks."""

    def offer(context: click.Context, typed: str) -> Any:
        return getattr(importlib.import_module("daytona_tui.cli.completing"), what)(context, typed)

    return offer


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + ("" if words.endswith(".") else ".")


def command(name: str, **about: Any) -> Callable[[Callable[..., int]], click.Command]:
    """Make a subcommand of a function; ``about`` is click's: help, epilog, context_settings."""
    return click.command(name, **{"cls": Subcommand, **about})


def room(name: str, **about: Any) -> Callable[[Callable[..., Any]], Room]:
    """Make a noun of a function, which does nothing itself; verbs are added with its own ``command``."""
    return click.group(name, cls=Room, **about)


def sandbox_argument(function: _Function) -> _Function:
    """Give a function ``sandbox``: what the user said of the one that is meant, see ``operations.find``."""
    return click.argument("sandbox", metavar="SANDBOX", help=ABOUT_SANDBOX)(function)


def filter_argument(function: _Function) -> _Function:
    """Give a function ``words``, which are one filter."""
    about = "which sandboxes; several words are one filter"
    return click.argument("words", metavar="[FILTER]...", nargs=-1, help=about)(function)


def count_of_sandboxes(text: str) -> int:
    """Return a number that is not negative.

    Raises:
        click.BadParameter: it is none.
    """
    if not text.isascii() or not text.isdigit():
        raise click.BadParameter(f"{text!r} is not a number of sandboxes")
    return int(text)


def max_option(most: int) -> Callable[[_Function], _Function]:
    """Give a subcommand ``--max`` as ``max``: how many sandboxes it may touch."""
    about = f"refuse to touch more than N (default: {most})"
    return click.option("--max", type=count_of_sandboxes, default=str(most), metavar="N", help=about)


def form_options(function: _Function) -> _Function:
    """Give a subcommand ``--json`` and ``--jsonl``; ``common().form`` tells which was said."""

    def take(form: Form) -> Callable[[click.Context, click.Parameter, bool], None]:
        def taken(context: click.Context, _: click.Parameter, value: bool) -> None:
            if value:
                context.ensure_object(Common).form = form

        return taken

    for form, words in ((Form.JSONL, "Write JSON, a value a line."), (Form.JSON, "Write one JSON value.")):
        function = click.option(f"--{form.value}", is_flag=True, expose_value=False, callback=take(form), help=words)(
            function
        )
    return function


def yes_option(function: _Function) -> _Function:
    """Give a subcommand ``--yes`` as ``yes``: do not ask; needed where there is no terminal."""
    return click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")(function)


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic in new versions only
    """A time in seconds: ``30``, ``90s``, ``5m``, ``2h``, ``1d``. At least one second."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds."""
        if isinstance(value, int):
            return value
        text = str(value)
        number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
        if not (number.isascii() and number.isdigit() and len(number) < 8 and int(number)):
            self.fail(f"{text!r} is not a time: at least 1 second, such as 30, 5m, 2h or 1d", param, ctx)
        return int(number) * _UNITS[unit]


class Count(click.ParamType):  # type: ignore[type-arg]  # as above
    """A whole number from ``least`` on, to ``most`` where there is an end; nothing that counts here has ten digits."""

    name = "N"

    def __init__(self, least: int = 1, most: int | None = None) -> None:
        self._least = least
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        text = str(value)
        most = 999_999_999 if self._most is None else self._most
        if text.isascii() and text.isdigit() and len(text) < 10 and self._least <= int(text) <= most:
            return int(text)
        span = f"from {self._least} on" if self._most is None else f"from {self._least} to {self._most}"
        self.fail(f"{text!r} is not a whole number {span}", param, ctx)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def timeout_option(default_words: str) -> Callable[[_Function], _Function]:
    """Give a subcommand a ``--timeout`` of which it says itself, in ``default_words``, what holds without it.

    Every subcommand that asks a server has the flag, and ``common().clock`` tells what is left of the time.
    """
    return click.option("--timeout", **_timeout(default_words))


def _timeout(default_words: str) -> dict[str, Any]:
    def take(context: click.Context, _: click.Parameter, value: int | None) -> None:
        if value is not None:
            context.ensure_object(Common).clock.seconds = value

    about = f"Give up the whole of it after this time (default: {default_words})."
    return {"type": Duration(), "metavar": "TIME", "expose_value": False, "callback": take, "help": about}
