"""The form of a run in a sandbox of its own: what is run, in what, and for how long."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from daytona_tui.domain.git_address import address_of, without_login
from daytona_tui.errors import ConfigError
from daytona_tui.presentation.console import OptionError, read_timeout
from daytona_tui.presentation.creation import drafted
from daytona_tui.presentation.creation_fields import BY_KEY
from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values
from daytona_tui.presentation.safe_text import clip, safe

TIMEOUT_S = 3600
_ORDERED = ("image", "snapshot", "cpu", "memory", "disk", "env", "upload")
_LONGEST_LINE = 900
_OWN = {
    "command": FormField("command", "command", Kind.TEXT, "shell text: make test", "what runs"),
    "repo": FormField("repo", "repository", Kind.TEXT, "cloned first, runs in it: user/repo", "what runs"),
    "preview": FormField("preview", "preview port", Kind.COUNT, "its link is told while it runs", "what runs"),
    "timeout": FormField("timeout", "time-out", Kind.TEXT, "1h unless told", "what runs"),
}


def run_once_form(values: Values, *, trouble: str = "") -> Form:
    """Return the form.

    Args:
        values: what it begins with.
        trouble: what the last try came to; safe.
    """
    known = [BY_KEY[key] for key in _ORDERED]
    fields = (
        *_OWN.values(),
        *(FormField(each.key, each.label, each.kind, each.hint, "in what", choices=each.choices) for each in known),
    )
    filled = tuple(_with(each, values) for each in fields)
    notes = ("A sandbox is made for it and deleted afterwards, whatever comes, also when this program is killed.",)
    return Form("Run once", filled, "Run", check=_check, told=_told, notes=notes, trouble=trouble)


def _with(field: FormField, values: Values) -> FormField:
    return replace(field, value=values.get(field.key, ""))


def ordered(values: Values) -> dict[str, Value]:
    """Return what of ``values`` makes the sandbox; one that is given a size begins as an image."""
    said = {key: values[key] for key in _ORDERED if values.get(key)}
    if not said.keys() & {"image", "snapshot"} and said.keys() & {"cpu", "memory", "disk"}:
        said["image"] = "python:3.12-slim"
    return said


def timeout_of(values: Values) -> int:
    """Return the seconds that it may run."""
    return read_timeout(str(values.get("timeout", ""))) or TIMEOUT_S


def _check(values: Values) -> Mapping[str, str]:
    wrong: dict[str, str] = {}
    if not values.get("command"):
        wrong["command"] = "type the command that is to run"
    try:
        if values.get("repo"):
            address_of(str(values["repo"]))
    except ConfigError as error:
        wrong["repo"] = error.message
    port = str(values.get("preview", "") or "1")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
        wrong["preview"] = "a port is a number from 1 to 65535"
    try:
        timeout_of(values)
    except OptionError as error:
        wrong["timeout"] = str(error)
    return {**drafted(ordered(values))[1], **wrong}


def _told(values: Values) -> Sequence[str]:
    return (f"the same:  {clip(safe(command_line(values)), _LONGEST_LINE)}",)


def command_line(values: Values) -> str:
    """Return the same as a line for a shell."""
    words = ["daytona-tui", "run-once"]
    for key in (*_ORDERED, "repo", "preview", "timeout", "command"):
        said = values.get(key, "")
        for each in said if isinstance(said, tuple) else (str(said),) if said else ():
            # The value of a variable may be a secret; the name alone takes it from the shell that runs the line.
            shown = each.partition("=")[0] if key == "env" else without_login(each) if key == "repo" else each
            words += [f"--{key}", shown]
    return shlex.join(words)
