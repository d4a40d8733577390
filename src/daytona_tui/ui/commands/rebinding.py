"""Keys of one's own: what the settings say of keys, checked against the commands and against one another.

Whatever cannot be done is told, the command in question keeps its usual keys, and everything else is carried out.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, REPLACED_KEYS, Keys, key_to_character

from daytona_tui.presentation.keymap import UNBOUND, Keymap, key_label
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.catalog import COMMANDS
from daytona_tui.ui.widgets.rows_view import RowsView

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})
_NAMED = frozenset(key.value for key in Keys if "+" not in key.value and not key.value.startswith("<"))


class NoSuchKeyError(ValueError):
    """What was written is no key; the text says what it is."""


def keymap_of(overrides: Mapping[str, object], commands: Sequence[Command] = COMMANDS) -> Keymap:
    """Return the keys of this run.

    Args:
        overrides: by command id a key or several, as a text with commas or as a list; empty takes the key away.
        commands: what keys can be bound to.
    """
    known = {command.id: command for command in commands}
    problems: list[str] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for command_id, value in overrides.items():
        if command_id not in known:
            problems.append(_unknown(command_id, known))
            continue
        try:
            wanted[command_id] = keys_in(value)
        except NoSuchKeyError as error:
            problems.append(f"keys.{command_id}: {error}; {_keeps(known[command_id])}")
    problems += _drop_conflicts(wanted, known)
    keys = {command.id: wanted.get(command.id, _usual(command)) for command in commands}
    rebound = frozenset(key for key, value in wanted.items() if value != _usual(known[key]))
    return Keymap(MappingProxyType(keys), rebound, tuple(safe(problem) for problem in problems))


def _unknown(command_id: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(command_id, known, n=1)
    return f"keys.{command_id}: there is no such command" + (f"; is it {near[0]}?" if near else "")


def _keeps(command: Command) -> str:
    return f"{command.id} keeps {' and '.join(map(key_label, _usual(command)))}"


def _usual(command: Command) -> tuple[str, ...]:
    return tuple(key for key in command.key.split(",") if key and key != UNBOUND)


def keys_in(value: object) -> tuple[str, ...]:
    """Return the Textual names of the keys that somebody has written.

    Raises:
        NoSuchKeyError: one of them is no key.
    """
    if isinstance(value, str):
        words = [value] if value.strip() == "," else value.split(",")
    elif isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = value
    else:
        raise NoSuchKeyError("this is neither a key nor a list of keys")
    return tuple(dict.fromkeys(_key(word) for word in words if word == " " or word.strip()))


def _key(word: str) -> str:
    """Return the Textual name of a key that may be written as its character."""
    word = word.strip() or word
    *modifiers, name = word.split("+") if len(word) > 1 and not word.endswith("+") else (word,)
    if len(name) == 1:
        name = _name_of(name)
    character = key_to_character(REPLACED_KEYS.get(name, name))
    is_character = character is not None and character.isprintable()
    if not (is_character or name in _NAMED) or not set(modifiers) <= _MODIFIERS or name == Keys.Ignore.value:
        raise NoSuchKeyError(f"{word!r} is no key")
    if is_character and "shift" in modifiers and len(name) == 1:
        raise NoSuchKeyError(f"{word!r} is written {'+'.join([*(set(modifiers) - {'shift'}), name.upper()])!r}")
    return "+".join([*modifiers, name])


def _name_of(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _drop_conflicts(wanted: dict[str, tuple[str, ...]], known: Mapping[str, Command]) -> list[str]:
    """Take out of ``wanted`` what collides with a key that is in use, and return what was wrong.

    A command that falls back on its usual keys may collide anew, hence the repetition; it ends, because each round
    leaves one wish less.
    """
    problems = []
    while (conflict := _conflict(wanted, known)) is not None:
        command_id, problem = conflict
        del wanted[command_id]
        problems.append(f"{problem}; {_keeps(known[command_id])}")
    return problems


def _conflict(wanted: Mapping[str, tuple[str, ...]], known: Mapping[str, Command]) -> tuple[str, str] | None:
    moving = moving_keys()
    for command_id in reversed(tuple(wanted)):  # whoever is written first has the better right
        command = known[command_id]
        for key in wanted[command_id]:
            if key in _usual(command):
                continue
            if key in moving:
                return command_id, f"keys.{command_id}: {key_label(key)} belongs to every list ({moving[key]})"
            for other in known.values():
                others = wanted.get(other.id, _usual(other))
                if other is not command and key in others and meet(command, other):
                    return command_id, f"keys.{command_id}: {key_label(key)} is the key of {other.id} too"
    return None


def moving_keys() -> dict[str, str]:
    """Return what every list uses itself, and would therefore never reach a command."""
    bindings = [binding for binding in RowsView.BINDINGS if isinstance(binding, Binding)]
    return {key: binding.description.lower() for binding in bindings for key in binding.key.split(",")}


def meet(one: Command, other: Command) -> bool:
    """Return whether both can be asked for in the same place.

    The shelf is a dialog: what has a meaning everywhere else is out of reach there.
    """
    if Scope.SHELF in (one.scope, other.scope):
        return one.scope is other.scope
    return one.scope is other.scope or any(each.everywhere or each.scope is Scope.APP for each in (one, other))
