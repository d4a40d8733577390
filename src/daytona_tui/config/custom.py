"""What the settings file says under ``[[commands]]``: commands of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from daytona_tui.config import values
from daytona_tui.domain.custom_commands import CustomCommand, Place
from daytona_tui.errors import ConfigError

MOST_COMMANDS: Final = 100
SCOPES: Final = ("everywhere", "sandboxes", "files", "details", "console", "terminal", "logs", "tape", "tasks")
"""Where the key of a command can hold."""

_LONGEST_NAME: Final = 40
_LONGEST_LINE: Final = 4000


def custom_commands(tables: object, origin: str) -> tuple[CustomCommand, ...]:
    """Return the user's own commands.

    Args:
        tables: what the file has under ``commands``.
        origin: names the file in an error.

    Raises:
        ConfigError: an entry is malformed. Names the file, the command by its number and name, and the key.
    """
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ConfigError(f"{origin}: commands is not a list of tables", hint="each command begins with [[commands]]")
    if len(tables) > MOST_COMMANDS:
        raise ConfigError(f"{origin}: commands has {len(tables)} entries; {MOST_COMMANDS} are the most")
    return tuple(_command(table, number, origin) for number, table in enumerate(tables, 1))


def _command(table: Mapping[str, object], number: int, origin: str) -> CustomCommand:
    name = table.get("name")
    where = f"{origin}: commands, number {number}" + (f" ({name[:_LONGEST_NAME]!r})" if isinstance(name, str) else "")
    unknown = sorted(table.keys() - _PARSERS.keys())
    if unknown:
        raise ConfigError(f"{where}: there is no {unknown[0]!r}", hint=f"there can be {', '.join(_PARSERS)}")
    if "name" not in table:
        raise ConfigError(f"{where} has no name", hint='such as name = "Open in the editor"')
    if ("run" in table) == ("remote" in table):
        said = "has neither run nor remote" if "run" not in table else "has both run and remote"
        raise ConfigError(f"{where} {said}", hint="run is for this machine, remote for the sandbox")
    alone = next((key for key in ("reads", "wait") if "remote" in table and key in table), "")
    if alone:
        raise ConfigError(f"{where}: {alone} is for run, not for remote")
    given: dict[str, Any] = {}
    for key, value in table.items():
        try:
            given[key] = _PARSERS[key](value)
        except ValueError as error:
            raise ConfigError(f"{where}: {key} {error}") from error
    place = Place.LOCAL if "run" in given else Place.REMOTE
    return CustomCommand(
        number,
        given["name"],
        given["run" if place is Place.LOCAL else "remote"],
        place,
        key=given.get("key", ""),
        scope=given.get("scope", "everywhere"),
        confirm=given.get("confirm", False),
        background=given.get("background", False),
        on_marked=given.get("marked", False),
        only_reads=given.get("reads", False),
        waits=given.get("wait", True),
        help=given.get("help", ""),
    )


def _words(longest: int) -> Callable[[object], str]:
    def parse(value: object) -> str:
        words = values.text(value)
        if not words or len(words) > longest or not words.isprintable():
            raise ValueError(f"is not a text of 1 to {longest} ordinary characters")
        return words

    return parse


def _line(value: object) -> str:
    line = values.text(value)
    if not line or len(line) > _LONGEST_LINE or "\0" in line:
        raise ValueError(f"is not a line for a shell of 1 to {_LONGEST_LINE} characters")
    return line


def _scope(value: object) -> str:
    scope = values.text(value).lower()
    if scope not in SCOPES:
        raise ValueError(f"is not one of {', '.join(SCOPES)}")
    return scope


_PARSERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "name": _words(_LONGEST_NAME),
    "key": _words(_LONGEST_NAME),
    "scope": _scope,
    "run": _line,
    "remote": _line,
    "confirm": values.flag,
    "background": values.flag,
    "marked": values.flag,
    "reads": values.flag,
    "wait": values.flag,
    "help": _words(200),
}
